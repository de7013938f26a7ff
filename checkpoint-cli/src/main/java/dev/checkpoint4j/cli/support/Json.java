package dev.checkpoint4j.cli.support;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as the command prints and reads it. */
public final class Json {

  private static final JsonMapper COMPACT =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();
  private static final JsonMapper PRETTY =
      COMPACT.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final TypeReference<Map<String, @Nullable Object>> OBJECT =
      new TypeReference<>() {};

  private Json() {}

  /** The value on one line. */
  public static String compact(Object value) {
    return write(COMPACT, value);
  }

  /** The value on several, indented lines. */
  public static String pretty(Object value) {
    return write(PRETTY, value);
  }

  private static String write(JsonMapper mapper, Object value) {
    try {
      return Printable.json(mapper.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not made of what JSON has", e);
    }
  }

  /**
   * Reads an object, its members in order.
   *
   * @throws JsonProcessingException if the text is anything else
   */
  public static Map<String, @Nullable Object> readObject(String text)
      throws JsonProcessingException {
    return notNull(COMPACT.readValue(text, OBJECT));
  }

  /**
   * Reads an array.
   *
   * @throws JsonProcessingException if the text is anything else
   */
  public static List<?> readArray(String text) throws JsonProcessingException {
    return notNull(COMPACT.readValue(text, List.class));
  }

  private static <T> T notNull(@Nullable T value) throws JsonProcessingException {
    if (value == null) {
      throw new JsonParseException(null, "null");
    }
    return value;
  }

  /** Everything of the checkpoint, header first. */
  public static Map<String, @Nullable Object> view(Checkpoint checkpoint) {
    Map<String, @Nullable Object> view = view(checkpoint.header());
    view.put("values", readable(checkpoint.values()));
    return view;
  }

  /** Every field of the header. */
  public static Map<String, @Nullable Object> view(CheckpointHeader header) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("namespace", header.namespace());
    view.put("sessionId", header.metadata().sessionId());
    view.put("version", header.version());
    view.put("id", header.id());
    view.put("ts", header.ts().toString());
    view.put("parentId", header.parentId().orElse(null));
    view.put("taskId", header.metadata().taskId().orElse(null));
    view.put("attributes", readable(header.metadata().attributes()));
    return view;
  }

  /**
   * The value with what JSON does not have as text: times in ISO 8601, bytes in Base64, NaN and the
   * infinities by name. For reading, not for reading back: the types are not marked.
   */
  private static @Nullable Object readable(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> view = new LinkedHashMap<>();
      map.forEach((key, element) -> view.put((String) key, readable(element)));
      return view;
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> view = new ArrayList<>(list.size());
      list.forEach(element -> view.add(readable(element)));
      return view;
    }
    if (value instanceof Instant instant) {
      return instant.toString();
    }
    if (value instanceof Binary binary) {
      return Base64.getEncoder().encodeToString(binary.toByteArray());
    }
    if (value instanceof Double number && (number.isNaN() || number.isInfinite())) {
      return number.toString();
    }
    return value;
  }
}
