package dev.checkpoint4j.tck;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Content that comes back as other content, on one path only. */
final class ContentFaults {

  private static final int KINDS_OF_A_PATH = 4;

  /** What happens to a value, at any depth; containers after their content. */
  private record Kind(String name, UnaryOperator<@Nullable Object> change) {}

  /** Where in a checkpoint it happens. */
  private record Place(
      String name, BiFunction<Checkpoint, UnaryOperator<@Nullable Object>, Checkpoint> apply) {}

  private static final List<Place> PLACES =
      List.of(
          new Place("values", RetryFaults::withValues),
          new Place("attributes", RetryFaults::changeAttributes));

  private static final List<Kind> KINDS =
      List.of(
          of("doubles as floats", Double.class, number -> (double) number.floatValue()),
          of("whole doubles as integers", Double.class, ContentFaults::whole),
          of("no negative zero", Double.class, number -> number == 0 ? 0.0 : number),
          of("doubles of 15 digits", Double.class, ContentFaults::digits),
          of("NaN as null", Double.class, number -> number.isNaN() ? null : number),
          of("longs as doubles", Long.class, number -> (long) number.doubleValue()),
          of("small longs as integers", Long.class, ContentFaults::small),
          of("integers as longs", Integer.class, Integer::longValue),
          of("decimals without trailing zeros", BigDecimal.class, BigDecimal::stripTrailingZeros),
          of(
              "decimals of 38 digits",
              BigDecimal.class,
              number -> number.round(new MathContext(38))),
          of("decimals in plain notation", BigDecimal.class, ContentFaults::plain),
          of(
              "small big integers as longs",
              BigInteger.class,
              number -> number.bitLength() < 64 ? number.longValue() : number),
          of("instants in milliseconds", Instant.class, ContentFaults::milliseconds),
          of("texts composed (NFC)", String.class, ContentFaults::composed),
          of("texts cut at NUL", String.class, text -> before(text, '\0')),
          of("line ends of Unix", String.class, text -> text.replace("\r\n", "\n")),
          of("no byte order mark", String.class, text -> text.replaceFirst("^\uFEFF", "")),
          of("unpaired surrogates as ?", String.class, ContentFaults::inUtf8),
          of("empty texts as null", String.class, text -> text.isEmpty() ? null : text),
          of("texts trimmed", String.class, String::strip),
          of("texts that are dates as instants", String.class, ContentFaults::asInstant),
          of("texts that are numbers as integers", String.class, ContentFaults::asInteger),
          of("texts true and false as booleans", String.class, ContentFaults::asBoolean),
          of("texts of more than 32,766 bytes dropped", String.class, ContentFaults::asTerm),
          of("bytes as texts", Binary.class, ContentFaults::asText),
          of("empty bytes as null", Binary.class, bytes -> bytes.size() == 0 ? null : bytes),
          ofList("no nulls in lists", ContentFaults::withoutNulls),
          ofList("lists of one element unwrapped", ContentFaults::unwrapped),
          ofList("empty lists as null", list -> list.isEmpty() ? null : list),
          ofList("lists as sets", list -> new ArrayList<Object>(new LinkedHashSet<Object>(list))),
          ofList("nested lists flattened", ContentFaults::flattened),
          ofMap("empty maps as empty lists", map -> map.isEmpty() ? List.of() : map),
          ofMap("keys sorted", map -> new TreeMap<Object, @Nullable Object>(map)),
          ofMap("keys with a dot dropped", map -> without(map, ".")),
          ofMap("keys with a dollar sign dropped", map -> without(map, "$")),
          ofMap("maps with the keys 0 and 1 as lists", ContentFaults::asList),
          ofMap("no nulls in maps", ContentFaults::withoutNullEntries),
          ofMap("keys without case", ContentFaults::lowerCaseKeys));

  private ContentFaults() {}

