package dev.checkpoint4j.store.s3.internal.verify;

import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.store.s3.internal.Clocks;
import dev.checkpoint4j.store.s3.internal.S3Backend;
import dev.checkpoint4j.store.s3.internal.client.ObjectListing;
import dev.checkpoint4j.store.s3.internal.client.ObjectSummary;
import dev.checkpoint4j.store.s3.internal.client.S3ObjectClient;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceKeys;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.StoreManifest;
import dev.checkpoint4j.store.s3.internal.session.S3Store;
import dev.checkpoint4j.store.s3.internal.session.SessionTailCache;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a store, in one thread. Lists everything below its prefix in the order of keys, in which
 * the checkpoint objects of a namespace come before its slots.
 */
public final class StoreScanner {

  private final S3ObjectClient client;
  private final ObjectKeys keys;
  private final CheckpointCodec codec;
  private final Clocks clocks;
  private final Findings findings;
  private final OrphanCollector orphans;

  private @Nullable NamespaceScanner current;

  /**
   * Creates a scanner.
   *
   * @param options with the removal of leftovers, orphans are removed
   * @param minAge the age from which an object may be an orphan
   */
  public StoreScanner(
      S3ObjectClient client,
      ObjectKeys keys,
      CheckpointCodec codec,
      Clocks clocks,
      VerificationOptions options,
      Duration minAge) {
    this.client = client;
    this.keys = keys;
    this.codec = codec;
    this.clocks = clocks;
    this.findings = new Findings(options);
    this.orphans =
        new OrphanCollector(client, clocks, findings, options.removesLeftovers(), minAge);
  }

  /** Scans the store. */
  public VerificationReport scan() {
    ObjectListing page = client.list(keys.prefix(), null, ObjectListing.MAX_OBJECTS);
    S3Store store = openStore(page);
    while (true) {
      // Foreign objects of a page are reported before its sessions.
      page.objects().forEach(this::acceptIfForeign);
      page.objects().forEach(object -> acceptIfOfStore(object, store));
      String next = page.next();
      if (next == null) {
        endNamespace();
        return findings.report();
      }
      page = client.list(keys.prefix(), next, ObjectListing.MAX_OBJECTS);
    }
  }

  private S3Store openStore(ObjectListing firstPage) {
    StoreManifest manifest = StoreManifest.read(client, keys);
    if (!manifest.isIntact()) {
      if (firstPage.objects().stream().noneMatch(this::isOfStore)) {
        throw new BackendConfigurationException(
            S3Backend.ID, "there is no store: no object '" + keys.manifest() + "' that is one");
      }
      findings.add(
          keys.manifest(),
          FindingKind.MANIFEST,
          "is missing or is not what the store has written; delete it, and open the store once");
    }
    return new S3Store(client, keys, codec, clocks, manifest.etagsAreMd5(), new SessionTailCache());
  }

  private boolean isOfStore(ObjectSummary object) {
    return keys.namespaceOf(object.key()).isPresent();
  }

  private void acceptIfForeign(ObjectSummary object) {
    if (isOfStore(object)) {
      return;
    }
    findings.addObject(object);
    if (!object.key().equals(keys.manifest())) {
      findings.add(object.key(), FindingKind.FOREIGN_OBJECT, "is not of the store; move it away");
    }
  }

  private void acceptIfOfStore(ObjectSummary object, S3Store store) {
    Optional<NamespaceKeys> ofObject = keys.namespaceOf(object.key());
    if (ofObject.isEmpty()) {
      return;
    }
    requireNotInterrupted();
    findings.addObject(object);
    if (current == null || !current.keys().equals(ofObject.get())) {
      endNamespace();
      orphans.startNamespace();
      current = new NamespaceScanner(store.namespace(ofObject.get()), findings, orphans);
      findings.addNamespace();
    }
    current.accept(object);
  }

  private void endNamespace() {
    if (current != null) {
      current.end();
      current = null;
    }
  }

  private void requireNotInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new StorageUnavailableException("the thread is interrupted", Findings.CONTEXT, null);
    }
  }
}
