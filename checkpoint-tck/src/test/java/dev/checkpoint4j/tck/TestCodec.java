package dev.checkpoint4j.tck;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A codec for the tests of this module, which the real one depends on: the fields of the header,
 * then the values. It has no checksum: whether a byte has changed is for the backend to find out.
 */
public final class TestCodec implements CheckpointCodec {

  @Override
  public byte[] encode(Checkpoint checkpoint) {
    CheckpointHeader header = checkpoint.header();
    ByteArrayOutputStream document = new ByteArrayOutputStream();
    try {
      DataOutputStream out = new DataOutputStream(document);
      write(
          out,
          Arrays.asList(
              header.id(),
              header.namespace(),
              header.ts(),
              header.version(),
              header.parentId().orElse(null),
              header.metadata().sessionId(),
              header.metadata().taskId().orElse(null),
              header.metadata().attributes()));
      write(out, checkpoint.values());
    } catch (IOException e) {
      throw new IllegalStateException("an array does no I/O", e);
    }
    return document.toByteArray();
  }

  private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /** A letter for the type, then the value. */
  private static void write(DataOutputStream out, @Nullable Object value) throws IOException {
    if (value == null) {
      out.writeByte('0');
    } else if (value instanceof Boolean b) {
      out.writeByte(b ? 'T' : 'F');
    } else if (value instanceof String string) {
      out.writeByte('S');
      // Char by char: an unpaired surrogate has no UTF-8.
      ByteBuffer chars = ByteBuffer.allocate(Character.BYTES * string.length());
      chars.asCharBuffer().put(string);
      writeBytes(out, chars.array());
    } else if (value instanceof Integer number) {
      out.writeByte('I');
      out.writeInt(number);
    } else if (value instanceof Long number) {
      out.writeByte('J');
      out.writeLong(number);
    } else if (value instanceof BigInteger number) {
      out.writeByte('N');
      writeBytes(out, number.toByteArray());
    } else if (value instanceof Double number) {
      out.writeByte('D');
      out.writeLong(Double.doubleToRawLongBits(number));
    } else if (value instanceof BigDecimal number) {
      out.writeByte('E');
      out.writeInt(number.scale());
      writeBytes(out, number.unscaledValue().toByteArray());
    } else if (value instanceof Instant instant) {
      out.writeByte('Z');
      out.writeLong(instant.getEpochSecond());
      out.writeInt(instant.getNano());
    } else if (value instanceof Binary binary) {
      out.writeByte('B');
      writeBytes(out, binary.toByteArray());
    } else if (value instanceof List<?> list) {
      out.writeByte('L');
      out.writeInt(list.size());
      for (Object element : list) {
        write(out, element);
      }
    } else {
      Map<?, ?> map = (Map<?, ?>) value;
      out.writeByte('M');
      out.writeInt(map.size());
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        write(out, entry.getKey());
        write(out, entry.getValue());
      }
    }
  }

  @Override
  public Checkpoint decode(byte[] document) {
    return decoded(
        document,
        in -> {
          CheckpointHeader header = header(read(in));
          Map<String, @Nullable Object> values = map(read(in));
          if (in.hasRemaining()) {
            throw new CodecException(in.remaining() + " bytes follow the document", null);
          }
          return Checkpoint.builder(header).values(values).build();
        });
  }

  @Override
  public CheckpointHeader decodeHeader(byte[] document) {
    return decoded(document, in -> header(read(in)));
  }

  /** Whatever a document that is no document leads to says that it is damaged. */
  private static <T> T decoded(byte[] document, Function<ByteBuffer, T> read) {
    try {
      return read.apply(ByteBuffer.wrap(document));
    } catch (CodecException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new CodecException("the document is cut off or damaged", e);
    }
  }

  private static CheckpointHeader header(@Nullable Object section) {
    List<?> fields = (List<?>) Objects.requireNonNull(section, "section");
    return CheckpointHeader.builder(
            CheckpointMetadata.builder((String) fields.get(5))
                .taskId((String) fields.get(6))
                .attributes(map(fields.get(7)))
                .build())
        .id((String) fields.get(0))
        .namespace((String) fields.get(1))
        .ts((Instant) fields.get(2))
        .version((Long) fields.get(3))
        .parentId((String) fields.get(4))
        .build();
  }

  @SuppressWarnings("unchecked") // The keys of every map are read as strings.
  private static Map<String, @Nullable Object> map(@Nullable Object value) {
    return (Map<String, @Nullable Object>) Objects.requireNonNull(value, "map");
  }

  private static byte[] readBytes(ByteBuffer in) {
    int length = in.getInt();
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static @Nullable Object read(ByteBuffer in) {
    return switch (in.get()) {
      case '0' -> null;
      case 'T' -> true;
      case 'F' -> false;
      case 'S' -> ByteBuffer.wrap(readBytes(in)).asCharBuffer().toString();
      case 'I' -> in.getInt();
      case 'J' -> in.getLong();
      case 'N' -> new BigInteger(readBytes(in));
      case 'D' -> Double.longBitsToDouble(in.getLong());
      case 'E' -> {
        int scale = in.getInt();
        yield new BigDecimal(new BigInteger(readBytes(in)), scale);
      }
      case 'Z' -> Instant.ofEpochSecond(in.getLong(), in.getInt());
      case 'B' -> Binary.copyOf(readBytes(in));
      case 'L' -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
          list.add(read(in));
        }
        yield list;
      }
      case 'M' -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int left = in.getInt(); left > 0; left--) {
          map.put((String) Objects.requireNonNull(read(in), "key"), read(in));
        }
        yield map;
      }
      default -> throw new CodecException("the document holds an unknown type", null);
    };
  }
}
