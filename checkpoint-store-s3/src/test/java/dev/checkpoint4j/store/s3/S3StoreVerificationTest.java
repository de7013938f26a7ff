package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.SESSION;
import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Stored;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Tombstone;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceKeys;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.store.s3.internal.layout.SlotKind;
import dev.checkpoint4j.store.s3.internal.verify.FindingKind;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

class S3StoreVerificationTest {

  private final String prefix = "verification-" + UUID.randomUUID();
  private final ObjectKeys keys = new ObjectKeys(prefix + "/");
  private final NamespaceKeys namespace = keys.namespace("default");
  private final String slots = namespace.sessionPrefix("s");
  private final S3Client client = server().newClient();
  private S3BackendStorage store = builder().open();

  S3Server server() {
    return S3MockServer.sharedInMemory();
  }

  private S3BackendStorageBuilder builder() {
    return S3BackendStorage.builder().client(client).bucket(S3Server.BUCKET).prefix(prefix);
  }

  /** Another handle, which knows nothing of the sessions. */
  private void reopen() {
    store.close();
    store = builder().open();
  }

  @AfterEach
  void close() {
    store.close();
    client.close();
  }

  private void put(long... versions) {
    for (long version : versions) {
      store.put(checkpoint(version), Expectation.any());
    }
  }

  /** As the store does, with what says where it belongs. */
  private void write(String key, byte[] body, Map<String, String> metadata) {
    Map<String, String> all = new HashMap<>(metadata);
    all.put("key", name(key));
    client.putObject(
        request -> request.bucket(S3Server.BUCKET).key(key).metadata(all),
        RequestBody.fromBytes(body));
  }

  private String name(String key) {
    return key.substring(prefix.length() + 1);
  }

  private void writeTombstone(long number) {
    String key = ObjectKeys.slot(slots, number);
    write(key, SlotKind.TOMBSTONE.tombstone(name(key)), Map.of());
  }

  private void writeSlot(long number, SlotClaim claim) {
    write(ObjectKeys.slot(slots, number), claim.body(SlotKind.CLAIMED), Map.of());
  }

  private void writeDocument(SlotClaim claim, long slot, Checkpoint checkpoint) {
    byte[] body = encode(checkpoint);
    Stored document =
        Stored.of(ObjectKeys.slot(slots, slot), checkpoint.version(), claim.generation(), body);
    write(namespace.checkpoint(claim), body, document.metadata());
  }

  private void delete(String key) {
    client.deleteObject(request -> request.bucket(S3Server.BUCKET).key(key));
  }

  private List<String> objects() {
    return client
        .listObjectsV2(request -> request.bucket(S3Server.BUCKET).prefix(prefix + "/"))
        .contents()
        .stream()
        .map(S3Object::key)
        .toList();
  }

  private final RecordingListener seen = new RecordingListener();

  @CanIgnoreReturnValue
  private VerificationReport walk(boolean isRepairing) {
    seen.intact.clear();
    seen.found.clear();
    VerificationReport verification =
        builder()
            .verify(
                isRepairing ? seen.options().withRemovalOfLeftovers() : seen.options(),
                RecordingListener.NO_MIN_AGE);
    assertThat(verification.findings())
        .isEqualTo(seen.found.stream().limit(VerificationReport.MAX_FINDINGS).toList());
    assertThat(verification.checkpoints()).isEqualTo(seen.intact.size());
    return verification;
  }

  @CanIgnoreReturnValue
  private VerificationReport verify() {
    List<String> before = objects();
    VerificationReport verification = walk(false);
    assertThat(objects()).as("verifying changes nothing").isEqualTo(before);
    assertThat(verification.removed()).isZero();
    return verification;
  }

  @CanIgnoreReturnValue
  private VerificationReport repair() {
    return walk(true);
  }

  private void assertNothingLeftOver() {
    assertThat(verify().findings()).as("after the repair").isEmpty();
  }