  static List<GeneratedMutant> all() {
    List<GeneratedMutant> all = new ArrayList<>();
    int turn = 0;
    for (ReadPath path : ReadPath.values()) {
      for (Place place : PLACES) {
        if (path.isOfHeaders() && place.name().equals("values")) {
          continue;
        }
        for (int i = 0; i < KINDS_OF_A_PATH; i++) {
          Kind kind = KINDS.get(turn++ % KINDS.size());
          all.add(
              GeneratedMutant.of(
                  "content: " + kind.name(),
                  path.label(),
                  place.name(),
                  good -> path.changing(good, found -> place.apply().apply(found, kind.change()))));
        }
      }
    }
    return all;
  }

  private static <T> Kind of(
      String name, Class<T> type, Function<T, ? extends @Nullable Object> change) {
    return new Kind(name, value -> type.isInstance(value) ? change.apply(type.cast(value)) : value);
  }

  private static Kind ofList(String name, Function<List<?>, ? extends @Nullable Object> change) {
    return new Kind(name, value -> value instanceof List<?> list ? change.apply(list) : value);
  }

  private static Kind ofMap(String name, Function<Map<?, ?>, ? extends @Nullable Object> change) {
    return new Kind(name, value -> value instanceof Map<?, ?> map ? change.apply(map) : value);
  }

  private static Object whole(Double number) {
    return number == Math.rint(number) && Math.abs(number) < Integer.MAX_VALUE
        ? (Object) number.intValue()
        : number;
  }

  private static Double digits(Double number) {
    return Double.isFinite(number)
        ? Double.valueOf(String.format(Locale.ROOT, "%.14e", number))
        : number;
  }

  private static Object small(Long number) {
    return number == number.intValue() ? (Object) number.intValue() : number;
  }

  private static BigDecimal plain(BigDecimal number) {
    return Math.abs(number.scale()) < 10_000 ? new BigDecimal(number.toPlainString()) : number;
  }

  private static Instant milliseconds(Instant time) {
    return time.truncatedTo(ChronoUnit.MILLIS);
  }

  private static String composed(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC);
  }

  private static String before(String text, char end) {
    return text.indexOf(end) < 0 ? text : text.substring(0, text.indexOf(end));
  }

  private static String inUtf8(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private static Object asInstant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      return text;
    }
  }

  private static Object asInteger(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return text;
    }
  }

  private static Object asBoolean(String text) {
    return text.equals("true") || text.equals("false") ? (Object) text.equals("true") : text;
  }

  /** As an index that leaves out terms that are too long. */
  private static @Nullable Object asTerm(String text) {
    return text.length() > 10_000 && text.getBytes(StandardCharsets.UTF_8).length > 32_766
        ? null
        : text;
  }

  private static Object asText(Binary bytes) {
    return new String(bytes.toByteArray(), StandardCharsets.ISO_8859_1);
  }

  private static Object withoutNulls(List<?> list) {
    return list.stream().filter(each -> each != null).toList();
  }

  private static @Nullable Object unwrapped(List<?> list) {
    return list.size() == 1 ? list.get(0) : list;
  }

  private static Object flattened(List<?> list) {
    List<@Nullable Object> flat = new ArrayList<>();
    for (Object each : list) {
      if (each instanceof List<?> inner) {
        flat.addAll(inner);
      } else {
        flat.add(each);
      }
    }
    return flat;
  }

  private static Object without(Map<?, ?> map, String part) {
    Map<Object, @Nullable Object> left = new LinkedHashMap<>(map);
    left.keySet().removeIf(key -> ((String) key).contains(part));
    return left;
  }

  private static Object asList(Map<?, ?> map) {
    return map.keySet().equals(Set.of("0", "1")) ? Arrays.asList(map.get("0"), map.get("1")) : map;
  }

  private static Object withoutNullEntries(Map<?, ?> map) {
    Map<Object, @Nullable Object> left = new LinkedHashMap<>(map);
    left.values().removeIf(value -> value == null);
    return left;
  }

  private static Object lowerCaseKeys(Map<?, ?> map) {
    Map<Object, @Nullable Object> left = new LinkedHashMap<>();
    map.forEach((key, value) -> left.put(((String) key).toLowerCase(Locale.ROOT), value));
    return left;
  }
}
