package dev.checkpoint4j.spi;

import java.util.List;
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
    int found = codecs().size();
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
   * @throws IllegalStateException if there is none, or several
   */
  public static CheckpointCodec find() {
    List<CheckpointCodec> found = codecs();
    if (found.size() != 1) {
      throw new IllegalStateException(problems().get(0));
    }
    return found.get(0);
  }

  private static List<CheckpointCodec> codecs() {
    return ServiceLoader.load(CheckpointCodec.class).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }
}
