package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A checkpoint as it is stored. */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Row(
    String namespace,
    String sessionId,
    long version,
    String id,
    @Nullable String taskId,
    @Nullable String parentId,
    long ts,
    byte @Nullable [] attributes,
    byte @Nullable [] document) {

  /** The columns of a row without its document. */
  static final String HEADER =
      "h.session_id, h.version, h.id, h.task_id, h.parent_id, h.ts, h.attributes";

  static Row read(ResultSet row, StatementDialect dialect, String namespace, boolean withDocument)
      throws SQLException {
    return new Row(
        namespace,
        Objects.requireNonNull(dialect.id(row, "session_id")),
        row.getLong("version"),
        Objects.requireNonNull(dialect.id(row, "id")),
        dialect.id(row, "task_id"),
        dialect.id(row, "parent_id"),
        row.getLong("ts"),
        row.getBytes("attributes"),
        withDocument ? row.getBytes("document") : null);
  }

  Row withDocument(byte[] document) {
    return new Row(namespace, sessionId, version, id, taskId, parentId, ts, attributes, document);
  }

  List<Object> primaryKey(StatementDialect dialect) {
    return List.of(dialect.id(namespace), dialect.id(sessionId), version);
  }

  CheckpointHeader header(CheckpointCodec codec, ErrorContext context) {
    return decoding(
        context,
        () -> {
          CheckpointMetadata.Builder metadata =
              CheckpointMetadata.builder(sessionId).taskId(taskId);
          if (attributes != null) {
            CheckpointHeader written = codec.decodeHeader(attributes);
            requireOfRow(written);
            metadata.attributes(written.metadata().attributes());
          }
          return CheckpointHeader.builder(metadata.build())
              .namespace(namespace)
              .id(id)
              .version(version)
              .parentId(parentId)
              .ts(Micros.toInstant(ts))
              .build();
        });
  }

  Checkpoint checkpoint(CheckpointCodec codec, ErrorContext context) {
    byte[] bytes = Objects.requireNonNull(document);
    return decoding(
        context,
        () -> {
          Checkpoint checkpoint = codec.decode(bytes);
          requireOfRow(checkpoint.header());
          return checkpoint;
        });
  }

  private void requireOfRow(CheckpointHeader written) {
    if (!isOf(written)) {
      throw new CodecException("the document is that of another checkpoint", null);
    }
  }

  /** Whether a document that was read from the row is the one that was stored there. */
  boolean isOf(CheckpointHeader written) {
    return written.id().equals(id)
        && written.namespace().equals(namespace)
        && written.metadata().sessionId().equals(sessionId)
        && written.version() == version;
  }

  private <R> R decoding(ErrorContext context, Supplier<R> decoder) {
    try {
      return decoder.get();
    } catch (CodecException | IllegalArgumentException e) {
      throw new CorruptCheckpointException(
          "the row of the checkpoint cannot be decoded: "
              + e.getMessage()
              + ". Check whether it was changed by hand, or written by a newer version",
          context.session(new SessionKey(namespace, sessionId)).checkpoint(namespace, id),
          e);
    }
  }
}
