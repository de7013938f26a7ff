package dev.checkpoint4j.error;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;

/**
 * A put was refused because another writer was faster: the version is not greater than the latest
 * version of the session, or the session does not meet the {@link Expectation} of the put. Nothing
 * was changed. Read the latest checkpoint again and derive the next one from it, or use {@code
 * CheckpointRepository.update}, which does.
 */
public final class VersionConflictException extends CheckpointException {

  private static final long serialVersionUID = 1;

  private final long version;
  private final long latestVersion;

  /**
   * Says that {@code refused} was not stored.
   *
   * @param latestVersion the latest version of the session; 0 if it holds no checkpoint
   */
  public VersionConflictException(
      String backendId, Checkpoint refused, Expectation expectation, long latestVersion) {
    super(
        reason(refused, expectation, latestVersion)
            + "; nothing was changed. Read the latest checkpoint and derive the next one from it",
        ErrorContext.of(backendId, "put").checkpoint(refused),
        null);
    this.version = refused.version();
    this.latestVersion = latestVersion;
  }

  private static String reason(Checkpoint refused, Expectation expectation, long latestVersion) {
    if (latestVersion >= refused.version()) {
      return "version "
          + refused.version()
          + " is not greater than the latest stored version "
          + latestVersion;
    }
    String expected =
        expectation
            .latestId()
            .map(id -> "the latest checkpoint was expected to be '" + id + "'")
            .orElse("no checkpoint was expected");
    return latestVersion == 0
        ? expected + ", but the session holds none"
        : expected + ", but the latest stored is another one, version " + latestVersion;
  }

  /** The version that was refused. */
  public long version() {
    return version;
  }

  /**
   * The latest version of the session at the moment of the refusal; 0 if the session held no
   * checkpoint, which only {@link Expectation#latestIs} refuses.
   */
  public long latestVersion() {
    return latestVersion;
  }
}
