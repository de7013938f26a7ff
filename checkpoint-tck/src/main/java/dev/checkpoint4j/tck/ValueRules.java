package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.spi.BackendStorage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** VAL: a checkpoint reads back equal, with the same Java types. */
abstract class ValueRules extends AliasingRules {

  private static final int MAX_DEPTH = 500;

  /** Puts the value, and reads it back in every way, also through a second handle. */
  final void assertReadBack(Map<String, ? extends @Nullable Object> values) {
    assertReadBack(draft("s", 1).values(values).build());
  }

  final void assertReadBack(Checkpoint checkpoint) {
    put(checkpoint);
    BackendStorage other = openHandle();
    assertStored("on another handle", other, checkpoint);
    assertStored("on the handle that put it", storage(), checkpoint);
    assertLatest("on another handle", other, checkpoint);
    List<Checkpoint> listed = other.list(query().build()).items();
    assertThat(listed).as("checkpoints listed where one is stored").hasSize(1);
    assertSame("list on another handle", checkpoint, listed.get(0));
    List<CheckpointHeader> headers = other.listHeaders(query().build()).items();
    assertThat(headers).as("headers listed where one is stored").hasSize(1);
    Differences.first(checkpoint.header(), headers.get(0))
        .ifPresent(
            difference -> {
              throw new AssertionError("listHeaders on another handle: " + difference);
            });
  }

