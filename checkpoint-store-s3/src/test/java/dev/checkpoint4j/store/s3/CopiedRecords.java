package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.tck.Fault;
import dev.checkpoint4j.tck.FaultInjector;
import dev.checkpoint4j.testsupport.S3Server;
import java.net.URI;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import software.amazon.awssdk.services.s3.S3Client;

/** Adds copies of checkpoint objects, made on the server, to the faults of connections. */
final class CopiedRecords implements FaultInjector {

  private final FaultInjector connection;
  private final URI endpoint;
  private final String bucket;
  private final ObjectKeys keys;

  CopiedRecords(FaultInjector connection, URI endpoint, String bucket, String prefix) {
    this.connection = connection;
    this.endpoint = endpoint;
    this.bucket = bucket;
    this.keys = new ObjectKeys(prefix + "/");
  }

  @Override
  public Set<Fault> faults() {
    Set<Fault> faults = EnumSet.of(Fault.COPIED_RECORD);
    faults.addAll(connection.faults());
    return faults;
  }

  @Override
  public void arm(Fault fault, int passes) {
    connection.arm(fault, passes);
  }

  @Override
  public void disarm() {
    connection.disarm();
  }

  @Override
  public void flipByte(Checkpoint stored, Random random) {
    connection.flipByte(stored, random);
  }

  /** Copies the body and the metadata. Both ids were used once. */
  @Override
  public void copyRecord(Checkpoint source, Checkpoint target) {
    try (S3Client client = S3Server.clientBuilder(endpoint).build()) {
      client.copyObject(
          request ->
              request
                  .sourceBucket(bucket)
                  .sourceKey(key(source))
                  .destinationBucket(bucket)
                  .destinationKey(key(target)));
    }
  }

  private String key(Checkpoint checkpoint) {
    return keys.namespace(checkpoint.namespace()).checkpoint(new SlotClaim(checkpoint.id(), 0));
  }
}
