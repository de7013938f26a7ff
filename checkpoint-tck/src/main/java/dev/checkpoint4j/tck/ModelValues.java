package dev.checkpoint4j.tck;

import dev.checkpoint4j.Binary;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Values that a medium may take for one another. */
enum ModelValues {
  PLAIN,
  ONE,
  ZERO_AND_ABSENCE,
  EMPTY,
  DECIMAL,
  BEYOND_DOUBLE,
  OVER_2_53,
  GREATEST,
  CHARACTERS,
  TIMES,
  BYTES,
  CONTAINERS,
  CONTAINERS_AS_OTHERS,
  ABSENCE_WITHIN,
  TYPES_AS_TEXTS,
  TIMES_AS_TEXTS,
  BYTES_AS_TEXTS,
  MANY_DIGITS,
  BEYOND_64_BITS,
  FLOATS,
  FRACTIONS_OF_SECONDS,
  LETTER_CASE,
  LINES_AND_MARKS,
  KEYS,
  FIRST_1024,
  FIRST_8192,
  FIRST_65536,
  LAST_ELEMENT,
  TAGS,
  /** As the names of the history. */
  NAMES,
  ANY;

  private static final int MANY = 1_024;

  /** Whether documents with the values are large. */
  boolean isLong() {
    return name().startsWith("FIRST_") || this == LAST_ELEMENT;
  }

  /** The values that may be confused; none if they are random. */
  List<@Nullable Object> group() {
    return content().toList();
  }

  List<@Nullable Object> pool(List<String> names, Random random) {
    List<@Nullable Object> pool = new ArrayList<>(content().toList());
    if (this == NAMES) {
      pool.addAll(names);
    }
    RandomValues any = new RandomValues(random);
    while (pool.size() < ModelTheme.POOL) {
      pool.add(any.value(2));
    }
    Collections.shuffle(pool, random);
    return pool;
  }

