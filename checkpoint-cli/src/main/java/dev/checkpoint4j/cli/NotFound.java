package dev.checkpoint4j.cli;

import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.cli.support.CommandFailedException;
import dev.checkpoint4j.cli.support.ExitCode;

/** What is said when there is nothing of that name. */
final class NotFound {

  private NotFound() {}

  static CommandFailedException session(CheckpointRepository repository, String sessionId) {
    return inNamespace(repository, "session '" + sessionId + "'");
  }

  static CommandFailedException version(
      CheckpointRepository repository, String sessionId, long version) {
    return inNamespace(repository, "version " + version + " of session '" + sessionId + "'");
  }

  static CommandFailedException id(CheckpointRepository repository, String id) {
    return inNamespace(repository, "checkpoint with id '" + id + "'");
  }

  private static CommandFailedException inNamespace(CheckpointRepository repository, String what) {
    return new CommandFailedException(
        ExitCode.NOT_FOUND_OR_UNVERIFIED,
        "there is no " + what + " in namespace '" + repository.namespace() + "'");
  }
}
