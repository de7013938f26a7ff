package dev.checkpoint4j.store.s3.internal.layout;

import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.store.s3.internal.Digests;
import dev.checkpoint4j.store.s3.internal.S3Backend;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.client.S3ObjectClient;
import dev.checkpoint4j.store.s3.internal.client.StoredObject;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The object that marks a prefix as a store, with its format.
 *
 * @param isIntact whether it is what the store writes
 * @param etagsAreMd5 whether its ETag is the MD5 of its bytes. The ETags of the other objects are
 *     then, too, unless they are encrypted in another way.
 */
public record StoreManifest(boolean isIntact, boolean etagsAreMd5) {

  private static final StoreManifest MISSING = new StoreManifest(false, false);

  private static final int FORMAT = 1;
  private static final byte[] BODY =
      ("{\"format\":\"checkpoint-store-s3\",\"version\":" + FORMAT + "}\n")
          .getBytes(StandardCharsets.UTF_8);
  private static final Pattern VERSION =
      Pattern.compile("\\s*\\{\"format\":\"checkpoint-store-s3\",\"version\":(\\d{1,9})}\\s*");

  /**
   * Opens a store, with two requests, or creates one, with three. Verifies that the server honours
   * {@code If-None-Match}, on which the protocol depends: it must refuse to create the manifest a
   * second time.
   *
   * @throws BackendConfigurationException if the server ignores the condition, or the store has a
   *     newer format
   */
  public static StoreManifest open(S3ObjectClient client, ObjectKeys keys) {
    boolean isNewStore = create(client, keys);
    if (isNewStore && create(client, keys)) {
      throw new BackendConfigurationException(
          S3Backend.ID,
          "the server does not honour If-None-Match: it accepted a conditional PutObject of '"
              + keys.manifest()
              + "', which existed, instead of refusing it with 412 Precondition Failed."
              + " Checkpoints would be lost; use a server that supports conditional writes");
    }
    StoreManifest manifest = read(client, keys);
    if (!manifest.isIntact()) {
      throw new BackendConfigurationException(
          S3Backend.ID,
          "the object '"
              + keys.manifest()
              + "' is not that of a store of checkpoints; give the store a prefix of its own");
    }
    return manifest;
  }

  /**
   * Reads the manifest, which may be missing.
   *
   * @throws BackendConfigurationException if the store has a newer format
   */
  public static StoreManifest read(S3ObjectClient client, ObjectKeys keys) {
    Optional<StoredObject> object = client.getUnchecked(keys.manifest(), ObjectPart.ALL);
    return object.map(StoreManifest::parse).orElse(MISSING);
  }

  private static StoreManifest parse(StoredObject object) {
    Matcher version = VERSION.matcher(new String(object.body(), StandardCharsets.UTF_8));
    if (version.matches() && Integer.parseInt(version.group(1)) > FORMAT) {
      throw new BackendConfigurationException(
          S3Backend.ID,
          "the store has format "
              + version.group(1)
              + ", and this version supports formats up to "
              + FORMAT
              + "; use a newer version of checkpoint-store-s3");
    }
    return new StoreManifest(version.matches(), object.etag().equals(Digests.md5(object.body())));
  }

  private static boolean create(S3ObjectClient client, ObjectKeys keys) {
    return client.putIfAbsent(keys.manifest(), BODY, Map.of()).isPresent();
  }
}
