package dev.checkpoint4j.error;

import dev.checkpoint4j.Checkpoint;

/**
 * A put was refused because its version is not greater than the latest version of the session:
 * another writer was faster. Nothing was changed. Read the latest checkpoint again and derive the
 * next one from it, or use {@code CheckpointRepository.update}, which does.
 */
public final class VersionConflictException extends CheckpointException {

  private static final long serialVersionUID = 1;

  private final long version;
  private final long latestVersion;

  /** Says that {@code refused} was not stored since the session is at {@code latestVersion}. */
  public VersionConflictException(String backendId, Checkpoint refused, long latestVersion) {
    super(
        "version "
            + refused.version()
            + " is not greater than the latest stored version "
            + latestVersion
            + "; nothing was changed. Read the latest checkpoint and derive the next one from it",
        ErrorContext.of(backendId, "put").checkpoint(refused),
        null);
    this.version = refused.version();
    this.latestVersion = latestVersion;
  }

  /** The version that was refused. */
  public long version() {
    return version;
  }

  /** The latest version of the session at the moment of the refusal. */
  public long latestVersion() {
    return latestVersion;
  }
}
