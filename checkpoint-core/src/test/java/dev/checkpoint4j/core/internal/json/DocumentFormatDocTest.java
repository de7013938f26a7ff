package dev.checkpoint4j.core.internal.json;

import static dev.checkpoint4j.core.internal.json.Sample.documentOf;
import static dev.checkpoint4j.core.internal.json.Sample.list;
import static dev.checkpoint4j.core.internal.json.Sample.map;
import static dev.checkpoint4j.core.internal.json.Sample.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The examples of {@code docs/document-format.md} are what the codec does. */
class DocumentFormatDocTest {

  private static final Path PAGE = Path.of("..", "docs", "document-format.md");

  /** What the first column of the page's table of values stands for. */
  private static final Map<String, @Nullable Object> VALUES =
      map(
          "`null`",
          null,
          "`true`",
          true,
          "String `Grüße`",
          "Grüße",
          "Integer 5",
          5,
          "Integer -2147483648",
          Integer.MIN_VALUE,
          "Long 5",
          5L,
          "Long 2147483648",
          2147483648L,
          "Long 9007199254740993",
          9007199254740993L,
          "BigInteger 5",
          BigInteger.valueOf(5),
          "BigInteger 9223372036854775807",
          BigInteger.valueOf(Long.MAX_VALUE),
          "BigInteger 9223372036854775808",
          BigInteger.ONE.shiftLeft(63),
          "Double 1",
          1.0,
          "Double -0",
          -0.0,
          "Double 10000000",
          1e7,
          "Double NaN",
          Double.NaN,
          "Double -infinity",
          Double.NEGATIVE_INFINITY,
          "BigDecimal, unscaled 150, scale 2",
          new BigDecimal(BigInteger.valueOf(150), 2),
          "BigDecimal, unscaled 15, scale -2",
          new BigDecimal(BigInteger.valueOf(15), -2),
          "BigDecimal, unscaled 1, scale 7",
          new BigDecimal(BigInteger.ONE, 7),
          "Instant, 1 microsecond after the epoch",
          Instant.EPOCH.plusNanos(1000),
          "Instant, the epoch",
          Instant.EPOCH,
          "Binary 00 FF",
          Binary.copyOf(new byte[] {0, -1}),
          "List of Integer 1 and null",
          list(1, null),
          "Map of b to 1, then a to 2",
          map("b", 1, "a", 2),
          "Map of nothing",
          map(),
          "Map of `$long` to String 5",
          map("$long", "5"),
          "Map of `$long` to Long 5",
          map("$long", 5L),
          "Map of `$map` to a Map of `$x` to 1",
          map("$map", map("$x", 1)),
          "Map of `$a` to 1, then b to 2",
          map("$a", 1, "b", 2),
          "Map of a to 1, then `$b` to 2",
          map("a", 1, "$b", 2),
          "Map of the empty String to 1",
          map("", 1),
          "String of the unpaired surrogate D800",
          "\uD800",
          "Map of the unpaired surrogate DC00 to 1",
          map("\uDC00", 1));

  private final CheckpointCodec codec = new JacksonCheckpointCodec();

  @Test
  void theWholeDocumentsAreWhatIsWrittenAndRead() throws IOException {
    Checkpoint first =
        Checkpoint.builder("session-1").id("c-1").ts(Instant.parse("2026-01-01T00:00:00Z")).build();
    Checkpoint full =
        Checkpoint.builder(
                CheckpointMetadata.builder("session-1")
                    .taskId("task-1")
                    .attribute("user", "ada")
                    .build())
            .id("c-2")
            .namespace("prod")
            .version(2)
            .parentId("c-1")
            .ts(Instant.parse("2026-01-01T00:00:00.000001Z"))
            .values(map("step", 2, "score", 0.5))
            .build();
    List<String> documents = page().lines().filter(line -> line.startsWith("{")).toList();
    assertThat(documents)
        .containsExactlyElementsOf(
            List.of(full, first).stream()
                .map(checkpoint -> new String(codec.encode(checkpoint), StandardCharsets.UTF_8))
                .toList());
    assertThat(documents.stream().map(document -> codec.decode(utf8(document))))
        .containsExactly(full, first);
  }

  @Test
  void theTableOfValuesIsWhatIsWrittenAndRead() throws IOException {
    List<String[]> rows = table("<!-- checked: value | written as -->");
    assertThat(rows.stream().map(row -> row[0]))
        .as("the rows this test knows the values of")
        .containsExactlyElementsOf(VALUES.keySet());
    for (String[] row : rows) {
      Checkpoint checkpoint = Sample.of(map("x", VALUES.get(row[0])));
      byte[] document = utf8(documentOf("{\"x\":" + code(row[1]) + "}"));
      assertThat(codec.encode(checkpoint)).as(row[0]).isEqualTo(document);
      assertThat(DeepDifference.between(checkpoint, codec.decode(document))).as(row[0]).isEmpty();
    }
  }

  @Test
  void theTableOfRefusedValuesIsRefused() throws IOException {
    List<String[]> rows = table("<!-- checked: values that are refused -->");
    assertThat(rows).hasSizeGreaterThan(10);
    for (String[] row : rows) {
      String values = row[0].contains(" and ") ? "{\"a\":\"\t\"}" : code(row[0]);
      assertThatExceptionOfType(CodecException.class)
          .as(row[0])
          .isThrownBy(() -> codec.decode(utf8(documentOf(values))));
    }
  }

  private static String page() throws IOException {
    return Files.readString(PAGE);
  }

  /** The rows of the table behind a marker, each with its two cells. */
  private static List<String[]> table(String marker) throws IOException {
    String page = page();
    int start = page.indexOf(marker);
    assertThat(start).as("where the page has %s", marker).isNotNegative();
    return page.substring(start)
        .lines()
        .dropWhile(line -> !line.startsWith("|"))
        .takeWhile(line -> line.startsWith("|"))
        .skip(2)
        .map(DocumentFormatDocTest::cells)
        .toList();
  }

  private static String[] cells(String row) {
    int middle = row.indexOf(" | ");
    return new String[] {row.substring(2, middle), row.substring(middle + 3, row.length() - 2)};
  }

  private static String code(String cell) {
    assertThat(cell).startsWith("`").endsWith("`");
    return cell.substring(1, cell.length() - 1);
  }
}
