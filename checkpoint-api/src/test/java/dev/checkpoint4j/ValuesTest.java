package dev.checkpoint4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.error.UnsupportedValueException;
import java.io.File;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of values when they are frozen. */
class ValuesTest {

  private record Point(int x, int y) {}

  /** Mutable, as a subclass of a number class that is not final can be. */
  private static final class MutableInteger extends BigInteger {

    private static final long serialVersionUID = 1;

    MutableInteger() {
      super("7");
    }
  }

  private static final class MutableDecimal extends BigDecimal {

    private static final long serialVersionUID = 1;

    MutableDecimal() {
      super("7.0");
    }
  }

  static Stream<Arguments> normalised() {
    return Stream.of(
        Arguments.of((byte) -1, -1),
        Arguments.of((short) 300, 300),
        Arguments.of(1.5f, 1.5),
        Arguments.of('x', "x"),
        Arguments.of('\uD800', "\uD800"),
        Arguments.of(CharBuffer.wrap("text"), "text"),
        Arguments.of(new MutableInteger(), BigInteger.valueOf(7)),
        Arguments.of(new MutableDecimal(), new BigDecimal("7.0")),
        Arguments.of(new byte[] {1, 2}, Binary.copyOf(new byte[] {1, 2})),
        Arguments.of(ByteBuffer.wrap(new byte[] {1, 2}), Binary.copyOf(new byte[] {1, 2})),
        Arguments.of(new int[] {1, 2}, List.of(1, 2)),
        Arguments.of(new short[] {1}, List.of(1)),
        Arguments.of(new long[] {1}, List.of(1L)),
        Arguments.of(new float[] {1}, List.of(1.0)),
        Arguments.of(new double[] {1}, List.of(1.0)),
        Arguments.of(new boolean[] {true}, List.of(true)),
        Arguments.of(new char[] {'a'}, List.of("a")),
        Arguments.of(new Object[] {null, new int[0]}, Arrays.asList(null, List.of())),
        Arguments.of(Instant.ofEpochSecond(0, 1_999), Instant.ofEpochSecond(0, 1_000)),
        Arguments.of(
            Instant.ofEpochSecond(-1, 999_999_999), Instant.ofEpochSecond(-1, 999_999_000)),
        Arguments.of(Instant.MIN, Instant.MIN),
        Arguments.of(Instant.MAX, Instant.MAX.minusNanos(999)));
  }

  @ParameterizedTest
  @MethodSource
  void normalised(Object input, Object expected) {
    Object frozen = freeze(input);
    assertThat(frozen).isEqualTo(expected);
    if (!(expected instanceof List<?>)) {
      assertThat(frozen).hasSameClassAs(expected);
    }
  }

  @Test
  void typesOfCheckpointsStayAsTheyAre() {
    for (Object value :
        List.of(
            true,
            "text",
            1,
            1L,
            BigInteger.TEN,
            1.0,
            Double.NaN,
            new BigDecimal("1.50"),
            Instant.EPOCH,
            Binary.copyOf(new byte[0]))) {
      assertThat(freeze(value)).isEqualTo(value).hasSameClassAs(value);
    }
    assertThat(freeze(null)).isNull();
  }

  @Test
  void keysKeepTheirOrder() {
    Map<String, Object> values = new LinkedHashMap<>();
    for (String key : List.of("z", "a", "", "m", "\uD800")) {
      values.put(key, 1);
    }
    assertThat(Values.freeze(values).keySet()).containsExactly("z", "a", "", "m", "\uD800");
  }

