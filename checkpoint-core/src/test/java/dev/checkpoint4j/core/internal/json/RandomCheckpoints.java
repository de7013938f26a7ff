package dev.checkpoint4j.core.internal.json;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Random checkpoints that prefer what is likely to go wrong. */
final class RandomCheckpoints {

  private static final int MAX_DEPTH = 6;

  private static final String[] PIECES = {
    "",
    "a",
    "Z",
    " ",
    "\"",
    "\\",
    "/",
    "\n",
    "\r",
    "\t",
    "\0",
    "\u001f",
    "\u007f",
    "\u0085",
    "é",
    "\u07ff",
    "\u0800",
    "\u2028",
    "\uFEFF",
    "\uFFFD",
    "\uFFFF",
    "\uE000",
    "\uE000fff",
    "\uD83D\uDE00",
    "\uDBFF\uDFFF",
    "\uD800",
    "\uDC00",
    "\uDBFF",
    "\uDFFF",
    "\uD800\uD800",
    "\uDC00\uD800",
    "\\uD800",
    "{\"$long\":\"1\"}",
    "0",
    "1.0",
    "null",
    "$",
    "\u65e5\u672c\u8a9e"
  };

  private static final String[] KEYS = {
    "", "$", "$long", "$bigInteger", "$double", "$decimal", "$instant", "$binary", "$map", "$none",
    "a", "b", "values", "id", "checkpoint", "attributes", "\uE000", "\uD800", "\uDFFF$", "\0"
  };

  private static final int[] SCALES = {
    0, 1, 2, 5, 6, 7, 8, 40, -1, -2, -40, Integer.MAX_VALUE, Integer.MIN_VALUE
  };

  private final SplittableRandom random;

  RandomCheckpoints(long seed) {
    this.random = new SplittableRandom(seed);
  }

  Checkpoint next() {
    return Checkpoint.builder(
            CheckpointMetadata.builder(id())
                .taskId(random.nextBoolean() ? null : id())
                .attributes(map(MAX_DEPTH - 2))
                .build())
        .id(id())
        .namespace(id())
        .version(
            random.nextBoolean() ? 1 + random.nextInt(100) : random.nextLong(1, Long.MAX_VALUE))
        .parentId(random.nextBoolean() ? null : id())
        .ts(
            Instant.ofEpochSecond(
                random.nextLong(
                    CheckpointHeader.MIN_TS.getEpochSecond(),
                    CheckpointHeader.MAX_TS.getEpochSecond()),
                random.nextInt(1_000_000_000)))
        .values(map(0))
        .build();
  }

  private String id() {
    String[] ids = {
      "s", "child:1", "..", "a/b", "%2F", "\uD83D\uDE00", "e\u0301", "\"", "\\u0000", "\uE000"
    };
    return ids[random.nextInt(ids.length)] + random.nextInt(1000);
  }

  private Map<String, @Nullable Object> map(int depth) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    int size = random.nextInt(6);
    for (int i = 0; i < size; i++) {
      map.put(random.nextInt(3) == 0 ? string() : KEYS[random.nextInt(KEYS.length)], value(depth));
    }
    return map;
  }

  private List<@Nullable Object> list(int depth) {
    List<@Nullable Object> list = new ArrayList<>();
    int size = random.nextInt(5);
    for (int i = 0; i < size; i++) {
      list.add(value(depth));
    }
    return list;
  }

  private @Nullable Object value(int depth) {
    return switch (random.nextInt(depth < MAX_DEPTH ? 14 : 10)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> string();
      case 3 -> (int) number();
      case 4 -> number();
      case 5 -> bigInteger();
      case 6 -> real();
      case 7 -> new BigDecimal(bigInteger(), SCALES[random.nextInt(SCALES.length)]);
      case 8 -> instant();
      case 9 -> binary();
      case 10, 11 -> list(depth + 1);
      default -> map(depth + 1);
    };
  }

  private String string() {
    StringBuilder text = new StringBuilder();
    int pieces = random.nextInt(6);
    for (int i = 0; i < pieces; i++) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  /** Near the limits of the integer types, or any. */
  private long number() {
    long[] edges = {
      0, Integer.MIN_VALUE, Integer.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 53
    };
    return switch (random.nextInt(3)) {
      case 0 -> edges[random.nextInt(edges.length)] + random.nextInt(-2, 3);
      case 1 -> random.nextInt(-1000, 1000);
      default -> random.nextLong();
    };
  }

  private BigInteger bigInteger() {
    BigInteger small = BigInteger.valueOf(number());
    return switch (random.nextInt(3)) {
      case 0 -> small;
      case 1 -> small.add(BigInteger.valueOf(number()));
      default -> small.shiftLeft(random.nextInt(400)).add(BigInteger.valueOf(number()));
    };
  }

  private double real() {
    double[] edges = {
      0.0,
      -0.0,
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      Double.MIN_VALUE,
      -Double.MAX_VALUE,
      Double.MIN_NORMAL,
      0.1,
      1e7,
      9999999.0,
      1e-3,
      2e-3,
      0x1p53
    };
    return random.nextBoolean()
        ? edges[random.nextInt(edges.length)]
        : Double.longBitsToDouble(random.nextLong());
  }

  private Instant instant() {
    Instant[] edges = {Instant.MIN, Instant.MAX, Instant.EPOCH, CheckpointHeader.MIN_TS};
    return random.nextInt(4) == 0
        ? edges[random.nextInt(edges.length)]
        : Instant.EPOCH
            .plus(
                random.nextLong(-100_000_000_000_000_000L, 100_000_000_000_000_000L),
                ChronoUnit.MICROS)
            .truncatedTo(random.nextBoolean() ? ChronoUnit.MICROS : ChronoUnit.SECONDS);
  }

  private Binary binary() {
    byte[] bytes = new byte[random.nextInt(5)];
    random.nextBytes(bytes);
    return Binary.copyOf(bytes);
  }
}
