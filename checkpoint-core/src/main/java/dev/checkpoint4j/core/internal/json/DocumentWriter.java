package dev.checkpoint4j.core.internal.json;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes one checkpoint. */
final class DocumentWriter {

  private final JsonGenerator out;

  DocumentWriter(JsonGenerator out) {
    this.out = out;
  }

  void document(Checkpoint checkpoint) throws IOException {
    out.writeStartObject();
    out.writeFieldName(DocumentFormat.FORMAT);
    out.writeNumber(DocumentFormat.NUMBER);
    text(DocumentFormat.ID, checkpoint.id());
    text(DocumentFormat.NAMESPACE, checkpoint.namespace());
    text(DocumentFormat.SESSION_ID, checkpoint.metadata().sessionId());
    text(DocumentFormat.TASK_ID, checkpoint.metadata().taskId().orElse(null));
    out.writeFieldName(DocumentFormat.VERSION);
    out.writeNumber(checkpoint.version());
    text(DocumentFormat.PARENT_ID, checkpoint.parentId().orElse(null));
    text(DocumentFormat.TS, checkpoint.ts().toString());
    out.writeFieldName(DocumentFormat.ATTRIBUTES);
    literalMap(checkpoint.metadata().attributes());
    out.writeFieldName(DocumentFormat.VALUES);
    literalMap(checkpoint.values());
    out.writeEndObject();
  }

  private void text(SerializableString name, @Nullable String text) throws IOException {
    if (text != null) {
      out.writeFieldName(name);
      string(text);
    }
  }

  private void string(String text) throws IOException {
    if (SurrogateText.isNeededFor(text)) {
      out.writeString(new SurrogateText(text));
    } else {
      out.writeString(text);
    }
  }

  private void fieldName(String name) throws IOException {
    if (SurrogateText.isNeededFor(name)) {
      out.writeFieldName(new SurrogateText(name));
    } else {
      out.writeFieldName(name);
    }
  }

  private void value(@Nullable Object value) throws IOException {
    if (value == null) {
      out.writeNull();
    } else if (value instanceof String string) {
      string(string);
    } else if (value instanceof Map<?, ?> map) {
      map(map);
    } else if (value instanceof List<?> list) {
      list(list);
    } else if (value instanceof Integer integer) {
      out.writeNumber(integer);
    } else if (value instanceof Boolean bool) {
      out.writeBoolean(bool);
    } else if (value instanceof Double number) {
      number(number);
    } else if (value instanceof Long number) {
      number(number);
    } else if (value instanceof Instant) {
      tag(DocumentFormat.INSTANT, value.toString());
    } else if (value instanceof BigDecimal) {
      tag(DocumentFormat.DECIMAL, value.toString());
    } else if (value instanceof BigInteger number) {
      number(number);
    } else if (value instanceof Binary binary) {
      binary(binary);
    } else {
      throw new AssertionError("a checkpoint holds a " + value.getClass().getName());
    }
  }

  private void list(List<?> list) throws IOException {
    out.writeStartArray();
    for (Object element : list) {
      value(element);
    }
    out.writeEndArray();
  }

  private void map(Map<?, ?> map) throws IOException {
    if (!map.isEmpty()
        && ((String) map.keySet().iterator().next()).startsWith(DocumentFormat.TAG_PREFIX)) {
      out.writeStartObject();
      out.writeFieldName(DocumentFormat.MAP);
      literalMap(map);
      out.writeEndObject();
    } else {
      literalMap(map);
    }
  }

  private void literalMap(Map<?, ?> map) throws IOException {
    out.writeStartObject();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      fieldName((String) entry.getKey());
      value(entry.getValue());
    }
    out.writeEndObject();
  }

  private void number(double number) throws IOException {
    if (Double.isFinite(number)) {
      out.writeNumber(number);
    } else {
      tag(DocumentFormat.DOUBLE, Double.toString(number));
    }
  }

  private void number(long number) throws IOException {
    if (number == (int) number) {
      tag(DocumentFormat.LONG, Long.toString(number));
    } else {
      out.writeNumber(number);
    }
  }

  private void number(BigInteger number) throws IOException {
    if (number.bitLength() < Long.SIZE) {
      tag(DocumentFormat.BIG_INTEGER, number.toString());
    } else {
      out.writeNumber(number);
    }
  }

  private void binary(Binary binary) throws IOException {
    out.writeStartObject();
    out.writeFieldName(DocumentFormat.BINARY);
    out.writeBinary(
        Base64Variants.MIME_NO_LINEFEEDS,
        new BufferInputStream(binary.asByteBuffer()),
        binary.size());
    out.writeEndObject();
  }

  private void tag(String name, String text) throws IOException {
    out.writeStartObject();
    out.writeFieldName(name);
    out.writeString(text);
    out.writeEndObject();
  }

  /** The bytes of a buffer, such that they need not be copied out of it first. */
  private static final class BufferInputStream extends InputStream {

    private final ByteBuffer buffer;

    BufferInputStream(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public int read() {
      return buffer.hasRemaining() ? buffer.get() & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      int count = Math.min(length, buffer.remaining());
      if (count == 0) {
        return -1;
      }
      buffer.get(target, offset, count);
      return count;
    }
  }
}
