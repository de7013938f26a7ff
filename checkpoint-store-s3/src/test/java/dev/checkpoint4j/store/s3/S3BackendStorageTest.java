package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.SESSION;
import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.store.s3.internal.Clocks;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.client.ObjectSettings;
import dev.checkpoint4j.store.s3.internal.client.RequestExecutor;
import dev.checkpoint4j.store.s3.internal.client.S3ObjectClient;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Stored;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.store.s3.internal.layout.SlotKind;
import dev.checkpoint4j.store.s3.internal.session.DeleteOperation.Deleter;
import dev.checkpoint4j.store.s3.internal.session.DeleteSessionOperation;
import dev.checkpoint4j.store.s3.internal.session.S3Store;
import dev.checkpoint4j.store.s3.internal.session.SessionTailCache;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** What the TCK does not look at: objects that others left behind, and long sessions. */
class S3BackendStorageTest {

  private final String prefix = "storage-" + UUID.randomUUID();
  private final ObjectKeys keys = new ObjectKeys(prefix + "/");
  private final String slots = keys.sessionPrefix(SESSION);
  private final S3Client client = S3MockServer.sharedInMemory().newClient();
  private final S3BackendStorage store = open();
  private final S3BackendStorage other = open();

  private S3BackendStorage open() {
    return S3BackendStorage.builder().client(client).bucket(S3Server.BUCKET).prefix(prefix).open();
  }

  @AfterEach
  void close() {
    store.close();
    other.close();
    client.close();
  }

  /** As the store does, with what says where it belongs. */
  private void write(String key, byte[] body) {
    write(key, body, Map.of());
  }

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

