package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceKeys;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.store.s3.internal.verify.FindingKind;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * What something else than the store removes, object by object: verifying reports it, as damage
 * where it can be told from a writer that died, as {@code docs/s3.md} says.
 */
class RemovedObjectsTest {

  private final String prefix = "removed-" + UUID.randomUUID();
  private final NamespaceKeys namespace = new ObjectKeys(prefix + "/").namespace("default");
  private final S3Client client = S3MockServer.sharedInMemory().newClient();

  @AfterEach
  void close() {
    client.close();
  }

  private S3BackendStorageBuilder builder() {
    return S3BackendStorage.builder().client(client).bucket(S3Server.BUCKET).prefix(prefix);
  }

  private void copy(String from, String to) {
    client.copyObject(
        request ->
            request
                .sourceBucket(S3Server.BUCKET)
                .sourceKey(from)
                .destinationBucket(S3Server.BUCKET)
                .destinationKey(to));
  }

  @Test
  void areReportedOneByOne() {
    try (S3BackendStorage store = builder().open()) {
      for (long version = 1; version <= 3; version++) {
        store.put(checkpoint(version), Expectation.any());
      }
      store.put(checkpoint("t", "again", 1), Expectation.any());
      store.put(checkpoint("t", "t-2", 2), Expectation.any());
      store.delete("default", List.of("again"));
      store.put(checkpoint("t", "again", 3), Expectation.any());
    }
    assertThat(verify().damaged()).isZero();
    Map<String, Set<FindingKind>> found = new TreeMap<>();
    String saved = prefix + "-saved";
    for (String key : objects()) {
      copy(key, saved);
      client.deleteObject(request -> request.bucket(S3Server.BUCKET).key(key));
      found.put(key, kinds());
      copy(saved, key);
    }
    assertThat(verify().damaged()).isZero();

    String s = namespace.sessionPrefix("s");
    String t = namespace.sessionPrefix("t");
    assertThat(found.get(prefix + "/" + ObjectKeys.MANIFEST)).contains(FindingKind.MANIFEST);
    assertThat(found.get(document("id-1", 0))).contains(FindingKind.MISSING_DOCUMENT);
    assertThat(found.get(document("id-2", 0))).contains(FindingKind.MISSING_DOCUMENT);
    assertThat(found.get(document("t-2", 0))).contains(FindingKind.MISSING_DOCUMENT);
    assertThat(found.get(ObjectKeys.slot(s, 1))).contains(FindingKind.MISSING_SLOT);
    assertThat(found.get(ObjectKeys.slot(s, 2))).contains(FindingKind.MISSING_SLOT);
    assertThat(found.get(ObjectKeys.slot(t, 2))).contains(FindingKind.MISSING_SLOT);
    // What leads to a later generation.
    assertThat(found.get(document("again", 0))).contains(FindingKind.UNREACHABLE);
    // Half of the newest checkpoint looks as if its writer had died.
    assertThat(found.get(document("id-3", 0))).contains(FindingKind.UNFINISHED_WRITE);
    assertThat(found.get(ObjectKeys.slot(s, 3))).contains(FindingKind.UNFINISHED_WRITE);
  }

  private String document(String id, int generation) {
    return namespace.checkpoint(new SlotClaim(id, generation));
  }

  private Set<FindingKind> kinds() {
    return verify().findings().stream().map(RecordingListener::kind).collect(Collectors.toSet());
  }

  private VerificationReport verify() {
    return builder().verify(VerificationOptions.defaults(), RecordingListener.NO_MIN_AGE);
  }

  private List<String> objects() {
    return client
        .listObjectsV2(request -> request.bucket(S3Server.BUCKET).prefix(prefix + "/"))
        .contents()
        .stream()
        .map(S3Object::key)
        .toList();
  }
}