  /** Names each value by its index, and keeps them in a list as well. */
  static Map<String, @Nullable Object> named(@Nullable Object... values) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      map.put("value" + i, values[i]);
    }
    map.put("all", Arrays.asList(values));
    return map;
  }

  @Rule(id = "VAL-01", level = Level.MUST)
  protected final void everyTypeIsReadBackAsItself() {
    assertReadBack(everyType());
  }

  /** New containers and bytes each time: equal, and not the same. */
  static Map<String, @Nullable Object> everyType() {
    return named(
        null,
        true,
        false,
        "text",
        1,
        1L,
        BigInteger.ONE,
        1.0,
        Double.NaN,
        new BigDecimal("1.0"),
        Instant.parse("2026-11-24T01:02:03.000004Z"),
        Binary.copyOf(new byte[] {1, 2, 3}),
        List.of(1, "two", List.of(3L)),
        Map.of("map", Map.of("nested", 1)));
  }

  @Rule(id = "VAL-02", level = Level.MUST)
  protected final void doublesAreExact() {
    assertReadBack(
        named(
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            0.0,
            -0.0,
            Double.MIN_VALUE,
            -Double.MIN_NORMAL,
            Double.MAX_VALUE,
            0.1,
            1e21,
            1e-7,
            100.0,
            (double) (1L << 53),
            Math.nextUp(1.0)));
  }

  @Rule(id = "VAL-03", level = Level.MUST)
  protected final void integersAreExact() {
    assertReadBack(
        named(
            Integer.MIN_VALUE,
            Integer.MAX_VALUE,
            0,
            0L,
            -1L,
            (1L << 53) + 1,
            -(1L << 53) - 1,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            BigInteger.ZERO,
            BigInteger.valueOf(7),
            BigInteger.valueOf(Long.MAX_VALUE),
            BigInteger.ONE.shiftLeft(63),
            BigInteger.TEN.pow(400).negate(),
            BigInteger.TEN.pow(5000)));
  }

  @Rule(id = "VAL-04", level = Level.MUST)
  protected final void decimalsKeepTheirScale() {
    assertReadBack(
        named(
            new BigDecimal("1"),
            new BigDecimal("1.0"),
            new BigDecimal("1.00"),
            new BigDecimal("0"),
            new BigDecimal("0.000"),
            new BigDecimal("0E+7"),
            new BigDecimal("1E+3"),
            new BigDecimal("1000"),
            new BigDecimal("-1E-400"),
            new BigDecimal("0.1"),
            new BigDecimal("1E+2000"),
            new BigDecimal("3.14159265358979323846264338327950288419716939937510")));
  }

  @Rule(id = "VAL-05", level = Level.MUST)
  protected final void stringsAreExact() {
    StringBuilder everyChar = new StringBuilder();
    for (int c = 0; c <= Character.MAX_VALUE; c += c < 0x300 ? 1 : 37) {
      everyChar.append((char) c);
    }
    assertReadBack(
        named(
            "",
            " ",
            "\u0000",
            "a\u0000b\u0000",
            "\ud83d",
            "\ude00",
            "\ude00\ud83d",
            "a\ud83db",
            "\ud83d\ude00",
            "\t\n\r\u000b\f\b\u001b\u007f\u0085",
            "\\ \" ' / </script> \\u0041 \\\\n",
            "\u2028\u2029\ufeff\ufffe\uffff\ufffd",
            "e\u0301 \u00e9",
            "trailing ",
            "null",
            "1",
            "true",
            "2026-11-24T00:00:00Z",
            "\ud83d\ude00".repeat(500),
            everyChar.toString()));
  }

  @Rule(id = "VAL-06", level = Level.MUST)
  protected final void emptyAndNullAreNotAbsent() {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    values.put("null", null);
    values.put("map", Map.of());
    values.put("list", List.of());
    values.put("string", "");
    values.put("binary", Binary.copyOf(new byte[0]));
    values.put("nulls", Arrays.asList(null, null));
    Map<String, @Nullable Object> nested = new LinkedHashMap<>(values);
    values.put("nested", nested);
    values.put("inList", List.of(nested, List.of(), Map.of()));
    assertReadBack(values);
  }

  @Rule(id = "VAL-07", level = Level.MUST)
  protected final void keysAreExact() {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (String key :
        List.of(
            "",
            " ",
            "a",
            "A",
            "a.b",
            "$a",
            "@class",
            "@type",
            "__proto__",
            "id",
            "version",
            "values",
            "10",
            "9",
            "\u0000",
            "a\u0000",
            "\ud83d",
            "\ud83d\ude00",
            "\u00e9",
            "e\u0301",
            "\"",
            "\\",
            "k".repeat(2000))) {
      values.put(key, values.size());
    }
    values.put("nested", new LinkedHashMap<>(values));
    CheckpointMetadata metadata = CheckpointMetadata.builder("s").attributes(values).build();
    assertReadBack(draft(metadata, 1).values(values).build());
  }

  @Rule(id = "VAL-08", level = Level.MUST)
  protected final void orderOfKeysIsKept() {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (String key : List.of("z", "a", "m", "10", "9", "1", "B", "b", "\u00e9", "e")) {
      Map<String, @Nullable Object> nested = new LinkedHashMap<>();
      nested.put("y" + key, 1);
      nested.put("x" + key, null);
      nested.put("b", List.of());
      values.put(key, List.of(nested, 1));
    }
    CheckpointMetadata metadata = CheckpointMetadata.builder("s").attributes(values).build();
    Checkpoint stored = put(draft(metadata, 1).values(values).build());
    BackendStorage other = openHandle();
    assertKeysInOrder("get", stored, other.get(namespace(), stored.id()).orElseThrow());
    assertKeysInOrder("getBySession", stored, other.getBySession(session("s")).orElseThrow());
    assertKeysInOrder("list", stored, other.list(query().build()).items().get(0));
    assertThat(
            Differences.keysInOrder(
                other.listHeaders(query().build()).items().get(0).metadata().attributes()))
        .as("keys of the attributes in their order, read by listHeaders")
        .isEqualTo(Differences.keysInOrder(stored.metadata().attributes()));
  }

  static void assertKeysInOrder(String how, Checkpoint stored, Checkpoint read) {
    assertThat(Differences.keysInOrder(read.values()))
        .as("keys of the values in their order, read by %s", how)
        .isEqualTo(Differences.keysInOrder(stored.values()));
    assertThat(Differences.keysInOrder(read.metadata().attributes()))
        .as("keys of the attributes in their order, read by %s", how)
        .isEqualTo(Differences.keysInOrder(stored.metadata().attributes()));
  }

  @Rule(id = "VAL-09", level = Level.MUST)
  protected final void deepestNestingIsKept() {
    Object lists = "bottom";
    Object maps = "bottom";
    Object mixed = "bottom";
    for (int depth = 1; depth < MAX_DEPTH; depth++) {
      lists = List.of(lists);
      maps = Map.of("m", maps);
      mixed = depth % 2 == 0 ? List.of(mixed) : Map.of("$long", mixed);
    }
    Map<String, Object> deep = Map.of("lists", lists, "maps", maps, "mixed", mixed);
    CheckpointMetadata metadata = CheckpointMetadata.builder("s").attributes(deep).build();
    assertReadBack(draft(metadata, 1).values(deep).build());
  }

  @Rule(id = "VAL-10", level = Level.MUST)
  protected final void mapsThatLookLikeTagsStayMaps() {
    List<Object> maps = new ArrayList<>();
    for (String tag :
        List.of(
            "$long",
            "$int",
            "$double",
            "$decimal",
            "$bigint",
            "$bigInteger",
            "$instant",
            "$date",
            "$binary",
            "$string",
            "$map",
            "$escape",
            "$",
            "$$long",
            "$numberLong")) {
      maps.add(Map.of(tag, "5"));
      maps.add(Map.of(tag, 5));
      maps.add(Map.of(tag, Map.of(tag, "5")));
      maps.add(Map.of(tag, "5", "other", 1));
    }
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    values.put("maps", maps);
    values.put("$long", "5");
    assertReadBack(values);
  }

  @Rule(id = "VAL-11", level = Level.MUST)
  protected final void mapsOfValuesThatLookLikeTagsStayMaps() {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("s").attribute("$instant", "2026-11-24T00:00:00Z").build();
    assertReadBack(draft(metadata, 1).values(Map.of("$long", "5")).build());
  }

  @Rule(id = "VAL-12", level = Level.MUST)
  protected final void instantsAreExact() {
    assertReadBack(
        named(
            Instant.EPOCH,
            Instant.parse("2026-11-24T01:02:03Z"),
            Instant.parse("2026-11-24T01:02:03.100Z"),
            Instant.parse("2026-11-24T01:02:03.000001Z"),
            Instant.parse("1969-12-31T23:59:59.999999Z"),
            Instant.parse("0001-01-01T00:00:00Z"),
            Instant.parse("-0044-03-15T12:00:00.000001Z"),
            Instant.parse("9999-12-31T23:59:59.999999Z"),
            Instant.parse("+12345-01-01T00:00:00Z"),
            Instant.parse("-12345-01-01T00:00:00Z"),
            Instant.MIN,
            Instant.MAX.truncatedTo(ChronoUnit.MICROS)));
  }

  @Rule(id = "VAL-13", level = Level.MUST)
  protected final void binariesAreExact() {
    byte[] everyByte = new byte[256];
    for (int i = 0; i < everyByte.length; i++) {
      everyByte[i] = (byte) i;
    }
    assertReadBack(
        named(
            Binary.copyOf(new byte[0]),
            Binary.copyOf(new byte[1]),
            Binary.copyOf(new byte[] {(byte) 0xc3, 0x28}),
            Binary.copyOf("text".getBytes(StandardCharsets.UTF_8)),
            Binary.copyOf(everyByte)));
  }

  @Rule(id = "VAL-14", level = Level.MUST)
  protected final void attributesHoldEveryType() {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("s")
            .attributes(everyType())
            .attribute("nan", Double.NaN)
            .attribute("minus", -0.0)
            .attribute("large", (1L << 53) + 1)
            .attribute("nul", "a\u0000\ud83d")
            .attribute("", Map.of("$long", "5"))
            .build();
    assertReadBack(draft(metadata, 1).build());
  }

  @Rule(id = "VAL-15", level = Level.MUST)
  protected final void timeIsExactToTheMicrosecond() {
    List<Checkpoint> stored = new ArrayList<>();
    for (Instant ts :
        List.of(
            CheckpointHeader.MIN_TS,
            CheckpointHeader.MAX_TS,
            Instant.EPOCH,
            Instant.parse("1969-12-31T23:59:59.999999Z"),
            Instant.parse("1582-10-10T00:00:00Z"),
            Instant.parse("2026-03-29T01:30:00.000001Z"),
            Instant.parse("2026-11-24T01:02:03.123456Z"))) {
      stored.add(put(draft("s", stored.size() + 1).ts(ts).build()));
    }
    assertHolds("with times of all kinds", openHandle(), stored);
  }

  @Rule(id = "VAL-16", level = Level.MUST)
  protected final void randomValuesAreReadBack() {
    List<Checkpoint> stored = new ArrayList<>();
    RandomValues values = new RandomValues(random());
    for (long version = 1; version <= 30; version++) {
      CheckpointMetadata metadata =
          CheckpointMetadata.builder("s").attributes(values.map(2)).build();
      stored.add(put(draft(metadata, version).values(values.map(5)).build()));
    }
    BackendStorage other = openHandle();
    for (Checkpoint checkpoint : stored) {
      assertStored("with random values, on another handle", other, checkpoint);
    }
    assertHolds("with random values", other, stored);
  }
}
