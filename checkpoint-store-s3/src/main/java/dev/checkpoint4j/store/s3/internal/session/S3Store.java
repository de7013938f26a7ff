package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.store.s3.internal.Clocks;
import dev.checkpoint4j.store.s3.internal.client.S3ObjectClient;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceKeys;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;

/**
 * What the namespaces of a handle share.
 *
 * @param etagsAreMd5 see {@link dev.checkpoint4j.store.s3.internal.layout.StoreManifest}
 */
public record S3Store(
    S3ObjectClient client,
    ObjectKeys keys,
    CheckpointCodec codec,
    Clocks clocks,
    boolean etagsAreMd5,
    SessionTailCache tails) {

  public S3Namespace namespace(String name) {
    return namespace(keys.namespace(name));
  }

  public S3Namespace namespace(NamespaceKeys namespace) {
    return new S3Namespace(this, namespace);
  }
}