  private Stream<@Nullable Object> content() {
    return switch (this) {
      case PLAIN -> Stream.of(0, 1, 2, 3, 4, 5, 6, 7);
      case ONE ->
          Stream.of(1, 1L, BigInteger.ONE, 1.0, BigDecimal.ONE, new BigDecimal("1.00"), "1", true);
      case ZERO_AND_ABSENCE -> Stream.of(false, 0, 0L, 0.0, -0.0, new BigDecimal("0E+3"), "", null);
      case EMPTY ->
          Stream.of(List.of(), Map.of(), "", Binary.copyOf(new byte[0]), null, "null", 0, false);
      case DECIMAL ->
          Stream.of(
              0.1,
              new BigDecimal("0.1"),
              new BigDecimal("0.10"),
              new BigDecimal("0.1000000000000000000001"),
              "0.1",
              (double) 0.1f,
              new BigDecimal("1E-1"),
              new BigDecimal("1E-400"));
      case BEYOND_DOUBLE ->
          Stream.of(
              new BigDecimal("1E+400"),
              new BigDecimal("2E+400"),
              Double.POSITIVE_INFINITY,
              Double.NEGATIVE_INFINITY,
              Double.NaN,
              BigInteger.TEN.pow(400),
              BigInteger.TEN.pow(400).add(BigInteger.ONE),
              "Infinity");
      case OVER_2_53 ->
          Stream.of(
              (1L << 53) + 1,
              1L << 53,
              0x1p53,
              BigInteger.ONE.shiftLeft(53).add(BigInteger.ONE),
              new BigDecimal((1L << 53) + 1),
              1 << 30,
              (1L << 53) + 2,
              "9007199254740993");
      case GREATEST ->
          Stream.of(
              Long.MAX_VALUE,
              Long.MAX_VALUE - 1,
              Long.MIN_VALUE,
              BigInteger.ONE.shiftLeft(63),
              0x1p63,
              Integer.MAX_VALUE,
              Integer.MAX_VALUE + 1L,
              Double.MAX_VALUE);
      case CHARACTERS ->
          Stream.of("a", "a\u0000", "a\u0000b", "\ud800", "\udfff", "?", "\ufffd", "a\r\nb\u001f");
      case TIMES ->
          Stream.of(
              Instant.EPOCH,
              Instant.EPOCH.plus(1, ChronoUnit.MICROS),
              Instant.EPOCH.minus(1, ChronoUnit.MICROS),
              Instant.MIN,
              Instant.MAX,
              "1970-01-01T00:00:00Z",
              0L,
              Instant.parse("2262-04-11T23:47:16.854776Z"));
      case BYTES ->
          Stream.of(
              Binary.copyOf(new byte[] {0}),
              Binary.copyOf(new byte[] {0, 0}),
              Binary.copyOf(new byte[] {(byte) 0x80, (byte) 0xff}),
              Binary.copyOf(new byte[] {'A', 'A'}),
              "AA==",
              "AA",
              List.of(0),
              List.of(0, 0));
      case CONTAINERS ->
          Stream.of(
              List.of(1, 2),
              List.of(2, 1),
              List.of(1L, 2),
              map("x", 1, "y", 2),
              map("x", 1, "y", 2L),
              map("x", map("y", 2)),
              List.of(List.of(1), List.of(2)),
              List.of(map("x", Arrays.asList(1, null))));
      case CONTAINERS_AS_OTHERS ->
          Stream.of(
              map("0", "a", "1", "b"),
              List.of("a", "b"),
              map("1", "b", "0", "c"),
              List.of(List.of("a"), List.of("b")),
              List.of("a"),
              "a",
              List.of("b", "a"),
              List.of("a", "b", "b"));
      case ABSENCE_WITHIN ->
          Stream.of(
              map(),
              map("a", null),
              map("a", null, "b", 1),
              map("b", 1),
              map("a", ""),
              Arrays.asList(1, null),
              List.of(1),
              Arrays.asList(1, ""));
      case TYPES_AS_TEXTS -> Stream.of(true, "true", false, "false", 2, "2", null, "null");
      case TIMES_AS_TEXTS ->
          Stream.of(
              Instant.parse("2026-01-01T00:00:00Z"),
              "2026-01-01T00:00:00Z",
              "2026-01-01",
              "2026-01-01T00:00Z",
              1_767_225_600_000L,
              1_767_225_600,
              "1767225600",
              Instant.parse("2026-01-01T00:00:00.000001Z"));
      case BYTES_AS_TEXTS ->
          Stream.of(
              Binary.copyOf(new byte[] {'a', 'b', 'c'}),
              "abc",
              "YWJj",
              "616263",
              List.of(97, 98, 99),
              Binary.copyOf(new byte[] {'a', 'b', 'd'}),
              Binary.copyOf(new byte[] {'Y', 'W', 'J', 'j'}),
              Binary.copyOf(new byte[] {(byte) 0xff, (byte) 0xfe, (byte) 0xfd}));
      case MANY_DIGITS ->
          Stream.of(
              new BigDecimal("1." + "3".repeat(40) + "1"),
              new BigDecimal("1." + "3".repeat(40) + "2"),
              new BigDecimal("0." + "0".repeat(40) + "1"),
              new BigDecimal("9".repeat(39)),
              new BigDecimal("9".repeat(38) + "8"),
              new BigDecimal("1E+39"),
              new BigDecimal("12345678901234567"),
              new BigDecimal("12345678901234568"));
      case BEYOND_64_BITS ->
          Stream.of(
              BigInteger.ONE.shiftLeft(64).add(BigInteger.ONE),
              BigInteger.ONE,
              BigInteger.ONE.shiftLeft(70),
              BigInteger.ONE.shiftLeft(70).add(BigInteger.ONE),
              BigInteger.ONE.shiftLeft(128).add(BigInteger.ONE),
              BigInteger.valueOf(Long.MIN_VALUE),
              BigInteger.ONE.shiftLeft(63),
              BigInteger.ONE.shiftLeft(31));
      case FLOATS ->
          Stream.of(
              0.1,
              (double) 0.1f,
              1.0000000000000002,
              1.0,
              16_777_217.0,
              16_777_216.0,
              Double.MIN_VALUE,
              0.0);
      case FRACTIONS_OF_SECONDS ->
          Stream.of(
              Instant.parse("2026-01-01T00:00:00Z"),
              Instant.parse("2026-01-01T00:00:00.000001Z"),
              Instant.parse("2026-01-01T00:00:00.000500Z"),
              Instant.parse("2026-01-01T00:00:00.001Z"),
              Instant.parse("1969-12-31T23:59:59.999999Z"),
              Instant.parse("1969-12-31T23:59:59.999Z"),
              Instant.parse("2025-11-02T05:30:00Z"),
              Instant.parse("2025-11-02T06:30:00Z"));
      case LETTER_CASE ->
          Stream.of(
              "a",
              "A",
              List.of("a"),
              List.of("A"),
              map("a", 1),
              map("A", 1),
              map("k", "a"),
              "\u0130");
      case LINES_AND_MARKS ->
          Stream.of("\ufeffa", "a", "a\r\nb", "a\nb", "a\rb", "a\u0000b", "a ", "\ta");
      case KEYS ->
          Stream.of(
              map("a.b", 1),
              map("a", map("b", 1)),
              map("a_b", 1),
              map("$a", 1),
              map("a", 1),
              map("a\u0000b", 1),
              map("", 1),
              map("\ufeffa", 1));
      case FIRST_1024 -> different(1_024);
      case FIRST_8192 -> different(8_192);
      case FIRST_65536 -> different(65_536);
      case LAST_ELEMENT ->
          Stream.of(listEndingWith(1), listEndingWith(2), mapEndingWith(1), mapEndingWith(2));
      case TAGS ->
          Stream.of(
              map("$long", "5"),
              5L,
              map("$binary", "AA=="),
              map("$type", "decimal", "value", "1"),
              map("@class", "java.lang.Long"),
              map("$date", 0),
              map("$numberLong", "5"),
              map("S", "5"));
      case NAMES, ANY -> Stream.of();
    };
  }

  /** Texts and bytes of which so much is equal. */
  private static Stream<@Nullable Object> different(int size) {
    byte[] bytes = new byte[size + 1];
    byte[] otherBytes = bytes.clone();
    otherBytes[size] = 1;
    return Stream.of(
        "x".repeat(size) + "1",
        "x".repeat(size) + "2",
        Binary.copyOf(bytes),
        Binary.copyOf(otherBytes));
  }

  private static List<Integer> listEndingWith(int last) {
    List<Integer> list = new ArrayList<>(Collections.nCopies(MANY, 0));
    list.add(last);
    return list;
  }

  private static Map<String, Integer> mapEndingWith(int last) {
    Map<String, Integer> map = new LinkedHashMap<>();
    for (int i = 0; i < MANY; i++) {
      map.put("key" + i, i);
    }
    map.put("last", last);
    return map;
  }

  private static Map<String, @Nullable Object> map(@Nullable Object... keysAndValues) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put(String.valueOf(keysAndValues[i]), keysAndValues[i + 1]);
    }
    return map;
  }
}