  @Test
  void whatIsStoredIsCountedAndGivenToTheListener() {
    List<Checkpoint> stored = new ArrayList<>();
    for (String name : List.of("default", "x/".repeat(80))) {
      for (String session : List.of("s", "long-".repeat(50))) {
        for (long version : new long[] {1, 5, 6}) {
          Checkpoint checkpoint =
              checkpoint(session, session.charAt(0) + "-" + version, version).toBuilder()
                  .namespace(name)
                  .build();
          store.put(checkpoint, Expectation.any());
          stored.add(checkpoint);
        }
      }
    }

    VerificationReport found = verify();

    assertThat(seen.intact).containsExactlyInAnyOrderElementsOf(stored);
    assertThat(seen.intact.stream().filter(it -> it.sessionKey().equals(SESSION)))
        .isEqualTo(stored.subList(0, 3));
    assertThat(found.isSound()).isTrue();
    assertThat(found.findings()).isEmpty();
    assertThat(found.namespaces()).isEqualTo(2);
    assertThat(found.sessions()).isEqualTo(4);
    assertThat(found.bytes()).isGreaterThan(12 * 100);
  }

  @Test
  void youngObjectsAreLeftAlone() {
    put(1, 2);
    store.delete("default", List.of("id-1"));
    writeSlot(3, new SlotClaim("pending", 0));
    List<String> before = objects();

    VerificationReport found = builder().verify(seen.options().withRemovalOfLeftovers());

    assertThat(found.findings()).isEmpty();
    assertThat(objects()).isEqualTo(before);
  }

  @Test
  void tracesOfDeletedIdsAreRemoved() {
    put(1, 2, 3);
    store.delete("default", List.of("id-1", "id-2"));
    assertThat(verify().leftovers()).as("a slot and two documents each").isEqualTo(6);

    assertThat(repair().removed()).isEqualTo(6);

    assertNothingLeftOver();
    assertThat(objects()).as("manifest, slot and document").hasSize(3);
    reopen();
    assertThat(store.get("default", "id-1")).isEmpty();
    assertThat(store.get("default", "id-3")).contains(checkpoint(3));
    assertThatThrownBy(() -> put(2)).isInstanceOf(VersionConflictException.class);
    put(4);
    assertThat(store.getBySession(SESSION)).contains(checkpoint(4));
    assertNothingLeftOver();
  }

  @Test
  void theNewestSlotStaysAlsoIfItIsAbandoned() {
    put(1, 2);
    store.delete("default", List.of("id-2"));

    assertThat(repair().removed()).as("the documents and the slot").isEqualTo(3);

    assertThat(objects())
        .as("the slot that the deletion has taken behind the newest")
        .contains(ObjectKeys.slot(slots, 3));
    assertNothingLeftOver();
  }

  @Test
  void whatLeadsToALaterCheckpointOfAnIdStays() {
    put(1, 2);
    for (int times = 0; times < 3; times++) {
      store.delete("default", List.of("id-1"));
      store.put(checkpoint("s", "id-1", 3 + times), Expectation.any());
    }

    repair();

    assertThat(store.get("default", "id-1")).contains(checkpoint("s", "id-1", 5));
    assertNothingLeftOver();
  }

  @Test
  void anIdThatIsNotFoundAnyMoreIsMended() {
    put(1, 2);
    store.delete("default", List.of("id-1"));
    store.put(checkpoint("s", "id-1", 3), Expectation.any());
    delete(namespace.checkpoint(new SlotClaim("id-1", 0)));
    assertThat(store.get("default", "id-1")).isEmpty();
    verify();
    assertThat(seen.kinds()).contains(FindingKind.UNREACHABLE);
    assertThat(seen.intact).hasSize(2);

    repair();

    assertThat(store.get("default", "id-1")).contains(checkpoint("s", "id-1", 3));
    assertNothingLeftOver();
  }

