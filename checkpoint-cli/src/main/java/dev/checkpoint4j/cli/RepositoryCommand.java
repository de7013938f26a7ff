package dev.checkpoint4j.cli;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.cli.support.StoreAddress;
import dev.checkpoint4j.cli.support.StoreCommand;
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

  abstract int run(CheckpointRepository repository);
}
