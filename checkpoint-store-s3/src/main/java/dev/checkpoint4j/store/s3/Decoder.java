package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import dev.checkpoint4j.store.s3.Bucket.Part;
import dev.checkpoint4j.store.s3.History.Look;
import java.util.Optional;

/** Makes checkpoints of documents, for one operation. */
final class Decoder {

  private final CheckpointCodec codec;
  private final History history;
  private final String namespace;
  private final ErrorContext context;

  Decoder(CheckpointCodec codec, History history, String namespace, ErrorContext context) {
    this.codec = codec;
    this.history = history;
    this.namespace = namespace;
    this.context = context;
  }

  /** The checkpoint of a document that was read as a whole. */
  Checkpoint checkpoint(String id, Document document) {
    try {
      return codec.decode(document.body());
    } catch (CodecException e) {
      throw corrupt(id, e);
    }
  }

  Checkpoint checkpoint(Look look) {
    return inSlot(look.slot().key(), look.stored());
  }

  /** The checkpoint of a document that belongs to a slot, and was read as a whole. */
  Checkpoint inSlot(String slotKey, Document document) {
    try {
      return codec.decode(document.body());
    } catch (CodecException e) {
      throw corruptInSlot(slotKey, e);
    }
  }

  /** The header of a document that was read as a whole, or from its start. */
  CheckpointHeader header(Look look) {
    byte[] body = look.stored().body();
    try {
      return codec.decodeHeader(body);
    } catch (CodecException e) {
      if (body.length == Bucket.START) {
        return header(history.look(look.slot(), Part.ALL));
      }
      throw corruptInSlot(look.slot().key(), e);
    }
  }

  private CorruptCheckpointException corruptInSlot(String slotKey, CodecException e) {
    Optional<Claim> claim = history.claim(slotKey);
    return claim.map(found -> corrupt(found.id(), e)).orElseGet(() -> corrupt(context, e));
  }

  private CorruptCheckpointException corrupt(String id, CodecException e) {
    return corrupt(context.checkpoint(namespace, id), e);
  }

  private static CorruptCheckpointException corrupt(ErrorContext context, CodecException e) {
    return new CorruptCheckpointException(
        "the document of the checkpoint cannot be decoded: "
            + e.getMessage()
            + ". Check whether it was changed by hand, or written by a newer version",
        context,
        e);
  }
}