  @Test
  void frozenValuesRefuseEveryChange() {
    Map<String, @Nullable Object> frozen =
        Values.freeze(Map.of("list", List.of(2, 1), "map", Map.of("k", 1)));
    List<@Nullable Object> list = listAt(frozen, "list");
    Map<String, @Nullable Object> map = mapAt(frozen, "map");
    Stream.<Runnable>of(
            () -> map.put("k", 2),
            () -> map.put("new", 2),
            () -> map.remove("k"),
            () -> map.remove("k", 1),
            () -> map.clear(),
            () -> map.putAll(Map.of("k", 2)),
            () -> map.putIfAbsent("new", 2),
            () -> map.replace("k", 2),
            () -> map.replaceAll((key, value) -> 2),
            () -> map.merge("k", 1, (a, b) -> 2),
            () -> map.compute("k", (key, value) -> 2),
            () -> map.keySet().remove("k"),
            () -> map.keySet().iterator().remove(),
            () -> map.values().remove(1),
            () -> map.values().clear(),
            () -> map.entrySet().clear(),
            () -> map.entrySet().iterator().next().setValue(2),
            () -> map.entrySet().stream().forEach(entry -> entry.setValue(2)),
            () -> list.add(3),
            () -> list.set(0, 3),
            () -> list.remove(0),
            () -> list.clear(),
            () -> list.addAll(List.of(3)),
            () -> list.sort(null),
            () -> list.replaceAll(element -> 3),
            () -> list.removeIf(element -> true),
            () -> list.subList(0, 1).clear(),
            () -> list.subList(0, 1).set(0, 3),
            () -> list.listIterator().add(3),
            () -> Collections.swap(list, 0, 1))
        .forEach(ValuesTest::refuses);
    list.toArray()[0] = 3;
    assertThat(frozen).isEqualTo(Map.of("list", List.of(2, 1), "map", Map.of("k", 1)));
  }

  private static void refuses(Runnable change) {
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(change::run);
  }

  @Test
  void frozenContainersEqualOrdinaryOnes() {
    Map<String, @Nullable Object> frozen = Values.freeze(Map.of("a", List.of(1, Map.of())));
    Map<String, Object> ordinary = Map.of("a", List.of(1, Map.of()));
    assertThat(frozen).isEqualTo(ordinary).hasSameHashCodeAs(ordinary);
    assertThat(ordinary).isEqualTo(frozen);
    assertThat(frozen.toString()).isEqualTo(ordinary.toString());
    assertThat(frozen.containsKey("a")).isTrue();
    assertThat(frozen.containsKey("b")).isFalse();
  }

  @SuppressWarnings("JavaUtilDate") // What is refused.
  static Stream<Arguments> refused() {
    Supplier<String> lambda = () -> "";
    return Stream.of(
        Arguments.of(new Date(0), "java.util.Date is not supported; use Instant"),
        Arguments.of(OffsetDateTime.MIN, "java.time.OffsetDateTime is not supported; use Instant"),
        Arguments.of(LocalDate.EPOCH, "java.time.LocalDate is not supported; use its toString()"),
        Arguments.of(new UUID(0, 0), "java.util.UUID is not supported; use its toString()"),
        Arguments.of(Collections.emptySet(), "is not supported; use a List"),
        Arguments.of(new ArrayDeque<>(), "ArrayDeque is not supported; use a List"),
        Arguments.of(
            Optional.of(1), "java.util.Optional is not supported; use the value itself, or null"),
        Arguments.of(
            TimeUnit.DAYS, "java.util.concurrent.TimeUnit is not supported; use its name()"),
        Arguments.of(
            new Point(1, 2),
            "dev.checkpoint4j.ValuesTest$Point is not supported; use a Map of its components"),
        Arguments.of(new Object(), "java.lang.Object is not supported; use a Map of its fields"),
        Arguments.of(
            new AtomicInteger(1),
            "java.util.concurrent.atomic.AtomicInteger is not supported; use Integer, Long,"
                + " BigInteger, Double or BigDecimal"),
        Arguments.of(
            lambda, "a lambda or hidden class is not supported; use a name that your program"),
        Arguments.of(Stream.of(1), "is not supported; use a List of its elements"),
        Arguments.of(List.of(1).iterator(), "is not supported; use a List of its elements"),
        Arguments.of(Collections.emptyEnumeration(), "use a List of its elements"),
        Arguments.of(OptionalInt.of(1), "use the value itself, or null"),
        Arguments.of(CompletableFuture.completedFuture(1), "use its result, when there is one"),
        Arguments.of(Path.of("a"), "is not supported; use its toString()"),
        Arguments.of(new File("a"), "java.io.File is not supported; use its toString()"),
        Arguments.of(String.class, "java.lang.Class is not supported; use its getName()"),
        Arguments.of(InputStream.nullInputStream(), "use what it was opened on"),
        Arguments.of(
            Map.of(1, 2), "a key of type java.lang.Integer is not supported; use a String"),
        Arguments.of(
            Collections.singletonMap(null, 1),
            "a key of type null is not supported; use a String"));
  }

  @ParameterizedTest
  @MethodSource
  void refused(Object value, String message) {
    assertThatExceptionOfType(UnsupportedValueException.class)
        .isThrownBy(() -> freeze(value))
        .withMessageContaining(message)
        .withMessageStartingWith("values.value");
  }

