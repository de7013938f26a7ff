package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Stored;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceKeys;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceObjects;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import java.util.Optional;

/**
 * Decodes documents, and verifies that each is the checkpoint that was stored in this place: the
 * document may have been copied from another one.
 */
final class CheckpointDecoder {

  private final CheckpointCodec codec;
  private final SessionReader reader;
  private final NamespaceObjects objects;
  private final NamespaceKeys keys;

  CheckpointDecoder(
      CheckpointCodec codec, SessionReader reader, NamespaceObjects objects, NamespaceKeys keys) {
    this.codec = codec;
    this.reader = reader;
    this.objects = objects;
    this.keys = keys;
  }

  /** Decodes the document of this id, which was read as a whole. */
  Checkpoint decode(String id, Stored document, ErrorContext context) {
    try {
      Checkpoint checkpoint = codec.decode(document.body());
      if (!checkpoint.id().equals(id)) {
        throw new CodecException("it has another id", null);
      }
      requireSamePlace(checkpoint.header(), document);
      return checkpoint;
    } catch (CodecException e) {
      String objectName = new SlotClaim(id, document.generation()).objectName();
      throw corrupt(about(context, id), objectName, e);
    }
  }

  /** Decodes the document of a slot, which was read as a whole. */
  Checkpoint decode(ResolvedSlot slot, ErrorContext context) {
    return decodeInSlot(slot.slot().key(), slot.objectName(), slot.requireDocument(), context);
  }

  /** Decodes a document that belongs to a slot, and was read as a whole. */
  Checkpoint decodeInSlot(
      String slotKey, String objectName, Stored document, ErrorContext context) {
    try {
      Checkpoint checkpoint = codec.decode(document.body());
      requireObjectName(checkpoint.header(), objectName, document);
      return checkpoint;
    } catch (CodecException e) {
      throw corruptInSlot(slotKey, objectName, context, e);
    }
  }

  /**
   * Decodes the header of a document, which was read as a whole or from its start; empty if it is
   * not stored. A header that does not end in the start is read again, and its checkpoint may have
   * been deleted in between.
   */
  Optional<CheckpointHeader> decodeHeader(ResolvedSlot slot, ErrorContext context) {
    return decodeHeader(slot, /* isReread= */ false, context);
  }

  private Optional<CheckpointHeader> decodeHeader(
      ResolvedSlot slot, boolean isReread, ErrorContext context) {
    if (!slot.isStored()) {
      return Optional.empty();
    }
    byte[] body = slot.requireDocument().body();
    try {
      CheckpointHeader header = codec.decodeHeader(body);
      requireObjectName(header, slot.objectName(), slot.requireDocument());
      return Optional.of(header);
    } catch (CodecException e) {
      if (!isReread && body.length == ObjectPart.START_BYTES) {
        return decodeHeader(
            reader.resolve(slot.slot(), ObjectPart.ALL), /* isReread= */ true, context);
      }
      throw corruptInSlot(slot.slot().key(), slot.objectName(), context, e);
    }
  }

  private void requireObjectName(CheckpointHeader header, String objectName, Stored document) {
    if (!new SlotClaim(header.id(), document.generation()).objectName().equals(objectName)) {
      throw new CodecException("it has another id", null);
    }
    requireSamePlace(header, document);
  }

  private void requireSamePlace(CheckpointHeader header, Stored document) {
    if (!keys.isOf(header.namespace())
        || header.version() != document.version()
        || !document.isOfSession(header.metadata().sessionId())) {
      throw new CodecException("it has another namespace, session or version", null);
    }
  }

  private CorruptCheckpointException corruptInSlot(
      String slotKey, String objectName, ErrorContext context, CodecException e) {
    ErrorContext named =
        objects.claim(slotKey).map(claim -> about(context, claim.id())).orElse(context);
    return corrupt(named, objectName, e);
  }

  private CorruptCheckpointException corrupt(
      ErrorContext context, String objectName, CodecException e) {
    return new CorruptCheckpointException(
        "the document of the checkpoint, '"
            + keys.checkpoint(objectName)
            + "', cannot be decoded: "
            + e.getMessage()
            + ". Check whether it was changed or copied by hand, or written by a newer version",
        context,
        e);
  }

  private static ErrorContext about(ErrorContext context, String id) {
    return new ErrorContext(
        context.backendId(), context.operation(), context.namespace(), context.sessionId(), id);
  }
}
