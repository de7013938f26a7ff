package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.SESSION;
import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.testsupport.RequestCounter;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;

/** The requests of each operation, as {@code docs/s3-layout.md} lists them. */
class RequestsTest {

  private final RequestCounter requests = new RequestCounter();
  private final String prefix = "requests-" + UUID.randomUUID();
  private final S3Client client =
      S3Server.clientBuilder(S3MockServer.sharedInMemory().endpoint())
          .overrideConfiguration(configuration -> configuration.addExecutionInterceptor(requests))
          .build();
  private S3BackendStorage store = open();

  private S3BackendStorage open() {
    return S3BackendStorage.builder().client(client).bucket(S3Server.BUCKET).prefix(prefix).open();
  }

  @AfterEach
  void close() {
    store.close();
    client.close();
  }

  private void put(long... versions) {
    LongStream.of(versions).forEach(version -> store.put(checkpoint(version), Expectation.any()));
  }

  /** Another handle, which knows nothing of the sessions. */
  private void reopen() {
    store.close();
    store = open();
  }

  private void assertRequests(String expected, Callable<?> operation) throws Exception {
    assertThat(requests.sentBy(operation)).hasToString(expected);
  }

  private void assertPutRequests(String expected, long version) throws Exception {
    assertRequests(
        expected,
        () -> {
          put(version);
          return null;
        });
  }

  @Test
  void opening() throws Exception {
    assertRequests("GetObject 1, PutObject 1", this::open);
  }

  @Test
  void steadyPut() throws Exception {
    put(1);
    assertPutRequests("PutObject 2", 2);
  }

  @Test
  void firstPutOfAHandle() throws Exception {
    put(1, 2);
    reopen();
    assertPutRequests("GetObject 1, ListObjectsV2 1, PutObject 2", 3);
  }

  @Test
  void putAfterTheLatestWasRead() throws Exception {
    put(1, 2);
    reopen();
    assertThat(store.getBySession(SESSION)).contains(checkpoint(2));
    assertPutRequests("PutObject 2", 3);
  }

  @Test
  void firstPutOfASession() throws Exception {
    assertPutRequests("ListObjectsV2 1, PutObject 2", 1);
  }

  private void assertPutRequests(String expected, long version, Expectation expectation)
      throws Exception {
    assertRequests(
        expected,
        () -> {
          store.put(checkpoint(version), expectation);
          return null;
        });
  }

  @Test
  void putsThatExpectTheLatest() throws Exception {
    put(1);
    assertPutRequests("GetObject 1, PutObject 2", 2, Expectation.latestIs("id-1"));
    reopen();
    assertPutRequests("GetObject 2, ListObjectsV2 1, PutObject 2", 3, Expectation.latestIs("id-2"));
    store.delete("default", List.of("id-3"));
    assertPutRequests("GetObject 2, ListObjectsV2 1, PutObject 2", 4, Expectation.latestIs("id-2"));
    assertRequests(
        "GetObject 2, ListObjectsV2 1",
        () -> {
          assertThatThrownBy(() -> store.put(checkpoint(5), Expectation.latestIs("id-2")))
              .isInstanceOf(VersionConflictException.class);
          return null;
        });
  }

  @Test
  void putsThatExpectNoSession() throws Exception {
    assertPutRequests("ListObjectsV2 1, PutObject 2", 1, Expectation.noSession());
    store.deleteBySession(SESSION);
    assertThat(store.getBySession(SESSION)).isEmpty();
    assertPutRequests("PutObject 2", 2, Expectation.noSession());
  }

  @Test
  void namespacesDoNotCostMoreWhereThereAreMoreCheckpoints() throws Exception {
    for (int sessions : new int[] {1, 20}) {
      for (int namespace = 0; namespace < 5; namespace++) {
        String name = namespace + "ä".repeat(100);
        for (int session = 0; session < sessions; session++) {
          String id = "s" + session;
          Checkpoint first = checkpoint(id, id, 1).toBuilder().namespace(name).build();
          store.put(first, Expectation.any());
        }
      }
      // The names are hashed in the keys, and read from documents.
      assertRequests(
          "GetObject 6, ListObjectsV2 4", () -> store.listNamespaces(3, Optional.empty()));
      Optional<String> next = store.listNamespaces(3, Optional.empty()).nextCursor();
      assertRequests("GetObject 4, ListObjectsV2 3", () -> store.listNamespaces(3, next));
    }
  }

  @Test
  void putAfterARepetition() throws Exception {
    put(1);
    try (S3BackendStorage other = open()) {
      other.put(checkpoint(2), Expectation.any());
    }
    put(2);
    // Others may have put since then: it is not known where the session ends.
    assertPutRequests("GetObject 1, ListObjectsV2 1, PutObject 2", 3);
  }

  private void assertLatestRequests(String expected) throws Exception {
    assertRequests(expected, () -> store.getBySession(SESSION));
  }

  @Test
  void latestByTheHandleThatWroteOrReadItLast() throws Exception {
    put(1, 2, 3);
    assertLatestRequests("GetObject 2");
    reopen();
    assertLatestRequests("GetObject 1, ListObjectsV2 1");
    assertLatestRequests("GetObject 2");
  }

