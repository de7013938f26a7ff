package dev.checkpoint4j.core.internal.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.SerializableString;
import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.spi.CodecException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads one document, strictly: what {@link DocumentWriter} would write differently is damage. Two
 * things are left to other writers: white space between tokens, and how a number or a character is
 * spelled where every spelling means the same.
 */
final class DocumentReader {

  private final JsonParser in;
  private final int length;
  private final UnaryOperator<String> restore;

  /** The name of the member to be read next; empty after the last one. */
  private String name = "";

  /**
   * @param in at the start of the document
   * @param length how many bytes {@code in} reads at most
   * @param restore gives each string and name its final form
   */
  DocumentReader(JsonParser in, int length, UnaryOperator<String> restore) {
    this.in = in;
    this.length = length;
    this.restore = restore;
  }

  Checkpoint document() throws IOException {
    CheckpointHeader header = header();
    nextMember();
    Map<String, @Nullable Object> values = topMap(DocumentFormat.VALUES);
    if (next() != JsonToken.END_OBJECT) {
      throw damaged("a member follows 'values'");
    }
    if (in.currentLocation().getByteOffset() != length || in.nextToken() != null) {
      throw damaged("something follows the document");
    }
    return Checkpoint.builder(header).values(values).build();
  }

  /** Reads up to the end of the attributes. */
  CheckpointHeader header() throws IOException {
    if (next() != JsonToken.START_OBJECT) {
      throw damaged("it is not a JSON object");
    }
    nextMember();
    format();
    String id = text(DocumentFormat.ID);
    String namespace = text(DocumentFormat.NAMESPACE);
    String sessionId = text(DocumentFormat.SESSION_ID);
    String taskId = isNext(DocumentFormat.TASK_ID) ? text(DocumentFormat.TASK_ID) : null;
    long version = version();
    String parentId = isNext(DocumentFormat.PARENT_ID) ? text(DocumentFormat.PARENT_ID) : null;
    Instant ts = instant(text(DocumentFormat.TS));
    Map<String, @Nullable Object> attributes = topMap(DocumentFormat.ATTRIBUTES);
    try {
      return CheckpointHeader.builder(
              CheckpointMetadata.builder(sessionId).taskId(taskId).attributes(attributes).build())
          .id(id)
          .namespace(namespace)
          .version(version)
          .parentId(parentId)
          .ts(ts)
          .build();
    } catch (IllegalArgumentException e) {
      // The cause's message may quote the time.
      throw damaged("an id, the version or the time of the header is not legal");
    }
  }

  private void format() throws IOException {
    expect(DocumentFormat.FORMAT);
    if (next() != JsonToken.VALUE_NUMBER_INT
        || in.getNumberType() != JsonParser.NumberType.INT
        || in.getIntValue() < DocumentFormat.NUMBER) {
      throw damaged("the format is not a number from " + DocumentFormat.NUMBER);
    }
    if (in.getIntValue() > DocumentFormat.NUMBER) {
      throw new CodecException(
          "the document was written by format "
              + in.getIntValue()
              + "; this version reads format "
              + DocumentFormat.NUMBER
              + "; upgrade checkpoint-core",
          null);
    }
    nextMember();
  }

  private long version() throws IOException {
    expect(DocumentFormat.VERSION);
    if (next() != JsonToken.VALUE_NUMBER_INT
        || in.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw damaged("the version is not a whole number of 64 bits");
    }
    long version = in.getLongValue();
    nextMember();
    return version;
  }

  private String text(SerializableString field) throws IOException {
    expect(field);
    String text = string(next());
    nextMember();
    return text;
  }

  private Map<String, @Nullable Object> topMap(SerializableString field) throws IOException {
    expect(field);
    if (next() != JsonToken.START_OBJECT) {
      throw damaged("'" + field.getValue() + "' is not an object");
    }
    return members(next(), 1);
  }

  private boolean isNext(SerializableString field) {
    return name.equals(field.getValue());
  }

  private void expect(SerializableString field) {
    if (!isNext(field)) {
      throw damaged("the next member should be '" + field.getValue() + "'");
    }
  }

  private void nextMember() throws IOException {
    name = next() == JsonToken.FIELD_NAME ? in.currentName() : "";
  }

  private JsonToken next() throws IOException {
    JsonToken token = in.nextToken();
    if (token == null) {
      throw damaged("it ends too early");
    }
    return token;
  }

  private @Nullable Object value(JsonToken token, int level) throws IOException {
    return switch (token) {
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_STRING -> restore.apply(in.getText());
      case VALUE_NUMBER_INT -> integer();
      case VALUE_NUMBER_FLOAT -> finiteDouble();
      case START_ARRAY -> list(level + 1);
      case START_OBJECT -> object(level + 1);
      default -> throw damaged("a value is missing");
    };
  }

  private Object integer() throws IOException {
    return switch (in.getNumberType()) {
      case INT -> {
        int number = in.getIntValue();
        if (number == 0 && in.getTextLength() > 1) {
          // The writer meant a Double.
          throw damaged("-0 is no integer");
        }
        yield number;
      }
      case LONG -> in.getLongValue();
      default -> in.getBigIntegerValue();
    };
  }

