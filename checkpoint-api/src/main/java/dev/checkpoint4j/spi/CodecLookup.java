package dev.checkpoint4j.spi;

import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * Finds the codec of a store whose builder was given none. Safe for use by several threads.
 *
 * <pre>{@code
 * List<String> problems = CodecLookup.problems();
 * CheckpointCodec codec = CodecLookup.find();
 * }</pre>
 */
public final class CodecLookup {

  private CodecLookup() {}

  /** What prevents {@link #find()}, for the exception that lists all problems; empty if nothing. */
  public static List<String> problems() {
    int found;
    try {
      found = codecs().size();
    } catch (ServiceConfigurationError | LinkageError e) {
      return List.of("the codec cannot be loaded: " + rootOf(e));
    }
    return found == 1
        ? List.of()
        : List.of(
            found
                + " codecs are registered for ServiceLoader; have"
                + " dev.checkpoint4j:checkpoint-core on the class path, which brings one, or set a"
                + " codec");
  }

  /**
   * Returns the one codec that {@link ServiceLoader} finds.
   *
   * @throws IllegalStateException if there is none, or several, or one cannot be loaded
   */
  public static CheckpointCodec find() {
    List<String> problems = problems();
    if (!problems.isEmpty()) {
      throw new IllegalStateException(problems.get(0));
    }
    return codecs().get(0);
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static List<CheckpointCodec> codecs() {
    return ServiceLoader.load(CheckpointCodec.class).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }
}
