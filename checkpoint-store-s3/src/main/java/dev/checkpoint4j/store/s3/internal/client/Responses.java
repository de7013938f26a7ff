package dev.checkpoint4j.store.s3.internal.client;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.utils.DateUtils;

/** Converts answers of servers, which differ in what they omit and in how they quote. */
final class Responses {

  private Responses() {}

  /** Converts a page, and verifies what later code relies on. */
  static ObjectListing toListing(ListObjectsV2Response response, String keyPrefix) {
    List<ObjectSummary> objects = new ArrayList<>();
    for (S3Object object : response.contents()) {
      if (object.key() == null || !object.key().startsWith(keyPrefix)) {
        throw SdkClientException.create("the server lists an object without the prefix");
      }
      if (object.size() < 0) {
        throw SdkClientException.create("the server lists an object of a negative size");
      }
      objects.add(
          new ObjectSummary(
              object.key(), object.size(), unquoted(object.eTag()), orNew(object.lastModified())));
    }
    boolean isTruncated = Boolean.TRUE.equals(response.isTruncated());
    if (isTruncated && objects.isEmpty()) {
      throw SdkClientException.create("the server says that there is more, and lists nothing");
    }
    return new ObjectListing(objects, isTruncated ? objects.get(objects.size() - 1).key() : null);
  }

  /** Converts a page of common prefixes, as {@link #toListing}. */
  static PrefixListing toPrefixes(ListObjectsV2Response response, String keyPrefix) {
    List<String> prefixes = response.commonPrefixes().stream().map(CommonPrefix::prefix).toList();
    List<String> keys = response.contents().stream().map(S3Object::key).toList();
    List<String> all = Stream.concat(prefixes.stream(), keys.stream()).toList();
    if (all.stream().anyMatch(key -> key == null || !key.startsWith(keyPrefix))) {
      throw SdkClientException.create("the server lists a prefix outside of the one requested");
    }
    boolean isTruncated = Boolean.TRUE.equals(response.isTruncated());
    if (isTruncated && all.isEmpty()) {
      throw SdkClientException.create("the server says that there is more, and lists nothing");
    }
    // All are plain ASCII.
    return new PrefixListing(
        prefixes, isTruncated ? all.stream().max(Comparator.naturalOrder()).orElseThrow() : null);
  }

  /** {@link Instant#EPOCH} if the date is missing or invalid: then no object counts as old. */
  static Instant date(ListObjectsV2Response response) {
    try {
      return response
          .sdkHttpResponse()
          .firstMatchingHeader("Date")
          .map(DateUtils::parseRfc822Date)
          .orElse(Instant.EPOCH);
    } catch (RuntimeException e) {
      return Instant.EPOCH;
    }
  }

  /** {@link Instant#MAX} if the time is missing: then the object does not count as old. */
  static Instant orNew(@Nullable Instant modified) {
    return modified == null ? Instant.MAX : modified;
  }

  /** Some servers quote ETags in some answers only. */
  static String unquoted(@Nullable String etag) {
    return etag == null ? "" : etag.replace("\"", "");
  }
}
