package dev.checkpoint4j.core;

import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;

/**
 * Opens repositories, and verifies stores.
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

  /**
   * Verifies the store that a URL names, without opening it: short for {@code
   * builder().url(url).verify(VerificationOptions.defaults())}. Reads all of the store and changes
   * nothing. The store may be in use, or too damaged to be opened.
   *
   * <pre>{@code
   * VerificationReport report = Checkpoints.verify("file:./state");
   * report.findings().forEach(System.err::println);
   * }</pre>
   *
   * @throws UnsupportedOperationException if the backend cannot verify its stores
   * @throws dev.checkpoint4j.error.BackendNotFoundException if no backend serves the scheme; names
   *     the artifact to add
   * @throws dev.checkpoint4j.error.BackendConfigurationException if the URL, the options or the
   *     class path are wrong, or there is no store; lists all problems
   * @throws dev.checkpoint4j.error.CheckpointException if the medium cannot be read
   * @see CheckpointRepositoryBuilder#verify
   */
  public static VerificationReport verify(String url) {
    return builder().url(url).verify(VerificationOptions.defaults());
  }

  /** Starts a repository whose parts are chosen one by one. */
  public static CheckpointRepositoryBuilder builder() {
    return new CheckpointRepositoryBuilder();
  }
}