  @Test
  @SuppressWarnings("JavaUtilDate") // What is refused.
  void theMessageHoldsThePathTheClassAndTheRemedy() {
    Map<String, Object> values =
        Map.of("agent", Map.of("tools", List.of("a", "b", "c", new Date(0))));
    assertThatExceptionOfType(UnsupportedValueException.class)
        .isThrownBy(() -> Values.freeze(values))
        .withMessage("values.agent.tools[3]: java.util.Date is not supported; use Instant")
        .satisfies(e -> assertThat(e.path()).isEqualTo("values.agent.tools[3]"));
    assertThatExceptionOfType(UnsupportedValueException.class)
        .isThrownBy(
            () -> CheckpointMetadata.builder("s").attribute("tags", Set.of("secret")).build())
        .withMessageStartingWith("attributes.tags: ")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  @Test
  void keysThatAreNoNamesAreQuotedInThePath() {
    assertThat(pathOf(Map.of("a b", Map.of("", new Object())))).isEqualTo("values[\"a b\"][\"\"]");
    assertThat(pathOf(Map.of("a\nb", new Object()))).isEqualTo("values[\"a\\u000ab\"]");
    assertThat(pathOf(Map.of("a\0b", new Object()))).isEqualTo("values[\"a\\u0000b\"]");
    assertThat(pathOf(Map.of("k".repeat(100), new Object())))
        .isEqualTo("values." + "k".repeat(57) + "...");
  }

  @Test
  void aLongPathIsShortenedInTheMiddle() {
    Object value = new Object();
    for (int i = 100; i > 0; i--) {
      value = Map.of("k" + i, value);
    }
    assertThat(pathOf(Map.of("k0", value)))
        .startsWith("values.k0.k1.")
        .contains(".k11....k89.")
        .endsWith(".k99.k100");
  }

  private static String pathOf(Map<String, Object> values) {
    try {
      return "nothing refused: " + Values.freeze(values);
    } catch (UnsupportedValueException e) {
      return e.path();
    }
  }

  @Test
  void cyclesAreRefused() {
    List<Object> list = new ArrayList<>();
    list.add(Map.of("back", list));
    assertThatExceptionOfType(UnsupportedValueException.class)
        .isThrownBy(() -> freeze(list))
        .withMessageContaining("the value contains itself; replace the cycle by an id");
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("self", map);
    assertThatExceptionOfType(UnsupportedValueException.class)
        .isThrownBy(() -> Values.freeze(map))
        .withMessageContaining("the value contains itself");
  }

  @Test
  void fiveHundredLevelsAreAllowedAndNoMore() {
    assertThat(Values.freeze(nested(500))).isEqualTo(nested(500));
    assertThatExceptionOfType(UnsupportedValueException.class)
        .isThrownBy(() -> Values.freeze(nested(501)))
        .withMessageContaining("nesting is deeper than 500 levels; flatten the value");
    assertThatExceptionOfType(UnsupportedValueException.class)
        .as("frozen parts count with their own levels")
        .isThrownBy(() -> Values.freeze(Map.of("k", Values.freeze(nested(500)))))
        .withMessageContaining("nesting is deeper than 500 levels");
    assertThat(Values.freeze(Map.of("k", Values.freeze(nested(499))))).isEqualTo(nested(500));
    assertThatExceptionOfType(UnsupportedValueException.class)
        .isThrownBy(() -> Values.freeze(nested(100_000)))
        .withMessageContaining("nesting is deeper than 500 levels");
  }

  private static Map<String, Object> nested(int levels) {
    Map<String, Object> map = Map.of("k", 1);
    for (int level = 1; level < levels; level++) {
      map = Map.of("k", map);
    }
    return map;
  }

  private static @Nullable Object freeze(@Nullable Object value) {
    return Values.freeze(Collections.singletonMap("value", value)).get("value");
  }

  @SuppressWarnings("unchecked") // The caller put it there.
  private static List<@Nullable Object> listAt(Map<String, @Nullable Object> map, String key) {
    return (List<@Nullable Object>) Objects.requireNonNull(map.get(key));
  }

  @SuppressWarnings("unchecked") // The caller put it there.
  private static Map<String, @Nullable Object> mapAt(
      Map<String, @Nullable Object> map, String key) {
    return (Map<String, @Nullable Object>) Objects.requireNonNull(map.get(key));
  }
}
