package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.store.s3.Bucket.Part;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The object that says that here is a store. That it cannot be made twice is the proof, each time a
 * store is opened, that the server honours {@code If-None-Match}: everything depends on that.
 */
final class Marker {

  private static final int FORMAT = 1;
  private static final byte[] BODY =
      ("{\"format\":\"checkpoint-store-s3\",\"version\":" + FORMAT + "}\n")
          .getBytes(StandardCharsets.UTF_8);
  private static final Pattern VERSION =
      Pattern.compile("\\s*\\{\"format\":\"checkpoint-store-s3\",\"version\":(\\d{1,9})}\\s*");

  private Marker() {}

  /**
   * Opens a store, with two requests, or makes a new one, with three.
   *
   * @throws BackendConfigurationException if the server does not honour conditions, or the store is
   *     of a newer format
   */
  static void check(Bucket bucket, Keys keys) {
    boolean isNewStore = make(bucket, keys);
    if (isNewStore && make(bucket, keys)) {
      throw new BackendConfigurationException(
          S3BackendStorage.ID,
          "the server does not honour If-None-Match: it accepted a conditional PutObject of '"
              + keys.marker()
              + "', which was there, where 412 Precondition Failed was due. Without that checkpoints"
              + " would be lost; use a server that supports conditional writes");
    }
    if (!isThere(bucket, keys)) {
      throw new BackendConfigurationException(
          S3BackendStorage.ID,
          "the object '"
              + keys.marker()
              + "' is not that of a store of checkpoints; give the store a prefix of its own");
    }
  }

  /**
   * Whether there is a marker that is whole.
   *
   * @throws BackendConfigurationException if it is of a newer format
   */
  static boolean isThere(Bucket bucket, Keys keys) {
    String text =
        bucket
            .get(keys.marker(), Part.ALL)
            .map(stored -> new String(stored.body(), StandardCharsets.UTF_8))
            .orElse("");
    Matcher version = VERSION.matcher(text);
    if (version.matches() && Integer.parseInt(version.group(1)) > FORMAT) {
      throw new BackendConfigurationException(
          S3BackendStorage.ID,
          "the store is of format "
              + version.group(1)
              + ", and this version knows formats up to "
              + FORMAT
              + "; use a newer version of checkpoint-store-s3");
    }
    return version.matches();
  }

  private static boolean make(Bucket bucket, Keys keys) {
    return bucket.putIfAbsent(keys.marker(), BODY, Map.of()).isPresent();
  }
}
