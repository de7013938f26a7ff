package dev.checkpoint4j.spi;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;

/**
 * Turns checkpoints into documents of bytes and back: what every backend that stores bytes uses, so
 * that one format is on all media. Safe for use by several threads. Found by {@link
 * java.util.ServiceLoader}; compression and encryption wrap another codec.
 *
 * <p>{@code decode(encode(c))} is equal to {@code c}, with the same Java types and the same order
 * of keys. Equal checkpoints with the same order of keys have equal documents, unless the codec
 * says otherwise (one that encrypts, for example); backends never compare documents to decide
 * whether checkpoints are equal.
 */
public interface CheckpointCodec {

  /**
   * The document of the checkpoint, in an array of the caller's own.
   *
   * @throws CodecException if the document would be larger than an array can be (about 2 GiB); the
   *     backend turns it into a {@code StorageLimitExceededException}
   */
  byte[] encode(Checkpoint checkpoint);

  /**
   * The checkpoint of a whole document. The array is not changed and not kept.
   *
   * @throws CodecException if the document is damaged, incomplete, or of a newer format
   */
  Checkpoint decode(byte[] document);

  /**
   * The header of a document of which at least the header is there: reads no further than it must.
   * The array is not changed and not kept.
   *
   * @throws CodecException if the header is damaged, incomplete, or of a newer format
   */
  CheckpointHeader decodeHeader(byte[] document);
}
