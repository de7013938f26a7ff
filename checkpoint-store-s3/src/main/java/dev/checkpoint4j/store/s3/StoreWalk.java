package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.store.s3.Bucket.Listing;
import dev.checkpoint4j.store.s3.S3StoreVerification.Kind;
import dev.checkpoint4j.store.s3.S3StoreVerification.Listener;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One verification of a store, in one thread: lists everything below its prefix, in the order of
 * keys, in which the documents of a namespace come before its slots.
 */
final class StoreWalk {

  private final Bucket bucket;
  private final Keys keys;
  private final CheckpointCodec codec;
  private final Findings findings;
  private final ErrorContext context;
  private final Leftovers leftovers;

  /**
   * Verifies a store.
   *
   * @param isRepairing whether what is left over is removed
   * @param grace how old that is at least
   */
  StoreWalk(
      Bucket bucket,
      Keys keys,
      CheckpointCodec codec,
      Listener listener,
      ErrorContext context,
      boolean isRepairing,
      Duration grace) {
    this.bucket = bucket;
    this.keys = keys;
    this.codec = codec;
    this.findings = new Findings(listener);
    this.context = context;
    this.leftovers = new Leftovers(bucket, findings, isRepairing, grace);
  }

  S3StoreVerification walk() {
    Listing page = bucket.list(keys.prefix(), null, SlotSource.MOST_KEYS);
    if (!Marker.isThere(bucket, keys)) {
      if (page.slots().stream().allMatch(object -> keys.namespaceOf(object.key()).isEmpty())) {
        throw new BackendConfigurationException(
            S3BackendStorage.ID,
            "there is no store: no object '" + keys.marker() + "' that is one");
      }
      findings.add(
          keys.marker(),
          Kind.MARKER,
          "is missing or is not what the store has written; delete it, and open the store once");
    }
    NamespaceWalk namespace = null;
    while (true) {
      for (Slot object : page.slots()) {
        requireNotInterrupted();
        findings.bytes += object.size();
        Optional<NamespaceKeys> root = keys.namespaceOf(object.key());
        if (root.isEmpty()) {
          reportUnlessMarker(object);
          continue;
        }
        if (namespace == null || !namespace.keys().equals(root.get())) {
          end(namespace);
          leftovers.startNamespace();
          namespace = new NamespaceWalk(bucket, root.get(), codec, findings, leftovers);
          findings.namespaces++;
        }
        namespace.add(object);
      }
      if (!page.isTruncated() || page.slots().isEmpty()) {
        end(namespace);
        return new S3StoreVerification(findings);
      }
      String last = page.slots().get(page.slots().size() - 1).key();
      page = bucket.list(keys.prefix(), last, SlotSource.MOST_KEYS);
    }
  }

  private static void end(@Nullable NamespaceWalk namespace) {
    if (namespace != null) {
      namespace.end();
    }
  }

  private void requireNotInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new StorageUnavailableException("the thread is interrupted", context, null);
    }
  }

  private void reportUnlessMarker(Slot object) {
    if (!object.key().equals(keys.marker())) {
      findings.add(object.key(), Kind.FOREIGN_OBJECT, "is not of the store; move it away");
    }
  }
}
