package dev.checkpoint4j.core.internal.json;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Checkpoints and documents that several tests use. */
final class Sample {

  private Sample() {}

  /** A checkpoint with every header field and a value of every type, and its document. */
  static Checkpoint full() {
    return Checkpoint.builder(
            CheckpointMetadata.builder("session-1")
                .taskId("task-1")
                .attributes(map("user", "ada", "attempt", 2L, "$raw", map("$x", 1)))
                .build())
        .id("c-2")
        .namespace("prod")
        .version(2)
        .parentId("c-1")
        .ts(Instant.parse("2026-01-01T00:00:00.000001Z"))
        .values(
            map(
                "null",
                null,
                "flag",
                true,
                "text",
                "Grüße \"\\\n\0 \uD83D\uDE00",
                "int",
                -7,
                "long",
                5L,
                "bigLong",
                5_000_000_000L,
                "bigInteger",
                BigInteger.ONE,
                "biggerInteger",
                new BigInteger("9223372036854775808"),
                "double",
                1.0,
                "minusZero",
                -0.0,
                "nan",
                Double.NaN,
                "decimal",
                new BigDecimal("1.50"),
                "instant",
                Instant.parse("1969-12-31T23:59:59.999Z"),
                "binary",
                Binary.copyOf(new byte[] {1, 2, 3, 4}),
                "list",
                Arrays.asList(1, null, List.of(), Map.of()),
                "map",
                map("b", 1, "a", map("$long", "no tag")),
                "lone",
                map("\uDC00key", "\uD800")))
        .build();
  }

  static String fullDocument() {
    return "{\"checkpoint\":1,\"id\":\"c-2\",\"namespace\":\"prod\",\"sessionId\":\"session-1\""
        + ",\"taskId\":\"task-1\",\"version\":2,\"parentId\":\"c-1\""
        + ",\"ts\":\"2026-01-01T00:00:00.000001Z\""
        + ",\"attributes\":{\"user\":\"ada\",\"attempt\":{\"$long\":\"2\"}"
        + ",\"$raw\":{\"$map\":{\"$x\":1}}}"
        + ",\"values\":{\"null\":null,\"flag\":true"
        + ",\"text\":\"Grüße \\\"\\\\\\n\\u0000 \uD83D\uDE00\""
        + ",\"int\":-7,\"long\":{\"$long\":\"5\"},\"bigLong\":5000000000"
        + ",\"bigInteger\":{\"$bigInteger\":\"1\"},\"biggerInteger\":9223372036854775808"
        + ",\"double\":1.0,\"minusZero\":-0.0,\"nan\":{\"$double\":\"NaN\"}"
        + ",\"decimal\":{\"$decimal\":\"1.50\"}"
        + ",\"instant\":{\"$instant\":\"1969-12-31T23:59:59.999Z\"}"
        + ",\"binary\":{\"$binary\":\"AQIDBA==\"}"
        + ",\"list\":[1,null,[],{}]"
        + ",\"map\":{\"b\":1,\"a\":{\"$map\":{\"$long\":\"no tag\"}}}"
        + ",\"lone\":{\"\\uDC00key\":\"\\uD800\"}}}";
  }

  /** A checkpoint with these values and nothing remarkable else. */
  static Checkpoint of(Map<String, ? extends @Nullable Object> values) {
    return Checkpoint.builder("s")
        .id("c")
        .ts(Instant.parse("2026-01-01T00:00:00Z"))
        .values(values)
        .build();
  }

  /** The document of {@link #of}, around the JSON of the values. */
  static String documentOf(String values) {
    return "{\"checkpoint\":1,\"id\":\"c\",\"namespace\":\"default\",\"sessionId\":\"s\""
        + ",\"version\":1,\"ts\":\"2026-01-01T00:00:00Z\",\"attributes\":{},\"values\":"
        + values
        + "}";
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A map of keys and values in turn, in this order. */
  static Map<String, @Nullable Object> map(@Nullable Object... keysAndValues) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) Objects.requireNonNull(keysAndValues[i]), keysAndValues[i + 1]);
    }
    return map;
  }

  static List<@Nullable Object> list(@Nullable Object... elements) {
    return new ArrayList<>(Arrays.asList(elements));
  }
}
