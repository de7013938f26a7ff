package dev.checkpoint4j;

import java.util.Optional;

/**
 * Chooses the version of a checkpoint that a repository creates ({@code save}, {@code update},
 * {@code restore}, {@code fork}, {@code next}). Users extend versioning through it, for example to
 * number in steps of ten or by an external sequence. Implementations are safe for use by several
 * threads.
 */
@FunctionalInterface
public interface VersionPolicy {

  /**
   * The version of the checkpoint that follows {@code latest}, or of the first one if it is empty.
   * The result must be at least 1 and greater than the latest version; the repository refuses it
   * with an {@link IllegalStateException} otherwise.
   */
  long next(Optional<CheckpointHeader> latest);

  /**
   * One more than the latest version, starting with 1; an {@link IllegalArgumentException} after
   * {@link Long#MAX_VALUE}.
   */
  static VersionPolicy sequential() {
    return latest -> latest.map(header -> VersionUtils.next(header.version())).orElse(1L);
  }
}
