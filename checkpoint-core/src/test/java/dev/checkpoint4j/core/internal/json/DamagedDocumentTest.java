package dev.checkpoint4j.core.internal.json;

import static dev.checkpoint4j.core.internal.json.Sample.documentOf;
import static dev.checkpoint4j.core.internal.json.Sample.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the bytes are, the outcome is a checkpoint or a {@link CodecException}. */
class DamagedDocumentTest {

  private final CheckpointCodec codec = new JacksonCheckpointCodec();

  @Test
  void everyFlippedBitGivesACheckpointOrACodecException() {
    byte[] document = utf8(Sample.fullDocument());
    for (int i = 0; i < document.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] damaged = document.clone();
        damaged[i] ^= (byte) (1 << bit);
        decodeOrRefuse(damaged, "bit %d of byte %d flipped".formatted(bit, i));
      }
    }
  }

  @Test
  void everyByteReplacedByEveryOtherGivesACheckpointOrACodecException() {
    byte[] document =
        utf8(documentOf("{\"a\":[1,-2.5E3,{\"$long\":\"5\"},{\"$map\":{\"$\":null}},\"é\"]}"));
    for (int i = 0; i < document.length; i++) {
      for (int value = 0; value < 256; value++) {
        byte[] damaged = document.clone();
        damaged[i] = (byte) value;
        decodeOrRefuse(damaged, "byte %d set to %d".formatted(i, value));
      }
    }
  }

  @Test
  void everyCutIsRefused() {
    byte[] document = utf8(Sample.fullDocument());
    for (int length = 0; length < document.length; length++) {
      byte[] cut = Arrays.copyOf(document, length);
      assertThatExceptionOfType(CodecException.class)
          .as("the first %d bytes", length)
          .isThrownBy(() -> codec.decode(cut));
    }
  }

  /** What was decoded must also be encodable, and then be the same. */
  private void decodeOrRefuse(byte[] document, String what) {
    try {
      Checkpoint decoded = codec.decode(document);
      assertThat(codec.decode(codec.encode(decoded))).as(what).isEqualTo(decoded);
    } catch (CodecException e) {
      assertThat(e.getCause()).as("a cause could quote the document").isNull();
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
    try {
      assertThat(codec.decodeHeader(document)).isNotNull();
    } catch (CodecException e) {
      assertThat(e.getCause()).as("a cause could quote the document").isNull();
    } catch (RuntimeException e) {
      throw new AssertionError("header, " + what, e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "null",
        "\"text\"",
        "{\"$map\":{\"$a\":1}}",
        "{},\"more\":1",
        "{}}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":{\"b\":1,\"c\":2,\"b\":1}}",
        "{\"\\u0061\":1,\"a\":1}",
        "{\"\\ud800\":1,\"\\uD800\":1}",
        "{\"a\":-0}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":0x1}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":1E999}",
        "{\"a\":undefined}",
        "{\"a\":TRUE}",
        "{\"a\":'b'}",
        "{a:1}",
        "{\"a\":1,}",
        "{\"a\":[1,]}",
        "{\"a\":[1 2]}",
        "{\"a\"}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\ud8\"}",
        "{\"a\":\"\\ud8zz\"}",
        "{\"\\ud8zz\":1}",
        "{\"a\":1/**/}",
        "{\"a\":{\"$unknown\":\"1\"}}",
        "{\"a\":{\"$\":\"1\"}}",
        "{\"a\":{\"$long\":5}}",
        "{\"a\":{\"$long\":null}}",
        "{\"a\":{\"$long\":\"5\",\"b\":1}}",
        "{\"a\":{\"$long\":\"5\",\"$long\":\"5\"}}",
        "{\"a\":{\"$long\":\"05\"}}",
        "{\"a\":{\"$long\":\"+5\"}}",
        "{\"a\":{\"$long\":\"-0\"}}",
        "{\"a\":{\"$long\":\" 5\"}}",
        "{\"a\":{\"$long\":\"\"}}",
        "{\"a\":{\"$long\":\"\u0665\"}}",
        "{\"a\":{\"$long\":\"5000000000\"}}",
        "{\"a\":{\"$long\":\"99999999999999999999\"}}",
        "{\"a\":{\"$bigInteger\":\"9223372036854775808\"}}",
        "{\"a\":{\"$bigInteger\":\"x\"}}",
        "{\"a\":{\"$double\":\"1.0\"}}",
        "{\"a\":{\"$double\":\"nan\"}}",
        "{\"a\":{\"$decimal\":1.5}}",
        "{\"a\":{\"$decimal\":\"\"}}",
        "{\"a\":{\"$decimal\":\".5\"}}",
        "{\"a\":{\"$decimal\":\"1.\"}}",
        "{\"a\":{\"$decimal\":\"+1\"}}",
        "{\"a\":{\"$decimal\":\"1e5\"}}",
        "{\"a\":{\"$decimal\":\"1E5\"}}",
        "{\"a\":{\"$decimal\":\"1.5.5\"}}",
        "{\"a\":{\"$decimal\":\"1E+99999999999\"}}",
        "{\"a\":{\"$decimal\":\"1E+9223372036854775808\"}}",
        "{\"a\":{\"$decimal\":\"1E+2147483649\"}}",
        "{\"a\":{\"$decimal\":\"NaN\"}}",
        "{\"a\":{\"$decimal\":\"1_0\"}}",
        "{\"a\":{\"$instant\":\"2026-01-01T00:00:00.0000001Z\"}}",
        "{\"a\":{\"$instant\":\"2026-01-01T00:00:00.100000Z\"}}",
        "{\"a\":{\"$instant\":\"2026-01-01T01:00:00+01:00\"}}",
        "{\"a\":{\"$instant\":\"2026-01-01T24:00:00Z\"}}",
        "{\"a\":{\"$instant\":\"2026-02-30T00:00:00Z\"}}",
        "{\"a\":{\"$instant\":\"2016-12-31T23:59:60Z\"}}",
        "{\"a\":{\"$instant\":0}}",
        "{\"a\":{\"$binary\":\"QQ\"}}",
        "{\"a\":{\"$binary\":\"QR==\"}}",
        "{\"a\":{\"$binary\":\"QQ==QQ==\"}}",
        "{\"a\":{\"$binary\":\"QU I\"}}",
        "{\"a\":{\"$binary\":\"Q\"}}",
        "{\"a\":{\"$binary\":\"====\"}}",
        "{\"a\":{\"$binary\":\"-_-_\"}}",
        "{\"a\":{\"$binary\":\"\u0451UFB\"}}",
        "{\"a\":{\"$map\":{}}}",
        "{\"a\":{\"$map\":{\"b\":1}}}",
        "{\"a\":{\"$map\":{\"b\":1,\"$c\":1}}}",
        "{\"a\":{\"$map\":[]}}",
        "{\"a\":{\"$map\":{\"$b\":1},\"c\":1}}",
      })
  void valuesOfNoCanonicalFormAreRefused(String values) {
    refused(documentOf(values));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{}",
        "[]",
        "1",
        "\uFEFF{",
        "{\"id\":\"c\"}",
        "{\"checkpoint\":0,",
        "{\"checkpoint\":-1,",
        "{\"checkpoint\":\"1\",",
        "{\"checkpoint\":1.0,",
        "{\"checkpoint\":null,",
        "{\"checkpoint\":99999999999999999999,",
      })
  void whatIsNoDocumentOfAKnownFormatIsRefused(String document) {
    refused(document);
  }

  @Test
  void everyHeaderFieldMustBeThereOnceInItsPlace() {
    String[] members = {
      "\"checkpoint\":1", "\"id\":\"c\"", "\"namespace\":\"n\"", "\"sessionId\":\"s\"",
      "\"taskId\":\"t\"", "\"version\":1", "\"parentId\":\"p\"", "\"ts\":\"2026-01-01T00:00:00Z\"",
      "\"attributes\":{}", "\"values\":{}"
    };
    String whole = "{" + String.join(",", members) + "}";
    assertThat(codec.decode(utf8(whole)).metadata().taskId()).contains("t");
    for (int i = 0; i < members.length; i++) {
      refused(whole.replace(members[i], members[i] + "," + members[i]));
      refused(whole.replace(members[i], members[i] + ",\"unknown\":1"));
      refused(whole.replace(members[i], members[i].replaceAll(":.*", ":null")));
      refused(whole.replace(members[i], members[i].replaceAll(":.*", ":[]")));
      if (i + 1 < members.length) {
        refused(
            whole.replace(members[i] + "," + members[i + 1], members[i + 1] + "," + members[i]));
      }
      if (!members[i].contains("taskId") && !members[i].contains("parentId")) {
        refused(whole.replaceAll("\\Q" + members[i] + "\\E,?", "").replace(",}", "}"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"id\":\"c\"|\"id\":\"\"",
        "\"id\":\"c\"|\"id\":\"\\u0000\"",
        "\"id\":\"c\"|\"id\":\"\\ud800\"",
        "\"default\"|\"\\n\"",
        "\"sessionId\":\"s\"|\"sessionId\":\"\"",
        "\"sessionId\":\"s\"|\"sessionId\":\"s\",\"taskId\":\"\"",
        "\"version\":1|\"version\":0",
        "\"version\":1|\"version\":-1",
        "\"version\":1|\"version\":1.0",
        "\"version\":1|\"version\":9223372036854775808",
        "\"version\":1|\"version\":1,\"parentId\":\"\"",
        "2026-01-01T00:00:00Z|2026-01-01T00:00:00.0Z",
        "2026-01-01T00:00:00Z|2026-01-01T00:00:00.123456789Z",
        "2026-01-01T00:00:00Z|0000-12-31T23:59:59Z",
        "2026-01-01T00:00:00Z|+10000-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z|yesterday",
      })
  void illegalHeaderDataIsRefused(String replacement) {
    int bar = replacement.indexOf('|');
    String document =
        documentOf("{}").replace(replacement.substring(0, bar), replacement.substring(bar + 1));
    assertThat(document).as("the replacement must apply").isNotEqualTo(documentOf("{}"));
    refused(document);
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> codec.decodeHeader(utf8(document)));
  }

  @Test
  void anIdOverItsLimitIsRefused() {
    refused(documentOf("{}").replace("\"id\":\"c\"", "\"id\":\"" + "c".repeat(256) + "\""));
  }

  @Test
  void aNewerFormatIsNamed() {
    for (String document :
        new String[] {"{\"checkpoint\":2,\"unknown\":[", documentOf("{}").replace(":1,", ":2,")}) {
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> codec.decode(utf8(document)))
          .withMessageContaining(
              "written by format 2; this version reads format 1; upgrade checkpoint-core");
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> codec.decodeHeader(utf8(document)))
          .withMessageContaining("written by format 2");
    }
  }

  @Test
  void bytesBehindTheDocumentAreRefused() {
    for (String tail : new String[] {" ", "\n", " x", "{}", "}", "\0", ","}) {
      refused(documentOf("{}") + tail);
    }
  }

  @Test
  void malformedUtf8IsRefusedInValuesKeysAndIds() {
    for (String hex :
        new String[] {
          "C080",
          "C1BF",
          "E08080",
          "E09FBF",
          "EDA080",
          "EDBFBF",
          "F0808080",
          "F08FBFBF",
          "F4908080",
          "F5808080",
          "FF",
          "FE",
          "80",
          "BF",
          "C3",
          "C328",
          "E282",
          "E28228",
          "E228A1",
          "F09F98",
          "F09F9828",
          "F0289F98",
          "F8888080"
        }) {
      for (String place :
          new String[] {
            documentOf("{\"a\":\"#\"}"),
            documentOf("{\"#\":1}"),
            documentOf("{\"a\":\"padding..\\\\#\"}"),
            documentOf("{\"a\":\"\\ud800#\"}"),
            documentOf("{}").replace("\"c\"", "\"#\""),
          }) {
        assertThatExceptionOfType(CodecException.class)
            .as("%s in %s", hex, place)
            .isThrownBy(() -> codec.decode(withBytes(place, hex)))
            .withMessageContaining("at byte");
      }
    }
  }

  private static byte[] withBytes(String template, String hex) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int place = template.indexOf('#');
    bytes.writeBytes(utf8(template.substring(0, place)));
    for (int i = 0; i < hex.length(); i += 2) {
      bytes.write(Integer.parseInt(hex, i, i + 2, 16));
    }
    bytes.writeBytes(utf8(template.substring(place + 1)));
    return bytes.toByteArray();
  }

  @Test
  void otherEncodingsAreRefused() {
    for (Charset charset :
        new Charset[] {
          StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE, StandardCharsets.UTF_16
        }) {
      byte[] document = documentOf("{}").getBytes(charset);
      assertThatExceptionOfType(CodecException.class).isThrownBy(() -> codec.decode(document));
    }
  }

  @Test
  void nestingOverTheLimitIsRefusedHoweverDeep() {
    for (int levels : new int[] {500, 501, 1001, 1_000_000}) {
      refused(documentOf("{\"a\":" + "[".repeat(levels) + "]".repeat(levels) + "}"));
      refused(documentOf("{\"a\":".repeat(levels + 1) + "1" + "}".repeat(levels + 1)));
      refused(
          documentOf(
              "{\"a\":" + "{\"$map\":{\"$\":".repeat(levels) + "1" + "}}".repeat(levels) + "}"));
      refused(documentOf("{\"a\":" + "[".repeat(levels)));
    }
  }

  @Test
  void messagesHoldNothingOfTheDocument() {
    for (String values :
        new String[] {
          "{\"secret\":secret}",
          "{\"secret\":1,\"secret\":1}",
          "{\"a\":{\"$secret\":1}}",
          "{\"a\":{\"$long\":\"secret\"}}",
          "{\"a\":{\"$decimal\":\"secret\"}}",
          "{\"a\":{\"$instant\":\"secret\"}}",
          "{\"a\":{\"$binary\":\"secret!\"}}",
          "{\"a\":\"secret\\q\"}",
          "{\"a\":\"secret",
          "{\"a\":{\"secret\" 1}}",
        }) {
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> codec.decode(utf8(documentOf(values))))
          .satisfies(
              e -> {
                assertThat(e).hasMessageContaining("at byte").hasNoCause();
                assertThat(e.getMessage()).doesNotContain("secret");
              });
    }
  }

  @Test
  void whiteSpaceBetweenTokensAndOtherSpellingsOfTheSameNumberAreRead() {
    String spaced =
        documentOf("{\"a\":[1e2, 1.50 ,\t1E-2,\n\"\\/\\u0041\"]}").replace(":1,", ": 1 ,");
    assertThat(codec.decode(utf8(spaced)).values())
        .isEqualTo(Sample.map("a", Sample.list(100.0, 1.5, 0.01, "/A")));
  }

  private void refused(String document) {
    assertThatExceptionOfType(CodecException.class)
        .as(document.length() < 1000 ? document : "a document of " + document.length())
        .isThrownBy(() -> codec.decode(utf8(document)))
        .satisfies(e -> assertThat(e).hasNoCause());
  }
}
