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
    StoreAddress store = store();
    checkExists(store.url());
    try (CheckpointRepository repository = argument(store::open)) {
      return run(argument(() -> repository.namespace(namespace)));
    }
  }

  /** To open a file store makes its folder, which is not what a typing error should do. */
  private void checkExists(String url) {
    FileUrl.folder(url)
        .filter(folder -> !Files.exists(folder))
        .ifPresent(
            folder -> {
              throw new CommandFailedException(
                  ExitCode.STORE, "there is no store: the folder '" + folder + "' does not exist");
            });
  }

  abstract int run(CheckpointRepository repository);
}
