package dev.checkpoint4j.spi;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageLimitExceededException;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Encodes and decodes the documents of a backend that stores bytes, with the exceptions that the
 * SPI promises: a checkpoint that is too large, a document that is damaged, and a document that was
 * stored for another checkpoint.
 *
 * <pre>{@code
 * byte[] document = documents.encode(checkpoint, context);
 * ...
 * return documents.decode(document, header -> header.id().equals(id), "row " + id, context);
 * }</pre>
 *
 * <p>Safe for use by several threads.
 */
public final class DocumentCodec {

  private final CheckpointCodec codec;
  private final long maxBytes;

  /**
   * Creates a codec.
   *
   * @param codec turns checkpoints into bytes
   * @param maxBytes the largest document of the backend, as its descriptor declares it
   */
  public DocumentCodec(CheckpointCodec codec, long maxBytes) {
    this.codec = Objects.requireNonNull(codec, "codec");
    this.maxBytes = maxBytes;
  }

  /**
   * Encodes a checkpoint.
   *
   * @throws StorageLimitExceededException if the document would be too large; nothing was changed
   */
  public byte[] encode(Checkpoint checkpoint, ErrorContext context) {
    @Nullable CodecException cause = null;
    try {
      byte[] document = codec.encode(checkpoint);
      if (document.length <= maxBytes) {
        return document;
      }
    } catch (CodecException e) {
      cause = e;
    }
    throw new StorageLimitExceededException(
        "the encoded checkpoint has more than "
            + maxBytes
            + " bytes; nothing was changed. Reduce the checkpoint's size",
        context,
        cause);
  }

  /**
   * Decodes a whole document.
   *
   * @param isExpected whether a header is that of the checkpoint for which the document was stored
   * @param place where the document is, for the message: "the document at byte 7 of the log"
   * @throws CorruptCheckpointException if it cannot be decoded, or is that of another checkpoint
   */
  public Checkpoint decode(
      byte[] document, Predicate<CheckpointHeader> isExpected, String place, ErrorContext context) {
    return decode(document, codec::decode, Checkpoint::header, isExpected, place, context);
  }

  /**
   * Decodes the header of a document; the document may be cut off after its header.
   *
   * @param isExpected whether a header is that of the checkpoint for which the document was stored
   * @param place where the document is, for the message
   * @throws CorruptCheckpointException if it cannot be decoded, or is that of another checkpoint
   */
  public CheckpointHeader decodeHeader(
      byte[] document, Predicate<CheckpointHeader> isExpected, String place, ErrorContext context) {
    return decode(document, codec::decodeHeader, Function.identity(), isExpected, place, context);
  }

  private static <T> T decode(
      byte[] document,
      Function<byte[], T> decoding,
      Function<T, CheckpointHeader> headerOf,
      Predicate<CheckpointHeader> isExpected,
      String place,
      ErrorContext context) {
    try {
      T decoded = decoding.apply(document);
      if (isExpected.test(headerOf.apply(decoded))) {
        return decoded;
      }
    } catch (CodecException e) {
      throw new CorruptCheckpointException(
          place
              + " cannot be decoded: "
              + e.getMessage()
              + ". Restore it from a backup, or delete it",
          context,
          e);
    }
    throw new CorruptCheckpointException(
        place
            + " was stored for another checkpoint, and copied or moved here. Restore it from a"
            + " backup, or delete it",
        context,
        null);
  }
}
