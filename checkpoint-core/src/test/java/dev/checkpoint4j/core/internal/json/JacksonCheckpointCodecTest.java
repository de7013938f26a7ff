package dev.checkpoint4j.core.internal.json;

import static dev.checkpoint4j.core.internal.json.Sample.documentOf;
import static dev.checkpoint4j.core.internal.json.Sample.list;
import static dev.checkpoint4j.core.internal.json.Sample.map;
import static dev.checkpoint4j.core.internal.json.Sample.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JacksonCheckpointCodecTest {

  private static final int MEGABYTE = 1 << 20;

  private final CheckpointCodec codec = new JacksonCheckpointCodec();

  @Test
  void isFoundByServiceLoader() {
    assertThat(ServiceLoader.load(CheckpointCodec.class).stream().map(ServiceLoader.Provider::type))
        .contains(JacksonCheckpointCodec.class);
  }

  @Test
  void writesTheGoldenDocument() {
    assertThat(new String(codec.encode(Sample.full()), StandardCharsets.UTF_8))
        .isEqualTo(Sample.fullDocument());
  }

  @Test
  void readsTheGoldenDocument() {
    Checkpoint decoded = codec.decode(utf8(Sample.fullDocument()));
    assertThat(DeepDifference.between(Sample.full(), decoded)).isEmpty();
  }

  @Test
  void leavesOutWhatIsAbsent() {
    assertThat(codec.encode(Sample.of(Map.of()))).isEqualTo(utf8(documentOf("{}")));
  }

  @Test
  void numbersReadBackAsTheSameTypeAndValue() {
    roundTrip(
        list(
            0,
            -1,
            Integer.MIN_VALUE,
            Integer.MAX_VALUE, //
            0L,
            -1L,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            (1L << 53) + 1, //
            Integer.MIN_VALUE - 1L,
            Integer.MAX_VALUE + 1L,
            (long) Integer.MIN_VALUE));
    roundTrip(
        list(
            BigInteger.ZERO, //
            BigInteger.valueOf(Long.MIN_VALUE), //
            BigInteger.valueOf(Long.MAX_VALUE), //
            BigInteger.valueOf(Long.MAX_VALUE).add(BigInteger.ONE), //
            BigInteger.valueOf(Long.MIN_VALUE).subtract(BigInteger.ONE), //
            BigInteger.TEN.pow(5000).negate()));
    roundTrip(
        list(
            0.0,
            -0.0,
            1.0,
            100.0,
            1e7,
            1e300,
            0.1,
            0x1p53,
            Double.MIN_VALUE, //
            Double.MAX_VALUE,
            Double.MIN_NORMAL,
            Double.NaN,
            Double.NEGATIVE_INFINITY, //
            Double.POSITIVE_INFINITY));
    roundTrip(
        list(
            new BigDecimal("1.50"), //
            new BigDecimal("-0.00"), //
            new BigDecimal("0E+3"), //
            new BigDecimal("0.0000001"), //
            new BigDecimal("15E+2"), //
            new BigDecimal("1E+1000000"), //
            new BigDecimal(BigInteger.valueOf(-12345), Integer.MIN_VALUE), //
            new BigDecimal(BigInteger.valueOf(12345), Integer.MAX_VALUE), //
            new BigDecimal(BigInteger.TEN.pow(3000).add(BigInteger.ONE), 1500)));
  }

  @Test
  void minusZeroStaysMinusZero() {
    assertThat(codec.decode(codec.encode(Sample.of(map("x", -0.0)))).values())
        .hasEntrySatisfying(
            "x",
            value -> assertThat(Double.doubleToRawLongBits((Double) value)).isEqualTo(1L << 63));
  }

  @Test
  void doublesHaveTheDigitsOfJava19OnEveryVersion() {
    assertThat(codec.encode(Sample.of(map("x", 0x1p-44, "y", 2e-3))))
        .isEqualTo(utf8(documentOf("{\"x\":5.684341886080802E-14,\"y\":0.002}")));
  }

  @Test
  void instantsAndBytesReadBackEqual() {
    roundTrip(
        list(
            Instant.MIN,
            Instant.MAX,
            Instant.EPOCH,
            Instant.parse("-0001-01-01T00:00:00Z"),
            Instant.parse("+10000-01-01T00:00:00.1Z"),
            Instant.parse("2026-06-30T23:59:59.999999Z")));
    roundTrip(
        IntStream.range(0, 20)
            .mapToObj(
                length -> {
                  byte[] bytes = new byte[length];
                  Arrays.fill(bytes, (byte) (0xF0 + length));
                  return Binary.copyOf(bytes);
                })
            .toList());
  }

  @Test
  void everyStringReadsBackAsValueAndAsKey() {
    for (String text :
        List.of(
            "",
            "\0",
            "\u001f\u007f\u0080",
            "\u2028\u2029\uFEFF\uFFFE\uFFFF",
            "\uD83D\uDE00",
            "\uD83D",
            "\uDE00",
            "\uDE00\uD83D",
            "\uD83D\uD83D\uDE00\uDE00",
            "\uD800 and \uD83D\uDE00",
            "\\uD800",
            "\\\uD800",
            "\uE000",
            "\uE000fff\uD800",
            "\uE000000\uD800\uE000")) {
      roundTrip(map(text, text));
      roundTrip(map("a", map("b", 1, text, list(text))));
      Checkpoint inAttributes =
          Checkpoint.builder(
                  CheckpointMetadata.builder("s").attributes(map(text, map(text, text))).build())
              .build();
      roundTrip(inAttributes);
      assertThat(codec.decodeHeader(codec.encode(inAttributes))).isEqualTo(inAttributes.header());
    }
  }

  /** The generator works in segments of some thousand characters. */
  @Test
  void surrogatesReadBackWhereverTheyAreInALongString() {
    for (int length = 0; length < 9000; length += length < 3900 || length > 4100 ? 97 : 1) {
      String filler = "a".repeat(length);
      roundTrip(map("t", filler + "\uD83D\uDE00\uD83D\uDE00é\uD83D\uDE00"));
      roundTrip(map("t", filler + "\uD83D\uDE00\uD83Dé\uDE00", filler + "\uD83D\uDE00\uDE00", 1));
    }
  }

  @Test
  void emojiAreWrittenAsTheyAreAndOnlyUnpairedSurrogatesAreEscaped() {
    assertThat(codec.encode(Sample.of(map("\uD83D\uDE00\uD83D", "\uDE00\uD83D\uDE00"))))
        .isEqualTo(utf8(documentOf("{\"\uD83D\uDE00\\uD83D\":\"\\uDE00\uD83D\uDE00\"}")));
  }

  @Test
  void escapedPairsOfOtherWritersAreRead() {
    byte[] document =
        utf8(documentOf("{\"\\ud83D\\uDe00\":\"\\uE000\\u0041\uE000\\ud83d\\ude00\"}"));
    assertThat(codec.decode(document).values())
        .isEqualTo(map("\uD83D\uDE00", "\uE000A\uE000\uD83D\uDE00"));
  }

  @Test
  void mapsThatLookLikeTagsReadBackAsMaps() {
    for (String tag :
        List.of(
            "$long",
            "$bigInteger",
            "$double",
            "$decimal",
            "$instant",
            "$binary",
            "$map",
            "$",
            "$$",
            "$none")) {
      roundTrip(map(tag, "1"));
      roundTrip(map("a", map(tag, "1")));
      roundTrip(map("a", map(tag, map(tag, map(tag, 1L)))));
      roundTrip(map("a", map(tag, "1", "b", 2)));
      roundTrip(map("a", map("b", 2, tag, "1")));
      roundTrip(map("a", map(tag, map(), "$long", "5")));
      roundTrip(map("a", list(map(tag, list(map(tag, null))))));
    }
    roundTrip(map("", map("", map("$map", map("", 1)))));
  }

  @Test
  void onlyAMapWhoseFirstKeyLooksLikeATagIsEscaped() {
    assertThat(
            codec.encode(
                Sample.of(map("$top", map("$map", map("$map", 1)), "b", map("a", 1, "$c", 2)))))
        .isEqualTo(
            utf8(
                documentOf(
                    "{\"$top\":{\"$map\":{\"$map\":{\"$map\":{\"$map\":1}}}}"
                        + ",\"b\":{\"a\":1,\"$c\":2}}")));
  }

  @Test
  void fiveHundredLevelsReadBack() {
    Map<String, @Nullable Object> maps = map("leaf", 5L);
    Map<String, @Nullable Object> escaped = map("$leaf", Instant.EPOCH);
    List<@Nullable Object> lists = list(new BigDecimal("1.0"));
    for (int level = 2; level < 500; level++) {
      maps = map("m", maps);
      escaped = map("$map", escaped);
      lists = list(lists);
    }
    roundTrip(map("m", maps));
    roundTrip(map("$map", escaped));
    roundTrip(map("m", lists));
    Checkpoint inAttributes =
        Checkpoint.builder(CheckpointMetadata.builder("s").attributes(map("$map", escaped)).build())
            .build();
    roundTrip(inAttributes);
    assertThat(codec.decodeHeader(codec.encode(inAttributes))).isEqualTo(inAttributes.header());
  }

  @Test
  void largeValuesReadBack() {
    roundTrip(map("ascii", "x".repeat(16 * MEGABYTE)));
    roundTrip(map("chinese", "\u6f22".repeat(4 * MEGABYTE)));
    roundTrip(map("emoji", "\uD83D\uDE00".repeat(2 * MEGABYTE)));
    roundTrip(map("quotes", "\"\n".repeat(2 * MEGABYTE)));
    roundTrip(map("unpaired", "\uD83D\uE000".repeat(MEGABYTE)));
    roundTrip(map("k".repeat(4 * MEGABYTE), 1));
    byte[] bytes = new byte[16 * MEGABYTE + 1];
    Arrays.fill(bytes, (byte) 0xA5);
    roundTrip(map("bytes", Binary.copyOf(bytes)));
    roundTrip(map("list", IntStream.range(0, MEGABYTE).boxed().toList()));
  }

  @Test
  void aStringOf64MegabytesReadsBack() {
    roundTrip(map("ascii", "x".repeat(64 * MEGABYTE)));
  }

  @Test
  void numbersOfAHundredThousandDigitsReadBack() {
    BigInteger large = BigInteger.ONE.shiftLeft(332_193).subtract(BigInteger.ONE);
    roundTrip(map("integer", large, "decimal", new BigDecimal(large, 50_000)));
  }

  /** Parsing in quadratic time takes many minutes, and otherwise a few seconds. */
  @Test
  void numbersOfTwelveMillionDigitsAreDecoded() {
    String digits = "7".repeat(12_000_000);
    byte[] document =
        utf8(documentOf("{\"n\":" + digits + ",\"d\":{\"$decimal\":\"0." + digits + "\"}}"));
    BigInteger expected = sevens(digits.length());
    Map<String, Object> decoded =
        assertTimeoutPreemptively(Duration.ofMinutes(1), () -> codec.decode(document).values());
    BigDecimal decimal = (BigDecimal) Objects.requireNonNull(decoded.get("d"));
    // A failure does not print them.
    assertThat(expected.equals(decoded.get("n"))).as("the integer").isTrue();
    assertThat(expected.equals(decimal.unscaledValue())).as("the decimal's digits").isTrue();
    assertThat(decimal.scale()).as("its scale").isEqualTo(digits.length());
  }

  /** The JDK prints faster than in quadratic time, but more slowly than it is parsed. */
  @Test
  void numbersOfFourMillionDigitsAreEncoded() {
    int digits = 4_000_000;
    Checkpoint checkpoint = Sample.of(map("d", new BigDecimal(sevens(digits), digits)));
    byte[] expected = utf8(documentOf("{\"d\":{\"$decimal\":\"0." + "7".repeat(digits) + "\"}}"));
    byte[] encoded =
        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> codec.encode(checkpoint));
    assertThat(Arrays.equals(encoded, expected)).as("the document").isTrue();
  }

  private static BigInteger sevens(int digits) {
    return BigInteger.TEN
        .pow(digits)
        .subtract(BigInteger.ONE)
        .divide(BigInteger.valueOf(9))
        .multiply(BigInteger.valueOf(7));
  }

  @Test
  void manyKeysReadBack() {
    Map<String, @Nullable Object> many = map();
    for (int i = 0; i < 100_000; i++) {
      many.put("key-" + i, i);
    }
    roundTrip(many);
  }

  @Test
  void aDocumentOverTheLimitIsRefused() {
    Checkpoint checkpoint = Sample.of(map("text", "secret".repeat(10_000)));
    int size = codec.encode(checkpoint).length;
    assertThat(new JacksonCheckpointCodec(size).encode(checkpoint)).hasSize(size);
    for (int limit : new int[] {1, 100, 8000, 20_000, size - 1}) {
      assertThatExceptionOfType(CodecException.class)
          .as("limit of %d bytes", limit)
          .isThrownBy(() -> new JacksonCheckpointCodec(limit).encode(checkpoint))
          .withMessageContaining("larger than " + limit + " bytes");
    }
  }

  @Test
  void theHeaderIsReadFromADocumentThatEndsBehindIt() {
    String document = Sample.fullDocument();
    CheckpointHeader header = Sample.full().header();
    int end = document.indexOf(",\"values\"");
    for (int length = end; length < document.length(); length++) {
      assertThat(codec.decodeHeader(utf8(document.substring(0, length)))).isEqualTo(header);
    }
    for (int length = 0; length < end; length++) {
      byte[] incomplete = utf8(document.substring(0, length));
      assertThatExceptionOfType(CodecException.class)
          .as("the first %d bytes", length)
          .isThrownBy(() -> codec.decodeHeader(incomplete));
    }
  }

  @Test
  void theHeaderIsReadWhateverTheValuesAre() {
    byte[] document = utf8(Sample.fullDocument());
    int end = Sample.fullDocument().indexOf(",\"values\"");
    Arrays.fill(document, end, document.length, (byte) 0xFF);
    assertThat(codec.decodeHeader(document)).isEqualTo(Sample.full().header());
  }

  @Test
  void theDocumentIsNeitherChangedNorKept() {
    byte[] document = utf8(Sample.fullDocument());
    Checkpoint decoded = codec.decode(document);
    assertThat(document).isEqualTo(utf8(Sample.fullDocument()));
    Arrays.fill(document, (byte) 0);
    assertThat(decoded).isEqualTo(Sample.full());
  }

  @Test
  void equalCheckpointsHaveEqualDocuments() {
    assertThat(codec.encode(Sample.full())).isEqualTo(codec.encode(Sample.full()));
  }

  @Test
  void nullIsRefusedByName() {
    assertThatNullPointerException()
        .isThrownBy(() -> codec.encode(nullOf(Checkpoint.class)))
        .withMessage("checkpoint");
    assertThatNullPointerException()
        .isThrownBy(() -> codec.decode(nullOf(byte[].class)))
        .withMessage("document");
    assertThatNullPointerException()
        .isThrownBy(() -> codec.decodeHeader(nullOf(byte[].class)))
        .withMessage("document");
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nullOf(Class<T> type) {
    return type.cast(null);
  }

  @Test
  void oneCodecServesManyThreads() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> results =
          IntStream.range(0, 8)
              .<Future<?>>mapToObj(
                  seed ->
                      threads.submit(
                          () -> {
                            RandomCheckpoints checkpoints = new RandomCheckpoints(seed);
                            for (int i = 0; i < 200; i++) {
                              roundTrip(checkpoints.next());
                            }
                          }))
              .toList();
      for (Future<?> result : results) {
        result.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void roundTrip(List<?> elements) {
    roundTrip(map("list", elements));
  }

  private void roundTrip(Map<String, ? extends @Nullable Object> values) {
    roundTrip(Sample.of(values));
  }

  private void roundTrip(Checkpoint checkpoint) {
    assertThat(DeepDifference.between(checkpoint, codec.decode(codec.encode(checkpoint))))
        .as("difference to what was encoded")
        .isEmpty();
  }
}
