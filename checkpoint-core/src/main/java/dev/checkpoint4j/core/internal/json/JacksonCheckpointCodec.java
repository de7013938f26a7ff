package dev.checkpoint4j.core.internal.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.google.auto.service.AutoService;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * "Checkpoint document v1" by the streaming API of Jackson. Equal checkpoints with the same order
 * of keys have equal documents, on every version of Java. Encoding takes about twice the size of
 * the document in memory.
 */
@AutoService(CheckpointCodec.class)
public final class JacksonCheckpointCodec implements CheckpointCodec {

  /** Nearly the greatest array that every JVM can create. */
  private static final int MAX_DOCUMENT_BYTES = Integer.MAX_VALUE - 8;

  private final int maxDocumentBytes;

  /**
   * For {@link java.util.ServiceLoader}.
   *
   * @throws IllegalStateException if the version of jackson-core is too old
   */
  public JacksonCheckpointCodec() {
    this(MAX_DOCUMENT_BYTES);
  }

  JacksonCheckpointCodec(int maxDocumentBytes) {
    JacksonVersion.require();
    this.maxDocumentBytes = maxDocumentBytes;
  }

  @Override
  public byte[] encode(Checkpoint checkpoint) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    DocumentBuffer buffer = new DocumentBuffer(maxDocumentBytes);
    try (JsonGenerator out = JsonFactories.generators().createGenerator(buffer)) {
      new DocumentWriter(out).document(checkpoint);
    } catch (DocumentBuffer.LimitExceededException e) {
      throw new CodecException(
          "the document would be larger than "
              + maxDocumentBytes
              + " bytes. Reduce the checkpoint's size",
          e);
    } catch (IOException e) {
      // There is no medium that could fail.
      throw new UncheckedIOException(e);
    }
    return buffer.toByteArray();
  }

  @Override
  public Checkpoint decode(byte[] document) {
    Objects.requireNonNull(document, "document");
    return read(document, document.length, DocumentReader::document);
  }

  @Override
  public CheckpointHeader decodeHeader(byte[] document) {
    Objects.requireNonNull(document, "document");
    return read(document, DocumentText.endOfHeader(document), DocumentReader::header);
  }

  private interface Part<T> {
    T read(DocumentReader reader) throws IOException;
  }

  private static <T> T read(byte[] document, int end, Part<T> part) {
    byte[] bytes = document;
    int length = end;
    UnaryOperator<String> restore = UnaryOperator.identity();
    if (DocumentText.checkUtf8(document, end)) {
      bytes = SurrogateEscapes.hide(document, end);
      length = bytes.length;
      restore = SurrogateEscapes::restore;
    }
    try (JsonParser in = JsonFactories.parsers().createParser(bytes, 0, length)) {
      return part.read(new DocumentReader(in, length, restore));
    } catch (JsonProcessingException e) {
      // Without the cause: its message may quote the document.
      long offset = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
      throw new CodecException(
          "the document is damaged: it is incomplete or no legal JSON, at byte " + offset, null);
    } catch (IOException | ArithmeticException | NumberFormatException e) {
      // What Jackson throws for numbers that no Java type can hold.
      throw new CodecException("the document is damaged: a number is out of range", null);
    }
  }
}
