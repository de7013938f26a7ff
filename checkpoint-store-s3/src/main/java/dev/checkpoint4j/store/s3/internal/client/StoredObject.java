package dev.checkpoint4j.store.s3.internal.client;

import java.time.Instant;
import java.util.Map;

/**
 * An object that was read.
 *
 * @param body as much of it as was requested
 * @param etag without quotes
 * @param modified the last write, by the clock of the server; {@link Instant#MAX} if unknown, so
 *     that the object counts as new
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record StoredObject(
    String key, Map<String, String> metadata, byte[] body, String etag, Instant modified) {}
