package dev.checkpoint4j.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values that get round the freezing of the API, as only its own package can make them. */
public final class LiveValues {

  /** Taken for frozen, and mutable all the same. */
  private static final class MutableMap extends LinkedHashMap<String, @Nullable Object>
      implements Frozen {
    private static final long serialVersionUID = 1;

    MutableMap(Map<String, @Nullable Object> entries) {
      super(entries);
    }

    @Override
    public int height() {
      return 1;
    }
  }

  private LiveValues() {}

  /** The values, in a map that changes when {@code entries} does. */
  public static Map<String, @Nullable Object> viewOf(
      LinkedHashMap<String, @Nullable Object> entries) {
    return new FrozenMap(entries, Freezer.MAX_DEPTH / 2);
  }

  /** A map that a reader can change. */
  public static Map<String, @Nullable Object> mutable(Map<String, @Nullable Object> entries) {
    return new MutableMap(entries);
  }
}
