package dev.checkpoint4j.core.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.google.auto.service.AutoService;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
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

  private static final int POOLED_BUFFERS = 64;

  private static final int DOCUMENTS_OF_A_FACTORY = 16;

  private static final JsonFactoryBuilder SETTINGS =
      new JsonFactoryBuilder()
          // Keys come from users: interning them would fill a table that all of the JVM shares, and
          // unlucky ones are no reason to refuse a document.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
          // Not for speed: Double.toString gives other digits before Java 19.
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          // Threads may be virtual: a pool of buffers per thread would never be used twice.
          .recyclerPool(new BufferPool(POOLED_BUFFERS))
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DocumentFormat.MAX_JSON_LEVELS)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .build())
          .streamWriteConstraints(
              StreamWriteConstraints.builder()
                  .maxNestingDepth(DocumentFormat.MAX_JSON_LEVELS)
                  .build());

  private static final JsonFactory GENERATORS = SETTINGS.build();

  private final int maxDocumentBytes;

  /** For {@link java.util.ServiceLoader}. */
  public JacksonCheckpointCodec() {
    this(MAX_DOCUMENT_BYTES);
  }

  JacksonCheckpointCodec(int maxDocumentBytes) {
    this.maxDocumentBytes = maxDocumentBytes;
  }

  @Override
  public byte[] encode(Checkpoint checkpoint) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    DocumentBuffer buffer = new DocumentBuffer(maxDocumentBytes);
    try (JsonGenerator out = GENERATORS.createGenerator(buffer)) {
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

  /**
   * A factory for some documents. Its parsers share a table of names, which saves work where
   * documents have the same keys; but each parser copies the table before it adds a name, so that
   * it must not grow without end where keys differ (ids, say).
   */
  private static final class Parsers {
    private final JsonFactory factory = SETTINGS.build();
    private final AtomicInteger left = new AtomicInteger(DOCUMENTS_OF_A_FACTORY);

    /** A factory that may still be used; another one than before now and then. */
    static JsonFactory factory() {
      Parsers current = parsers;
      if (current.left.getAndDecrement() <= 0) {
        current = new Parsers();
        parsers = current;
      }
      return current.factory;
    }
  }

  private static volatile Parsers parsers = new Parsers();

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
    try (JsonParser in = Parsers.factory().createParser(bytes, 0, length)) {
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
