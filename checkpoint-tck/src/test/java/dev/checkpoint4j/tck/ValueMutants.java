package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Faults of what is stored: values that come back changed. */
final class ValueMutants {

  private ValueMutants() {}

  private static Mutant values(
      String name, UnaryOperator<@Nullable Object> change, String... killers) {
    return handleFault(name, good -> Faulty.values(good, change), killers);
  }

  /** A change of values of one type. */
  private static <T> Mutant values(
      String name, Class<T> type, UnaryOperator<@Nullable Object> change, String... killers) {
    return values(name, value -> type.isInstance(value) ? change.apply(value) : value, killers);
  }

  private static Mutant strings(String name, UnaryOperator<String> change, String... killers) {
    return values(name, String.class, value -> change.apply((String) value), killers);
  }

  private static Mutant keys(String name, UnaryOperator<String> change, String... killers) {
    return values(name, Map.class, value -> renamed((Map<?, ?>) value, change), killers);
  }

  private static Map<String, @Nullable Object> renamed(
      Map<?, ?> map, UnaryOperator<String> change) {
    Map<String, @Nullable Object> renamed = new LinkedHashMap<>();
    map.forEach((key, value) -> renamed.put(change.apply((String) key), value));
    return renamed;
  }

  private static int depth(@Nullable Object value) {
    int deepest = 0;
    if (value instanceof Map<?, ?> map) {
      for (Object nested : map.values()) {
        deepest = Math.max(deepest, depth(nested) + 1);
      }
    } else if (value instanceof List<?> list) {
      for (Object nested : list) {
        deepest = Math.max(deepest, depth(nested) + 1);
      }
    }
    return deepest;
  }

  private static @Nullable Object untagged(Map<?, ?> map) {
    return map.size() == 1 && map.get("$long") instanceof String text ? Long.valueOf(text) : map;
  }