  private Double finiteDouble() throws IOException {
    double number = in.getDoubleValue();
    if (!Double.isFinite(number)) {
      throw damaged("a number is out of the range of Double");
    }
    return number;
  }

  private List<@Nullable Object> list(int level) throws IOException {
    checkLevel(level);
    List<@Nullable Object> list = new ArrayList<>();
    for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
      list.add(value(token, level));
    }
    return list;
  }

  private Object object(int level) throws IOException {
    JsonToken token = next();
    if (token != JsonToken.FIELD_NAME || !in.currentName().startsWith(DocumentFormat.TAG_PREFIX)) {
      return members(token, level);
    }
    Object value = tagged(in.currentName(), level);
    if (next() != JsonToken.END_OBJECT) {
      throw damaged("a tag has more than one member");
    }
    return value;
  }

  /** The map whose first name, or end, is the current token. */
  private Map<String, @Nullable Object> members(JsonToken first, int level) throws IOException {
    checkLevel(level);
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (JsonToken token = first; token == JsonToken.FIELD_NAME; token = next()) {
      String key = restore.apply(in.currentName());
      int before = map.size();
      map.put(key, value(next(), level));
      if (map.size() == before) {
        throw damaged("a map has the same key twice");
      }
    }
    return map;
  }

  private void checkLevel(int level) {
    if (level > DocumentFormat.MAX_LEVELS) {
      throw damaged("nesting is deeper than " + DocumentFormat.MAX_LEVELS + " levels");
    }
  }

  private Object tagged(String tag, int level) throws IOException {
    JsonToken token = next();
    return switch (tag) {
      case DocumentFormat.MAP -> escapedMap(token, level);
      case DocumentFormat.LONG -> taggedLong(string(token));
      case DocumentFormat.BIG_INTEGER -> BigInteger.valueOf(canonicalLong(string(token)));
      case DocumentFormat.DOUBLE -> nonFiniteDouble(string(token));
      case DocumentFormat.DECIMAL -> decimal(string(token));
      case DocumentFormat.INSTANT -> instant(string(token));
      case DocumentFormat.BINARY -> binary(string(token));
      default -> throw damaged("a tag is unknown");
    };
  }

  private String string(JsonToken token) throws IOException {
    if (token != JsonToken.VALUE_STRING) {
      throw damaged("a string is missing");
    }
    return restore.apply(in.getText());
  }

  private Map<String, @Nullable Object> escapedMap(JsonToken token, int level) throws IOException {
    if (token != JsonToken.START_OBJECT
        || next() != JsonToken.FIELD_NAME
        || !in.currentName().startsWith(DocumentFormat.TAG_PREFIX)) {
      throw damaged("'" + DocumentFormat.MAP + "' holds no map that needs it");
    }
    return members(JsonToken.FIELD_NAME, level);
  }

  private Long taggedLong(String text) {
    long number = canonicalLong(text);
    if (number != (int) number) {
      throw damaged("'" + DocumentFormat.LONG + "' holds a number that needs no tag");
    }
    return number;
  }

  private long canonicalLong(String text) {
    try {
      long number = Long.parseLong(text);
      if (Long.toString(number).equals(text)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Its message quotes the text.
    }
    throw damaged("a tag holds no canonical number of 64 bits");
  }

  private Double nonFiniteDouble(String text) {
    return switch (text) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> throw damaged("'" + DocumentFormat.DOUBLE + "' holds none of its three texts");
    };
  }

  private BigDecimal decimal(String text) {
    BigDecimal decimal = CanonicalDecimal.parse(text);
    if (decimal == null) {
      throw damaged("'" + DocumentFormat.DECIMAL + "' holds no canonical decimal number");
    }
    return decimal;
  }

  private Instant instant(String text) {
    Instant usual = CanonicalInstant.parse(text);
    if (usual != null) {
      return usual;
    }
    try {
      Instant instant = Instant.parse(text);
      if (instant.truncatedTo(ChronoUnit.MICROS).toString().equals(text)) {
        return instant;
      }
    } catch (DateTimeException e) {
      // Its message quotes the text.
    }
    throw damaged("a time is not canonical");
  }

  private Binary binary(String text) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text.getBytes(StandardCharsets.ISO_8859_1));
      if (isCanonicalEnd(bytes, text)) {
        return Binary.copyOf(bytes);
      }
    } catch (IllegalArgumentException e) {
      // Its message quotes the text.
    }
    throw damaged("'" + DocumentFormat.BINARY + "' holds no canonical Base64");
  }

  /** Whether nothing is missing or added at the end, where the decoder of the JDK is lenient. */
  private static boolean isCanonicalEnd(byte[] bytes, String text) {
    byte[] tail = Arrays.copyOfRange(bytes, bytes.length - bytes.length % 3, bytes.length);
    return text.length() == (bytes.length + 2L) / 3 * 4
        && text.endsWith(Base64.getEncoder().encodeToString(tail));
  }

  /** {@code what} holds nothing of the document. */
  private CodecException damaged(String what) {
    return new CodecException(
        "the document is damaged: " + what + ", at byte " + in.currentLocation().getByteOffset(),
        null);
  }
}
