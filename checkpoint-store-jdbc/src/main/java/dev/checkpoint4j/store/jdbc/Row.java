package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.DocumentCodec;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
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

  /** The header, without the document: from the columns, and the attributes if there are any. */
  CheckpointHeader header(DocumentCodec documents, ErrorContext context) {
    ErrorContext named = named(context);
    try {
      CheckpointMetadata.Builder metadata = CheckpointMetadata.builder(sessionId).taskId(taskId);
      if (attributes != null) {
        metadata.attributes(
            documents
                .decodeHeader(attributes, this::isOf, "the attributes of the row", named)
                .metadata()
                .attributes());
      }
      return CheckpointHeader.builder(metadata.build())
          .namespace(namespace)
          .id(id)
          .version(version)
          .parentId(parentId)
          .ts(Micros.toInstant(ts))
          .build();
    } catch (IllegalArgumentException e) {
      throw new CorruptCheckpointException(
          "the row holds a value that no checkpoint can have: "
              + e.getMessage()
              + ". Restore it from a backup, or delete it",
          named,
          e);
    }
  }

  Checkpoint checkpoint(DocumentCodec documents, ErrorContext context) {
    return documents.decode(
        Objects.requireNonNull(document), this::isOf, "the document of the row", named(context));
  }

  /** Whether a document that was read from the row is the one that was stored there. */
  boolean isOf(CheckpointHeader written) {
    return written.id().equals(id)
        && written.namespace().equals(namespace)
        && written.metadata().sessionId().equals(sessionId)
        && written.version() == version;
  }

  private ErrorContext named(ErrorContext context) {
    return context.session(new SessionKey(namespace, sessionId)).checkpoint(namespace, id);
  }
}
