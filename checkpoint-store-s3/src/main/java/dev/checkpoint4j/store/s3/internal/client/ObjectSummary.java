package dev.checkpoint4j.store.s3.internal.client;

import java.time.Instant;

/**
 * An object as a listing shows it; {@link StoredObject} has its content.
 *
 * @param size in bytes
 * @param etag without quotes
 * @param modified the last write, by the clock of the server; {@link Instant#MAX} if unknown, so
 *     that the object counts as new
 */
public record ObjectSummary(String key, long size, String etag, Instant modified) {}
