package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Documents that are tickets: the checkpoints themselves stay in memory. */
public final class TestCodec implements CheckpointCodec {

  private static final int DOCUMENT_BYTES = 16;

  private final Map<UUID, Checkpoint> checkpoints = new ConcurrentHashMap<>();

  @Override
  public byte[] encode(Checkpoint checkpoint) {
    UUID ticket = UUID.randomUUID();
    checkpoints.put(ticket, checkpoint);
    return ByteBuffer.allocate(DOCUMENT_BYTES)
        .putLong(ticket.getMostSignificantBits())
        .putLong(ticket.getLeastSignificantBits())
        .array();
  }

  @Override
  public Checkpoint decode(byte[] document) {
    if (document.length != DOCUMENT_BYTES) {
      throw new CodecException("the document has " + document.length + " bytes", null);
    }
    ByteBuffer buffer = ByteBuffer.wrap(document);
    Checkpoint checkpoint = checkpoints.get(new UUID(buffer.getLong(), buffer.getLong()));
    if (checkpoint == null) {
      throw new CodecException("the document is damaged", null);
    }
    // A copy, as any codec makes one.
    return checkpoint.toBuilder().build();
  }

  @Override
  public CheckpointHeader decodeHeader(byte[] document) {
    return decode(document).header();
  }
}
