package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.CheckpointCodec;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where the store of one test lives. Every test gets a scope of its own, and a store opened with it
 * starts empty; handles opened with the same scope share a store.
 */
public final class TckScope {

  private final Path location;
  private final String name;
  private @Nullable ProbeCodec codec;

  TckScope(Path location, String name) {
    this.location = location;
    this.name = name;
  }

  /** An empty directory that is deleted after the test. */
  public Path location() {
    return location;
  }

  /**
   * A lower-case letter followed by lower-case letters and digits, 12 in all: for a prefix of
   * tables, keys or file names. New for every test of every run, also when the seed is given, so
   * that nothing of an earlier run is met.
   */
  public String name() {
    return name;
  }

  /** Where the rules put what they put; some add an end to it for further namespaces. */
  String namespace() {
    return "tck-" + name;
  }

  /**
   * The codec that the store has to use if it keeps bytes: the one {@link ServiceLoader} finds,
   * wrapped so that rules can see it used and make it fail.
   *
   * @throws IllegalStateException if not exactly one codec is found
   */
  public CheckpointCodec codec() {
    return probe();
  }

  /** Whether a backend asked for the codec and encoded or decoded something with it. */
  synchronized boolean isCodecUsed() {
    return codec != null && codec.isUsed();
  }

  synchronized ProbeCodec probe() {
    if (codec == null) {
      codec = new ProbeCodec(findCodec());
    }
    return codec;
  }

  static CheckpointCodec findCodec() {
    List<CheckpointCodec> found =
        ServiceLoader.load(CheckpointCodec.class).stream()
            .map(ServiceLoader.Provider::get)
            .toList();
    if (found.isEmpty()) {
      throw new IllegalStateException(
          "no CheckpointCodec is on the class path; add dev.checkpoint4j:checkpoint-core with test"
              + " scope");
    }
    if (found.size() > 1) {
      throw new IllegalStateException(
          found.stream()
              .map(codec -> codec.getClass().getName())
              .collect(
                  Collectors.joining(
                      ", ",
                      "several CheckpointCodecs are registered for ServiceLoader: ",
                      "; leave one of them on the test class path")));
    }
    return found.get(0);
  }

  @Override
  public String toString() {
    return "TckScope[name=" + name + ", location=" + location + "]";
  }
}
