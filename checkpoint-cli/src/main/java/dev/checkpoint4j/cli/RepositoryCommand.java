package dev.checkpoint4j.cli;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.core.Checkpoints;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command that reads one namespace of one store. */
abstract class RepositoryCommand extends CliCommand {

  /** Where the URL may stand instead, since the arguments of a process are no place for secrets. */
  static final String STORE_VARIABLE = "CHECKPOINT_STORE";

  @Option(
      names = "--store",
      paramLabel = "URL",
      description =
          "The store, for example file:./state. Without it, the environment variable "
              + STORE_VARIABLE
              + " is used.")
  private @Nullable String store;

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      defaultValue = Checkpoint.DEFAULT_NAMESPACE,
      description = "The namespace to look into (default: ${DEFAULT-VALUE}).")
  private String namespace = Checkpoint.DEFAULT_NAMESPACE;

  @Override
  public final Integer call() {
    String url = store == null ? System.getenv(STORE_VARIABLE) : store;
    if (url == null) {
      throw wrongUsage("Missing required option: '--store=URL', or " + STORE_VARIABLE);
    }
    checkExists(url);
    try (CheckpointRepository repository = argument(() -> Checkpoints.open(url))) {
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
