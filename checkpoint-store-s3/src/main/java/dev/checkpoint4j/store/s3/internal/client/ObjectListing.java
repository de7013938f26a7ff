package dev.checkpoint4j.store.s3.internal.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a listing.
 *
 * @param next the last key of the page, if more objects follow it; the next page starts after it
 */
public record ObjectListing(List<ObjectSummary> objects, @Nullable String next) {

  /** The most objects that one request lists. */
  public static final int MAX_OBJECTS = 1000;

  public boolean isTruncated() {
    return next != null;
  }
}
