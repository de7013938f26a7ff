package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.DocumentCodec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A checkpoint as it is to be stored. */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record NewRow(
    Checkpoint checkpoint,
    long ts,
    @Nullable String attributeHashes,
    byte @Nullable [] attributes,
    byte[] document) {

  /**
   * The attributes are kept a second time, as the document of the checkpoint without its values, so
   * that a header is read without reading the values.
   */
  static NewRow of(Checkpoint checkpoint, DocumentCodec documents, ErrorContext context) {
    Map<String, @Nullable Object> attributes = checkpoint.metadata().attributes();
    return new NewRow(
        checkpoint,
        Micros.of(checkpoint.ts()),
        AttributeHashes.of(attributes),
        attributes.isEmpty()
            ? null
            : documents.encode(
                Checkpoint.builder(checkpoint.header()).values(Map.of()).build(), context),
        documents.encode(checkpoint, context));
  }
}
