package dev.checkpoint4j.cli;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointRepository;
import java.nio.file.Files;
import picocli.CommandLine.Option;

/** A command that reads one namespace of one store. */
abstract class RepositoryCommand extends StoreCommand {

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      defaultValue = Checkpoint.DEFAULT_NAMESPACE,
      description = "The namespace to look into (default: ${DEFAULT-VALUE}).")
  private String namespace = Checkpoint.DEFAULT_NAMESPACE;

  @Override
  public final Integer call() {
    StoreAddress store = existing(store());
    try (CheckpointRepository repository = argument(store::open)) {
      return run(argument(() -> repository.namespace(namespace)));
    }
  }

  /** To open a store makes what is missing of it, which is not what a typing error should do. */
  private StoreAddress existing(StoreAddress store) {
    String url = store.url();
    FileUrl.folder(url)
        .or(() -> argument(() -> JdbcUrl.file(url)))
        .filter(path -> !Files.exists(path))
        .ifPresent(
            path -> {
              throw new CommandFailedException(
                  ExitCode.STORE, "there is no store: '" + path + "' does not exist");
            });
    return JdbcUrl.isOne(url) ? store.withDefault("schemaMode", "validate") : store;
  }

  abstract int run(CheckpointRepository repository);
}
