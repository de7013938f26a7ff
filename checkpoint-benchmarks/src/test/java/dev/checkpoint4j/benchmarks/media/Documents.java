package dev.checkpoint4j.benchmarks.media;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What plain Jackson makes of a checkpoint: the same fields as in the document of the library. */
final class Documents {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Documents() {}

  static String id(String session, long version) {
    return session + "-" + version;
  }

  static byte[] encode(String session, long version, Map<String, @Nullable Object> values) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("format", 1);
    document.put("namespace", "default");
    document.put("id", id(session, version));
    document.put("sessionId", session);
    document.put("version", version);
    document.put("ts", Instant.now().toString());
    document.put("values", values);
    try {
      return MAPPER.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<?, ?> decode(byte[] document) {
    try {
      return MAPPER.readValue(document, Map.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static long version(Map<?, ?> document) {
    Object version = document.get("version");
    if (version instanceof Number number) {
      return number.longValue();
    }
    throw new IllegalStateException("a document without a version");
  }
}