  @Test
  void aPutMendsWhatARepairRemovesMeanwhile() {
    put(1, 2);
    store.delete("default", List.of("id-1"));
    String first = namespace.checkpoint(new SlotClaim("id-1", 0));
    String third = namespace.checkpoint(new SlotClaim("id-1", 2));
    S3Client meetsARepair =
        S3Server.clientBuilder(server().endpoint())
            .overrideConfiguration(
                configuration ->
                    configuration.addExecutionInterceptor(
                        new ExecutionInterceptor() {
                          @Override
                          public void beforeTransmission(
                              Context.BeforeTransmission context, ExecutionAttributes attributes) {
                            if (context.request() instanceof PutObjectRequest put
                                && put.key().equals(third)) {
                              delete(first);
                            }
                          }
                        }))
            .build();
    try (meetsARepair;
        S3BackendStorage other = builder().client(meetsARepair).open()) {
      other.put(checkpoint("s", "id-1", 3), Expectation.any());
    }
    assertThat(objects()).contains(first, third);
    assertThat(store.get("default", "id-1")).contains(checkpoint("s", "id-1", 3));
  }

  @Test
  void tracesOfADeletedSessionAreRemovedButItsEnd() {
    put(1, 2, 3);
    store.put(checkpoint("t", "t-1", 1), Expectation.any());
    store.deleteBySession(SESSION);
    assertThat(verify().leftovers()).as("its slots, documents and mark").isEqualTo(7);
    assertThat(verify().sessions()).isEqualTo(1);

    assertThat(repair().removed()).isEqualTo(7);

    assertNothingLeftOver();
    assertThat(objects()).contains(ObjectKeys.slot(slots, 4));
    reopen();
    put(1);
    assertThat(store.getBySession(SESSION)).contains(checkpoint(1));
    assertThat(verify().sessions()).isEqualTo(2);
  }

  @Test
  void aSlotWhoseWriterDiedIsAbandoned() {
    put(1);
    writeSlot(2, new SlotClaim("pending", 0));
    verify();
    assertThat(seen.kinds()).containsExactly(FindingKind.UNFINISHED_WRITE);
    assertThat(seen.keys()).containsExactly(ObjectKeys.slot(slots, 2));

    repair();

    verify();
    assertThat(seen.kinds())
        .as("what keeps its writer out")
        .containsExactly(FindingKind.LEFTOVER_DOCUMENT);
    repair();
    assertNothingLeftOver();
    reopen();
    put(2);
    assertThat(store.getBySession(SESSION)).contains(checkpoint(2));
  }

  @Test
  void aDocumentWhoseWriterDiedIsAbandoned() {
    put(1);
    writeDocument(new SlotClaim("id-2", 0), 2, checkpoint(2));
    verify();
    assertThat(seen.kinds()).containsExactly(FindingKind.UNFINISHED_WRITE);

    repair();
    repair();

    assertNothingLeftOver();
    reopen();
    assertThat(store.get("default", "id-2")).isEmpty();
    put(2);
    assertThat(store.get("default", "id-2")).contains(checkpoint(2));
  }

  @Test
  void whatIsPutAgainAfterItsWriterDiedIsFoundAlsoWhenTheTracesAreRemoved() {
    put(1);
    writeDocument(new SlotClaim("id-2", 0), 2, checkpoint(2));
    repair();
    put(2);
    repair();
    assertThat(store.get("default", "id-2")).contains(checkpoint(2));
    assertNothingLeftOver();
    assertThat(store.delete("default", List.of("id-2"))).isEqualTo(1);
    assertThat(store.get("default", "id-2")).isEmpty();
  }

  @Test
  void aDeletionCountsAlsoWhereTheIdWasDeletedWithItsSession() {
    put(1);
    Tombstone tombstone = Tombstone.next(0);
    write(namespace.checkpoint(new SlotClaim("id-1", 1)), tombstone.body(), tombstone.metadata());
    assertThat(store.delete("default", List.of("id-1"))).isEqualTo(1);
    put(2);
    store.put(checkpoint("s", "id-1", 3), Expectation.any());
    assertThat(store.get("default", "id-1")).contains(checkpoint("s", "id-1", 3));
  }

  @Test
  void theDocumentOfAWriterThatLostIsRemoved() {
    put(1, 2, 3);
    writeDocument(new SlotClaim("lost", 0), 2, checkpoint("s", "lost", 2));
    store.deleteBySession(new SessionKey("default", "gone"));
    verify();
    assertThat(seen.kinds()).containsExactly(FindingKind.LEFTOVER_DOCUMENT);

    assertThat(repair().removed()).isEqualTo(1);

    assertNothingLeftOver();
    put(4);
  }

