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
  TAGS,
  /** As the names of the history. */
  NAMES,
  ANY;

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

  private static Map<String, @Nullable Object> map(@Nullable Object... keysAndValues) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put(String.valueOf(keysAndValues[i]), keysAndValues[i + 1]);
    }
    return map;
  }
}