  @Test
  void latestThatOthersHaveWritten() throws Exception {
    put(1, 2);
    try (S3BackendStorage other = open()) {
      other.put(checkpoint(3), Expectation.any());
      assertLatestRequests("GetObject 3, ListObjectsV2 1");
      other.put(checkpoint(4), Expectation.any());
      assertLatestRequests("GetObject 1, ListObjectsV2 1");
    }
    assertLatestRequests("GetObject 1, ListObjectsV2 1");
    assertLatestRequests("GetObject 2");
  }

  @Test
  void latestThatIsLarge() throws Exception {
    store.put(
        checkpoint(1).toBuilder().values(Map.of("text", "x".repeat(2_000_000))).build(),
        Expectation.any());
    assertLatestRequests("GetObject 1, ListObjectsV2 1");
    assertLatestRequests("GetObject 1, ListObjectsV2 1");
  }

  @Test
  void latestAfterOneWasDeleted() throws Exception {
    put(1, 2, 3);
    store.delete("default", List.of("id-3"));
    assertLatestRequests("GetObject 1, ListObjectsV2 1");
  }

  @Test
  void byId() throws Exception {
    put(1, 2, 3);
    assertRequests("GetObject 2", () -> store.get("default", "id-2"));
  }

  @Test
  void pages() throws Exception {
    for (long version = 1; version <= 30; version++) {
      put(version);
    }
    CheckpointQuery newest = CheckpointQuery.builder(SESSION).limit(10).build();
    assertRequests("GetObject 10, ListObjectsV2 1", () -> store.list(newest));
    assertRequests("GetObject 10, ListObjectsV2 1", () -> store.listHeaders(newest));
    CheckpointQuery next =
        newest.toBuilder().cursor(store.list(newest).nextCursor().orElseThrow()).build();
    assertRequests("GetObject 10, ListObjectsV2 1", () -> store.list(next));
    CheckpointQuery oldest = newest.toBuilder().order(Order.OLDEST_FIRST).build();
    assertRequests("GetObject 10, ListObjectsV2 1", () -> store.list(oldest));
  }

  @Test
  void pagesAcrossSessionsDoNotCostMoreWhereThereAreMoreOfThem() throws Exception {
    CheckpointQuery newest = CheckpointQuery.builder("default").limit(5).build();
    CheckpointQuery oldest = newest.toBuilder().order(Order.OLDEST_FIRST).build();
    int sessions = 0;
    for (int many : new int[] {10, 40}) {
      for (; sessions < many; sessions++) {
        for (long version = 1; version <= 2; version++) {
          String session = "s%03d".formatted(sessions);
          store.put(checkpoint(session, session + "-" + version, version), Expectation.any());
        }
      }
      assertRequests(
          "GetObject 5, ListObjectsV2 1", () -> store.listSessions("default", 5, Optional.empty()));
      Optional<String> next = store.listSessions("default", 5, Optional.empty()).nextCursor();
      assertRequests("GetObject 5, ListObjectsV2 1", () -> store.listSessions("default", 5, next));
      assertRequests("GetObject 5, ListObjectsV2 1", () -> store.list(newest));
      assertRequests("GetObject 5, ListObjectsV2 1", () -> store.listHeaders(newest));
      assertRequests("GetObject 5, ListObjectsV2 1", () -> store.list(oldest));
    }
  }

  @Test
  void deletionOfASession() throws Exception {
    for (long version = 1; version <= 50; version++) {
      put(version);
    }
    assertRequests(
        "GetObject 51, ListObjectsV2 1, PutObject 54", () -> store.deleteBySession(SESSION));
  }

  @Test
  void deletionOfALongSessionByAnotherHandle() throws Exception {
    for (long version = 1; version <= 1_100; version++) {
      put(version);
    }
    reopen();
    assertRequests(
        "GetObject 1101, ListObjectsV2 2, PutObject 1104", () -> store.deleteBySession(SESSION));
  }

  @Test
  void deletionById() throws Exception {
    put(1, 2);
    assertRequests(
        "GetObject 3, ListObjectsV2 1, PutObject 4",
        () -> store.delete("default", List.of("id-1")));
    assertRequests("GetObject 2, PutObject 4", () -> store.delete("default", List.of("id-2")));
  }

  @Test
  void idsThatWereUsedBeforeAreFoundInAsManyStepsHoweverOften() throws Exception {
    for (int times = 0; times < 3; times++) {
      put(1);
      store.deleteBySession(SESSION);
    }
    assertPutRequests("GetObject 4, ListObjectsV2 2, PutObject 5", 1);
    assertRequests("GetObject 3", () -> store.get("default", "id-1"));
  }

  @Test
  void repetitionAndRefusal() throws Exception {
    put(1, 2);
    assertPutRequests("GetObject 3, ListObjectsV2 1", 1);
    ThrowingCallable stale =
        () -> store.put(checkpoint(1).toBuilder().id("other").build(), Expectation.any());
    assertRequests(
        "GetObject 2, ListObjectsV2 1",
        () -> {
          assertThatThrownBy(stale).isInstanceOf(VersionConflictException.class);
          return null;
        });
  }

  @Test
  void nothingOfASessionThatWasDeletedIsInTheWay() throws Exception {
    for (long version = 1; version <= 50; version++) {
      put(version);
    }
    store.deleteBySession(SESSION);
    assertRequests("ListObjectsV2 1", () -> store.getBySession(SESSION));
    assertPutRequests("PutObject 2", 51);
    reopen();
    assertRequests("GetObject 1, ListObjectsV2 1", () -> store.getBySession(SESSION));
  }
}