  @Test
  void whatAWriterOfADeletedSessionLeftIsRemoved() {
    put(1);
    store.deleteBySession(SESSION);
    delete(ObjectKeys.slot(slots, 1));
    delete(namespace.checkpoint(new SlotClaim("id-1", 0)));
    delete(namespace.checkpoint(new SlotClaim("id-1", 1)));
    writeDocument(new SlotClaim("late", 0), 1, checkpoint("s", "late", 1));
    verify();
    assertThat(seen.kinds()).containsExactly(FindingKind.LEFTOVER_DOCUMENT);
    repair();
    assertNothingLeftOver();
  }

  @Test
  void damageIsReportedAndLeftAsItIs() {
    put(1, 2, 3, 4, 5, 6, 7);
    write(
        namespace.checkpoint(new SlotClaim("id-1", 0)),
        "{}".getBytes(StandardCharsets.UTF_8),
        Stored.of(ObjectKeys.slot(slots, 1), 1, 0, new byte[0]).metadata());
    write(namespace.checkpoint(new SlotClaim("id-2", 0)), encode(checkpoint(2)), Map.of());
    writeDocument(new SlotClaim("id-3", 0), 3, checkpoint(2));
    delete(namespace.checkpoint(new SlotClaim("id-4", 0)));
    delete(ObjectKeys.slot(slots, 5));
    write(ObjectKeys.slot(slots, 6), "mine".getBytes(StandardCharsets.UTF_8), Map.of());
    write(prefix + "/notes.txt", new byte[] {1}, Map.of());
    List<String> before = objects();

    VerificationReport found = repair();

    assertThat(seen.kinds())
        .containsExactlyInAnyOrder(
            FindingKind.DOCUMENT,
            FindingKind.DOCUMENT,
            FindingKind.DOCUMENT,
            FindingKind.MISSING_DOCUMENT,
            FindingKind.MISSING_SLOT,
            FindingKind.SLOT,
            FindingKind.FOREIGN_OBJECT);
    assertThat(found.damaged()).isEqualTo(7);
    assertThat(found.isSound()).isFalse();
    assertThat(seen.intact).containsExactly(checkpoint(7));
    assertThat(objects()).isEqualTo(before);
    assertThat(seen.found)
        .filteredOn(finding -> finding.kind().equals("document"))
        .extracting(Finding::message)
        .anyMatch(message -> message.contains("'id-1' is damaged"));
  }

  @Test
  void versionsThatDoNotIncreaseAreReported() {
    put(1, 5);
    writeDocument(new SlotClaim("id-3", 0), 3, checkpoint(3));
    writeSlot(3, new SlotClaim("id-3", 0));

    verify();

    assertThat(seen.kinds()).containsExactly(FindingKind.VERSION_ORDER);
    assertThat(seen.intact).containsExactly(checkpoint(1), checkpoint(5));
  }

  @Test
  void whatIsBehindTheEndOfItsSessionIsReported() {
    put(1);
    store.deleteBySession(SESSION);
    repair();
    writeDocument(new SlotClaim("id-1", 0), 1, checkpoint(1));
    writeSlot(1, new SlotClaim("id-1", 0));

    verify();

    assertThat(seen.kinds()).containsExactly(FindingKind.UNREACHABLE);
    assertThat(store.delete("default", List.of("id-1"))).isOne();
    repair();
    assertNothingLeftOver();
  }

  @Test
  void aMissingManifestIsReported() {
    put(1);
    delete(keys.manifest());
    verify();
    assertThat(seen.kinds()).containsExactly(FindingKind.MANIFEST);
    assertThat(seen.intact).containsExactly(checkpoint(1));
    reopen();
    assertThat(verify().isSound()).isTrue();
  }