  private List<Long> versions(Order order) {
    List<Long> versions = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      Page<CheckpointHeader> page =
          other.listHeaders(
              CheckpointQuery.builder(SESSION)
                  .order(order)
                  .limit(1000)
                  .cursor(cursor.orElse(null))
                  .build());
      page.items().forEach(header -> versions.add(header.version()));
      cursor = page.nextCursor();
    } while (cursor.isPresent());
    return versions;
  }

  @Test
  void claimOfADeletedSessionIsNotTakenForOnesOwn() {
    store.put(checkpoint(1), Expectation.any());
    assertThat(other.getBySession(SESSION)).contains(checkpoint(1));
    store.put(checkpoint(2), Expectation.any());
    store.put(checkpoint(3), Expectation.any());
    store.deleteBySession(SESSION);
    // Remembers that slot 1 is the newest, and finds slot 2 taken by the very same id.
    other.put(checkpoint(2), Expectation.any());
    assertThat(store.getBySession(SESSION)).contains(checkpoint(2));
    assertThat(store.get("default", "id-2")).contains(checkpoint(2));
    assertThat(versions(Order.NEWEST_FIRST)).containsExactly(2L);
    assertThat(store.deleteBySession(SESSION)).isEqualTo(1);
  }

  @Test
  void claimOfADeadWriterIsAbandoned() {
    store.put(checkpoint(1), Expectation.any());
    write(ObjectKeys.slot(slots, 2), new SlotClaim("dead", 0).body(SlotKind.CLAIMED));
    assertThat(other.getBySession(SESSION)).contains(checkpoint(1));
    assertThat(versions(Order.OLDEST_FIRST)).containsExactly(1L);
    other.put(checkpoint(2), Expectation.any());
    store.put(checkpoint("s", "dead", 3), Expectation.any());
    assertThat(versions(Order.OLDEST_FIRST)).containsExactly(1L, 2L, 3L);
    assertThat(store.get("default", "dead")).isPresent();
  }

  @Test
  void claimOfADeadWriterIsNotCountedAsDeleted() {
    store.put(checkpoint(1), Expectation.any());
    write(ObjectKeys.slot(slots, 2), new SlotClaim("dead", 0).body(SlotKind.CLAIMED));
    assertThat(store.deleteBySession(SESSION)).isEqualTo(1);
    assertThat(other.getBySession(SESSION)).isEmpty();
  }

  @Test
  void checkpointOfAnotherSessionIsNotDeletedWithASessionWhoseSlotClaimsIt() {
    store.put(checkpoint("t", "id", 1), Expectation.any());
    // As a put leaves it that is about to be refused.
    write(ObjectKeys.slot(slots, 1), new SlotClaim("id", 0).body(SlotKind.CLAIMED));
    assertThat(other.deleteBySession(SESSION)).isZero();
    assertThat(store.get("default", "id")).contains(checkpoint("t", "id", 1));
  }

  @Test
  void checkpointOfAnotherSessionIsNotDeletedWithASessionThatOnceHadIt() {
    for (long version = 1; version <= 3; version++) {
      store.put(checkpoint(version), Expectation.any());
    }
    // As a deletion of the session leaves it that is cut short.
    String document = keys.namespace("default").checkpoint(new SlotClaim("id-2", 0));
    client.deleteObject(request -> request.bucket(S3Server.BUCKET).key(document));
    other.put(checkpoint("t", "id-2", 1), Expectation.any());
    assertThat(store.deleteBySession(SESSION)).isEqualTo(2);
    assertThat(store.get("default", "id-2")).contains(checkpoint("t", "id-2", 1));
  }

  @Test
  void sessionThatIsOldLeavesItsLastSlotOnly() {
    for (long version = 1; version <= 3; version++) {
      store.put(checkpoint(version), Expectation.any());
    }
    try (RequestExecutor requests = new RequestExecutor(4)) {
      S3ObjectClient bucket =
          new S3ObjectClient(
              client,
              new ObjectSettings(S3Server.BUCKET, null, null, null, null),
              prefix + "/",
              Duration.ofMinutes(1),
              requests);
      S3Store handle =
          new S3Store(
              bucket,
              keys,
              ServiceLoader.load(CheckpointCodec.class).findFirst().orElseThrow(),
              Clocks.SYSTEM,
              /* etagsAreMd5= */ true,
              new SessionTailCache());
      DeleteSessionOperation old =
          new DeleteSessionOperation(
              handle.namespace("default"),
              SESSION.sessionId(),
              Deleter.create(),
              RecordingListener.NO_MIN_AGE,
              Duration.ofMinutes(1));
      assertThat(old.run()).isEqualTo(3);
    }
    assertThat(
            client
                .listObjectsV2(
                    request ->
                        request.bucket(S3Server.BUCKET).prefix(keys.namespace("default").root()))
                .contents())
        .extracting(S3Object::key)
        .containsExactly(
            // The mark of the deletion of the latest one, which a repair removes.
            keys.namespace("default").checkpoint(new SlotClaim("id-3", 1)),
            ObjectKeys.slot(slots, 4));
    other.put(checkpoint(3), Expectation.any());
    assertThat(store.getBySession(SESSION)).contains(checkpoint(3));
  }

  @Test
  void slotsWhoseEtagIsNoMd5AreRead() {
    store.put(checkpoint(1), Expectation.any());
    store.put(checkpoint(2), Expectation.any());
    write(ObjectKeys.slot(slots, 2), new SlotClaim("id-2", 0).body(SlotKind.CLAIMED_OPAQUE_ETAG));
    assertThat(other.getBySession(SESSION)).contains(checkpoint(2));
    assertThat(other.get("default", "id-2")).contains(checkpoint(2));
    assertThat(versions(Order.NEWEST_FIRST)).containsExactly(2L, 1L);
    assertThat(other.deleteBySession(SESSION)).isEqualTo(2);
    assertThat(other.get("default", "id-2")).isEmpty();
  }

  @Test
  void idIsUsedAgainAndAgain() {
    for (long version = 1; version <= 4; version++) {
      store.put(checkpoint("s", "again", version), Expectation.any());
      assertThat(other.get("default", "again")).map(Checkpoint::version).contains(version);
      assertThat(other.delete("default", List.of("again"))).isEqualTo(1);
      assertThat(store.get("default", "again")).isEmpty();
    }
  }

  @Test
  void idOfAnotherSessionIsRefusedAndLeavesNothing() {
    store.put(checkpoint("t", "id", 1), Expectation.any());
    assertThatThrownBy(() -> other.put(checkpoint("s", "id", 1), Expectation.any()))
        .isInstanceOf(DuplicateCheckpointException.class);
    assertThat(other.getBySession(SESSION)).isEmpty();
    assertThat(other.listSessions("default", 10, Optional.empty()).items())
        .containsExactly(new SessionKey("default", "t"));
    other.put(checkpoint(1), Expectation.any());
    assertThat(versions(Order.NEWEST_FIRST)).containsExactly(1L);
  }

  @Test
  void largeDocumentsAreOvertakenLikeSmallOnes() {
    Checkpoint large =
        checkpoint(2).toBuilder().values(Map.of("text", "x".repeat(2_000_000))).build();
    store.put(checkpoint(1), Expectation.any());
    assertThat(other.getBySession(SESSION)).isPresent();
    store.put(large, Expectation.any());
    store.put(large, Expectation.any());
    assertThat(other.getBySession(SESSION)).contains(large);
    store.put(checkpoint(3), Expectation.any());
    // Remembers slot 2, and learns that slot 3 is taken.
    assertThatThrownBy(
            () -> other.put(large.toBuilder().id("late").version(3).build(), Expectation.any()))
        .isInstanceOf(VersionConflictException.class);
    other.put(large.toBuilder().id("late").version(4).build(), Expectation.any());
    assertThat(versions(Order.OLDEST_FIRST)).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void headersLargerThanTheFirstPartOfADocumentAreRead() {
    Checkpoint wide =
        Checkpoint.builder(
                CheckpointMetadata.builder("s")
                    .attribute("note", "x".repeat(3 * ObjectPart.START_BYTES))
                    .build())
            .id("wide")
            .version(1)
            .values(Map.of("text", "y".repeat(3 * ObjectPart.START_BYTES)))
            .build();
    store.put(wide, Expectation.any());
    assertThat(other.listHeaders(CheckpointQuery.builder(SESSION).build()).items())
        .containsExactly(wide.header());
  }

  @Test
  void damagedDocumentIsNamedInEveryListing() {
    store.put(checkpoint(1), Expectation.any());
    write(
        keys.namespace("default").checkpoint(new SlotClaim("id-1", 0)),
        "not a document".getBytes(StandardCharsets.UTF_8),
        Stored.of(ObjectKeys.slot(slots, 1), 1, 0, new byte[0]).metadata());
    for (ThrowingCallable reading :
        List.<ThrowingCallable>of(
            () -> other.get("default", "id-1"),
            () -> other.getBySession(SESSION),
            () -> other.list(CheckpointQuery.builder(SESSION).build()),
            () -> other.listHeaders(CheckpointQuery.builder(SESSION).build()))) {
      assertThatThrownBy(reading)
          .isInstanceOfSatisfying(
              CorruptCheckpointException.class, e -> assertThat(e.checkpointId()).contains("id-1"));
    }
  }

  @Test
  void sessionsWithLongIdsAreListedByTheirIds() {
    List<SessionKey> sessions =
        IntStream.range(0, 3)
            .mapToObj(i -> new SessionKey("default", "ä".repeat(200) + i))
            .toList();
    sessions.forEach(
        session ->
            store.put(
                checkpoint(session.sessionId(), session.sessionId().substring(150), 1),
                Expectation.any()));
    assertThat(other.listSessions("default", 10, Optional.empty()).items())
        .containsExactlyInAnyOrderElementsOf(sessions);
  }

  @Test
  void longSessionIsListedFromBothEnds() {
    // More than one request lists, without as many puts: tombstones count as well.
    for (long version = 1; version <= 3; version++) {
      store.put(checkpoint(version), Expectation.any());
    }
    for (long number = 4; number <= 1_100; number++) {
      String key = ObjectKeys.slot(slots, number);
      write(key, SlotKind.TOMBSTONE.tombstone(name(key)));
    }
    other.put(checkpoint(4), Expectation.any());
    assertThat(versions(Order.OLDEST_FIRST)).containsExactly(1L, 2L, 3L, 4L);
    assertThat(versions(Order.NEWEST_FIRST)).containsExactly(4L, 3L, 2L, 1L);
    assertThat(other.deleteBySession(SESSION)).isEqualTo(4);
  }

  @Test
  void aBucketThatIsGoneIsNotTakenForAnEmptyOne() {
    String bucket = S3MockServer.sharedInMemory().newBucket();
    try (S3BackendStorage gone =
        S3BackendStorage.builder().client(client).bucket(bucket).prefix("p").open()) {
      gone.put(checkpoint(1), Expectation.any());
      client
          .listObjectsV2(request -> request.bucket(bucket))
          .contents()
          .forEach(it -> client.deleteObject(request -> request.bucket(bucket).key(it.key())));
      client.deleteBucket(request -> request.bucket(bucket));
      CheckpointQuery query = CheckpointQuery.builder(SESSION).build();
      Map<String, ThrowingCallable> operations =
          Map.of(
              "put", () -> gone.put(checkpoint(2), Expectation.any()),
              "get", () -> gone.get("default", "id-1"),
              "getBySession", () -> gone.getBySession(SESSION),
              "list", () -> gone.list(query),
              "listHeaders", () -> gone.listHeaders(query),
              "listSessions", () -> gone.listSessions("default", 1, Optional.empty()),
              "delete", () -> gone.delete("default", List.of("id-1")),
              "deleteBySession", () -> gone.deleteBySession(SESSION));
      operations.forEach(
          (name, operation) ->
              assertThatThrownBy(operation)
                  .as(name)
                  .isInstanceOf(CheckpointException.class)
                  .hasMessageContaining("NoSuchBucket"));
    }
  }
}
