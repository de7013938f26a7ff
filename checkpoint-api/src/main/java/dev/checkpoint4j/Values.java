package dev.checkpoint4j;

import dev.checkpoint4j.internal.Freezer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The values a checkpoint can hold, and helpers to derive the next values from the previous ones.
 *
 * <p>A value is {@code null}, or a {@link Boolean}, {@link String}, {@link Integer}, {@link Long},
 * {@link java.math.BigInteger}, {@link Double}, {@link java.math.BigDecimal}, {@link
 * java.time.Instant} of microseconds, {@link Binary}, a {@link List} of values, or a {@link Map}
 * with {@link String} keys and values as its values. Maps and lists nest up to 500 levels, the map
 * of values included. These types are read back as they were written, from every backend.
 *
 * <p>Narrower inputs are normalised when the checkpoint is created: {@link Byte} and {@link Short}
 * to {@link Integer}, {@link Float} to {@link Double}, {@link Character} and {@link CharSequence}
 * to {@link String}, {@code byte[]} and {@link java.nio.ByteBuffer} to {@link Binary}, any other
 * array to a {@link List}, an instant to microseconds (rounded down). Anything else is refused with
 * an {@link dev.checkpoint4j.error.UnsupportedValueException}.
 *
 * <p>Values that were frozen before are shared, not copied: deriving the next checkpoint costs what
 * changed, not what it holds.
 */
public final class Values {

  private Values() {}

  /**
   * A deeply immutable, normalised copy that keeps the order of keys. What is frozen already is
   * returned as it is.
   *
   * @throws dev.checkpoint4j.error.UnsupportedValueException if a value is of no supported type;
   *     the message holds its path, which starts with {@code values}
   */
  public static Map<String, @Nullable Object> freeze(Map<String, ? extends @Nullable Object> map) {
    return Freezer.freeze("values", Objects.requireNonNull(map, "map"));
  }

  /** A copy of {@code map} in which {@code key} has {@code value}; {@code map} stays as it is. */
  public static Map<String, @Nullable Object> with(
      Map<String, ? extends @Nullable Object> map, String key, @Nullable Object value) {
    Map<String, @Nullable Object> copy = mutableCopy(map);
    copy.put(Objects.requireNonNull(key, "key"), value);
    return copy;
  }

  /** A copy of {@code map} without {@code key}; {@code map} stays as it is. */
  public static Map<String, @Nullable Object> without(
      Map<String, ? extends @Nullable Object> map, String key) {
    Map<String, @Nullable Object> copy = mutableCopy(map);
    copy.remove(Objects.requireNonNull(key, "key"));
    return copy;
  }

  /**
   * A copy of {@code map} in which {@code element} is appended to the list at {@code key}; an
   * absent or {@code null} entry counts as an empty list.
   *
   * @throws IllegalArgumentException if the entry is not a list
   */
  public static Map<String, @Nullable Object> append(
      Map<String, ? extends @Nullable Object> map, String key, @Nullable Object element) {
    Objects.requireNonNull(map, "map");
    Object present = map.get(Objects.requireNonNull(key, "key"));
    if (present != null && !(present instanceof List<?>)) {
      throw new IllegalArgumentException(
          "the entry to append to is a " + present.getClass().getName() + ", not a List");
    }
    List<@Nullable Object> list = new ArrayList<>(present == null ? List.of() : (List<?>) present);
    list.add(element);
    return with(map, key, list);
  }

  /** A copy that may be changed. Nested maps and lists are not copied and stay immutable. */
  public static Map<String, @Nullable Object> mutableCopy(
      Map<String, ? extends @Nullable Object> map) {
    return new LinkedHashMap<>(Objects.requireNonNull(map, "map"));
  }
}