  @Test
  void whereThereIsNoStoreNoneIsMade() {
    assertThatExceptionOfType(BackendConfigurationException.class)
        .isThrownBy(() -> builder().prefix(prefix + "/nowhere").verify(seen.options()))
        .withMessageContaining("there is no store")
        .withMessageContaining(prefix + "/nowhere/checkpoint-store.json");
    assertThat(objects()).containsExactly(keys.manifest());
    write(
        keys.manifest(),
        "{\"format\":\"checkpoint-store-s3\",\"version\":2}".getBytes(StandardCharsets.UTF_8),
        Map.of());
    assertThatExceptionOfType(BackendConfigurationException.class)
        .isThrownBy(() -> builder().verify(seen.options()))
        .withMessageContaining("format 2");
  }

  @Test
  void anInterruptEndsItAndStaysSet() {
    put(1);
    Thread.currentThread().interrupt();
    try {
      assertThatExceptionOfType(StorageUnavailableException.class)
          .isThrownBy(() -> builder().verify(seen.options()));
    } finally {
      assertThat(Thread.interrupted()).as("the flag").isTrue();
    }
  }

  @Test
  void aDocumentWithoutASlotInALongSession() {
    for (int i = 1; i <= 1_001; i++) {
      writeTombstone(i);
    }
    writeDocument(new SlotClaim("next", 0), 1_002, checkpoint("s", "next", 1));
    writeDocument(new SlotClaim("older", 0), 1, checkpoint("s", "older", 1));
    delete(ObjectKeys.slot(slots, 1));

    verify();

    assertThat(seen.kinds())
        .filteredOn(kind -> kind != FindingKind.LEFTOVER_SLOT)
        .containsExactlyInAnyOrder(FindingKind.UNFINISHED_WRITE, FindingKind.MISSING_SLOT);
  }

  @Test
  void whatLeadsNowhereIsMended() {
    put(1, 2);
    store.delete("default", List.of("id-1"));
    store.put(checkpoint("s", "id-1", 3), Expectation.any());
    Tombstone nowhere = Tombstone.next(1);
    write(namespace.checkpoint(new SlotClaim("id-1", 0)), nowhere.body(), nowhere.metadata());
    delete(namespace.checkpoint(new SlotClaim("id-1", 1)));
    assertThat(store.get("default", "id-1")).isEmpty();

    repair();

    assertThat(store.get("default", "id-1")).contains(checkpoint("s", "id-1", 3));
    assertNothingLeftOver();
  }

  @Test
  void aSessionThatIsDeletedMeanwhileIsNotDamaged() {
    put(1, 2, 3);
    S3BackendStorage deleting = store;
    RecordingListener deletes =
        new RecordingListener() {
          @Override
          public void onIntact(Checkpoint checkpoint) {
            super.onIntact(checkpoint);
            deleting.deleteBySession(SESSION);
          }
        };
    store.put(checkpoint("a", "a-1", 1), Expectation.any());

    VerificationReport found = builder().verify(deletes.options(), RecordingListener.NO_MIN_AGE);

    assertThat(deletes.intact).first().isEqualTo(checkpoint("a", "a-1", 1));
    assertThat(found.findings()).noneMatch(Finding::isDamage);
  }

  @Test
  void anObjectAmongTheSlotsOfASessionIsForeign() {
    put(1);
    write(slots + "000", new byte[] {1}, Map.of());
    verify();
    assertThat(seen.kinds()).containsExactly(FindingKind.FOREIGN_OBJECT);
    reopen();
    assertThat(store.getBySession(SESSION)).as("it is in nobody's way").contains(checkpoint(1));
  }

  @Test
  void moreThanAPageOfEverything() {
    for (int i = 1; i <= 1_050; i++) {
      writeTombstone(i);
    }
    writeDocument(new SlotClaim("id-2000", 0), 1_051, checkpoint(2_000));
    writeSlot(1_051, new SlotClaim("id-2000", 0));

    assertThat(repair().removed()).isEqualTo(1_050);

    assertNothingLeftOver();
    assertThat(store.getBySession(SESSION)).contains(checkpoint(2_000));
  }

  private static byte[] encode(Checkpoint checkpoint) {
    return ServiceLoader.load(CheckpointCodec.class).findFirst().orElseThrow().encode(checkpoint);
  }
}