  private static String latin(String text) {
    return new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1);
  }

  private static String utf8(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length);
  }

  private static Binary cut(Binary binary, int length) {
    byte[] bytes = binary.toByteArray();
    return bytes.length <= length ? binary : Binary.copyOf(Arrays.copyOf(bytes, length));
  }

  static List<Mutant> all() {
    return List.of(
        values(
            "bytes to string",
            Binary.class,
            value -> new String(((Binary) value).toByteArray(), StandardCharsets.UTF_8),
            "VAL-13",
            "VAL-01"),
        values(
            "bytes through a charset",
            Binary.class,
            value ->
                Binary.copyOf(
                    new String(((Binary) value).toByteArray(), StandardCharsets.UTF_8)
                        .getBytes(StandardCharsets.UTF_8)),
            "VAL-13",
            "LARGE-03"),
        values(
            "long to int",
            Long.class,
            value ->
                (Long) value == ((Long) value).intValue()
                    ? (Object) ((Long) value).intValue()
                    : value,
            "VAL-01",
            "VAL-03"),
        values(
            "long to double", Long.class, value -> (long) ((Long) value).doubleValue(), "VAL-03"),
        values(
            "big integer to long",
            BigInteger.class,
            value -> BigInteger.valueOf(((BigInteger) value).longValue()),
            "VAL-03"),
        values(
            "float precision",
            Double.class,
            value -> (double) ((Double) value).floatValue(),
            "VAL-02"),
        values(
            "negative zero lost",
            Double.class,
            value -> (Double) value == 0 ? (Object) 0.0 : value,
            "VAL-02"),
        values(
            "scale of decimals lost",
            BigDecimal.class,
            value -> ((BigDecimal) value).stripTrailingZeros(),
            "VAL-04"),
        values("empty map dropped", ValueMutants::withoutEmptyMaps, "VAL-06"),
        values("null dropped", ValueMutants::withoutNulls, "VAL-06"),
        strings("NUL cut", text -> cut(text, (text + "\0").indexOf('\0')), "VAL-05"),
        strings("non-ASCII mangled", ValueMutants::latin, "VAL-05", "LARGE-01"),
        strings("unpaired surrogates replaced", ValueMutants::utf8, "VAL-05"),
        strings("trailing spaces cut", String::stripTrailing, "VAL-05"),
        keys("keys trimmed", String::strip, "VAL-07"),
        keys("keys cut at 255", key -> cut(key, 255), "VAL-07"),
        handleFault(
            "key order lost",
            good ->
                Faulty.stored(
                    good,
                    checkpoint ->
                        checkpoint.toBuilder().values(new TreeMap<>(checkpoint.values())).build()),
            "VAL-08"),
        values(
            "nesting cut at 100",
            value ->
                (value instanceof Map || value instanceof List) && depth(value) == 100
                    ? "..."
                    : value,
            "VAL-09"),
        values("map that looks like a tag is read as one", ValueMutants::tagsRead, "VAL-10"),
        handleFault(
            "values that look like a tag are escaped once too often",
            good ->
                Faulty.stored(
                    good,
                    checkpoint ->
                        checkpoint.values().keySet().equals(Set.of("$long"))
                            ? checkpoint.toBuilder().values(Map.of("$$long", "5")).build()
                            : checkpoint),
            "VAL-11"),
        values(
            "instants in milliseconds",
            Instant.class,
            value -> ((Instant) value).truncatedTo(ChronoUnit.MILLIS),
            "VAL-12",
            "VAL-01"),
        handleFault(
            "attributes become strings",
            good ->
                Faulty.stored(
                    good,
                    checkpoint -> {
                      Map<String, @Nullable Object> texts = new LinkedHashMap<>();
                      checkpoint
                          .metadata()
                          .attributes()
                          .forEach((key, value) -> texts.put(key, String.valueOf(value)));
                      return checkpoint.toBuilder()
                          .metadata(Faulty.attributes(checkpoint.metadata(), texts))
                          .build();
                    }),
            "VAL-14"),
        handleFault(
            "time in milliseconds",
            good ->
                Faulty.stored(
                    good,
                    checkpoint ->
                        checkpoint.toBuilder()
                            .ts(checkpoint.ts().truncatedTo(ChronoUnit.MILLIS))
                            .build()),
            "VAL-15"),
        handleFault(
            "time before 1970 lost",
            good ->
                Faulty.stored(
                    good,
                    checkpoint ->
                        checkpoint.ts().isBefore(Instant.EPOCH)
                            ? checkpoint.toBuilder().ts(Instant.EPOCH).build()
                            : checkpoint),
            "VAL-15"),
        strings("value over 64 KB cut", text -> cut(text, 1 << 16), "LARGE-01", "LARGE-06"),
        strings("value over 10 MB cut", text -> cut(text, 10_000_000), "LARGE-02"),
        values(
            "bytes over 10 MB cut",
            Binary.class,
            value -> cut((Binary) value, 10_000_000),
            "LARGE-03"),
        handleFault(
            "more than 10,000 entries dropped",
            good ->
                Faulty.stored(
                    good,
                    checkpoint ->
                        checkpoint.values().size() <= 10_000
                            ? checkpoint
                            : checkpoint.toBuilder().values(Map.of()).build()),
            "LARGE-04"),
        handleFault(
            "attribute over 32 KB dropped",
            good ->
                Faulty.stored(
                    good,
                    checkpoint ->
                        checkpoint.toBuilder()
                            .metadata(
                                Faulty.attributes(
                                    checkpoint.metadata(),
                                    withoutLongStrings(checkpoint.metadata().attributes())))
                            .build()),
            "LARGE-05"),
        handleFault(
            "neighbour of a large checkpoint lost",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      boolean behindLarge =
                          storage
                              .getBySession(checkpoint.sessionKey())
                              .filter(ValueMutants::isLarge)
                              .isPresent();
                      storage.put(
                          behindLarge
                              ? checkpoint.toBuilder().values(Map.of()).build()
                              : checkpoint,
                          Expectation.any());
                    }),
            "LARGE-06"));
  }

  private static boolean isLarge(Checkpoint checkpoint) {
    return checkpoint.values().get("text") instanceof String text && text.length() > 1 << 16;
  }

  private static Map<String, @Nullable Object> withoutLongStrings(
      Map<String, @Nullable Object> attributes) {
    Map<String, @Nullable Object> kept = new LinkedHashMap<>(attributes);
    kept.values().removeIf(value -> value instanceof String text && text.length() > 1 << 15);
    return kept;
  }

  private static @Nullable Object withoutEmptyMaps(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      return value;
    }
    Map<String, @Nullable Object> kept = renamed(map, UnaryOperator.identity());
    kept.values().removeIf(nested -> nested instanceof Map<?, ?> empty && empty.isEmpty());
    return kept;
  }

  private static @Nullable Object withoutNulls(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      return value;
    }
    Map<String, @Nullable Object> kept = renamed(map, UnaryOperator.identity());
    kept.values().removeIf(nested -> nested == null);
    return kept;
  }

  private static @Nullable Object tagsRead(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? untagged(map) : value;
  }
}
