package dev.checkpoint4j.core;

import dev.checkpoint4j.CheckpointRepository;

/**
 * Opens repositories.
 *
 * <pre>{@code
 * try (CheckpointRepository repository = Checkpoints.open("file:./state")) {
 *   repository.save("session-123", Map.of("step", 1, "score", 100));
 *   Checkpoint latest = repository.getBySession("session-123").orElseThrow();
 * }
 * }</pre>
 */
public final class Checkpoints {

  private Checkpoints() {}

  /**
   * Opens the store that a URL names, for the default namespace: short for {@code
   * builder().url(url).build()}. May do I/O.
   *
   * @param url the scheme of a backend on the class path, where it is, and its options; for example
   *     {@code memory:}, {@code file:./state}
   * @throws dev.checkpoint4j.error.BackendNotFoundException if no backend serves the scheme; names
   *     the artifact to add
   * @throws dev.checkpoint4j.error.BackendConfigurationException if the URL, the options or the
   *     class path are wrong; lists all problems
   * @throws dev.checkpoint4j.error.CheckpointException if the medium cannot be reached
   */
  public static CheckpointRepository open(String url) {
    return builder().url(url).build();
  }

  /** Starts a repository whose parts are chosen one by one. */
  public static CheckpointRepositoryBuilder builder() {
    return new CheckpointRepositoryBuilder();
  }
}
