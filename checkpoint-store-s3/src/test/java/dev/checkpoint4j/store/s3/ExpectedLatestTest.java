package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.SESSION;
import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.testsupport.FaultProxy;
import dev.checkpoint4j.testsupport.FaultProxy.Fault;
import dev.checkpoint4j.testsupport.HttpRequest;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Puts that expect the latest checkpoint, and deletions of that checkpoint, in the orders of
 * requests that matter. The requests of one handle pass a proxy, which runs the call of the other
 * handle at the chosen moment.
 */
@Timeout(60)
class ExpectedLatestTest {

  private final String prefix = "expected-" + UUID.randomUUID();
  private final FaultProxy proxy = FaultProxy.to(S3MockServer.sharedInMemory().endpoint());
  private final S3Client direct = S3MockServer.sharedInMemory().newClient();
  private final S3Client proxied = S3Server.clientBuilder(proxy.endpoint()).build();

  /** Its requests can be held. */
  private final S3BackendStorage held = open(proxied);

  private final S3BackendStorage other = open(direct);
  private final List<FutureTask<?>> calls = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private S3BackendStorage open(S3Client client) {
    return builder(client).open();
  }

  private S3BackendStorageBuilder builder(S3Client client) {
    return S3BackendStorage.builder().client(client).bucket(S3Server.BUCKET).prefix(prefix);
  }

  @BeforeEach
  void fill() {
    for (long version = 1; version <= 2; version++) {
      held.put(checkpoint(version), Expectation.any());
    }
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    held.close();
    other.close();
    direct.close();
    proxied.close();
    proxy.close();
  }

  // ---- requests

  private static boolean createsSlot(HttpRequest request) {
    return request.isCreate() && request.path().contains("/default/sessions/");
  }

  private static boolean createsMark(HttpRequest request) {
    return request.isCreate()
        && String.valueOf(request.header("x-amz-meta-checkpoint")).contains("owner=");
  }

  private static boolean replacesSlot(HttpRequest request) {
    return request.method().equals("PUT")
        && !request.isCreate()
        && request.path().contains("/default/sessions/");
  }

  /** Makes a call just before the server gets the first of these requests. */
  private void whenFirst(Predicate<HttpRequest> request, Runnable call) {
    FutureTask<?> task = new FutureTask<>(call, null);
    calls.add(task);
    proxy.armNth(1, request, Fault.before(task));
  }

  /** A call that failed did so on a thread of the proxy. */
  private void assertCalled() throws Exception {
    for (FutureTask<?> call : calls) {
      assertThat(call.isDone()).as("whether the request was sent").isTrue();
      call.get();
    }
  }

  // ---- calls

  private static void putAfter(S3BackendStorage store, long version, long expected) {
    store.put(checkpoint(version), Expectation.latestIs("id-" + expected));
  }

  private static void assertRefused(
      S3BackendStorage store, long version, long expected, long latest) {
    assertThatThrownBy(() -> putAfter(store, version, expected))
        .isInstanceOf(VersionConflictException.class)
        .asInstanceOf(type(VersionConflictException.class))
        .extracting(VersionConflictException::latestVersion)
        .isEqualTo(latest);
  }

  private static void delete(S3BackendStorage store, long version) {
    assertThat(store.delete("default", List.of("id-" + version))).isOne();
  }

  private void assertStored(Long... versions) throws Exception {
    assertCalled();
    try (S3BackendStorage third = open(direct)) {
      for (S3BackendStorage store : List.of(held, other, third)) {
        assertThat(store.list(CheckpointQuery.builder(SESSION).build()).items())
            .extracting(Checkpoint::version)
            .containsExactly(versions);
        assertThat(store.getBySession(SESSION).map(Checkpoint::version))
            .isEqualTo(Stream.of(versions).findFirst());
      }
    }
    assertThat(builder(direct).verify(VerificationOptions.defaults()).isSound()).isTrue();
  }

  // ---- deletion by id

  @Test
  void deletionBetweenTheMarkAndTheSlotOfAPut() throws Exception {
    whenFirst(ExpectedLatestTest::createsSlot, () -> delete(other, 2));
    assertRefused(held, 3, 2, 1);
    assertStored(1L);
    putAfter(held, 3, 1);
    assertStored(3L, 1L);
  }

  @Test
  void theSameAfterANewerOneWasDeleted() throws Exception {
    held.put(checkpoint(3), Expectation.any());
    delete(other, 3);
    whenFirst(ExpectedLatestTest::createsSlot, () -> delete(other, 2));
    assertRefused(held, 4, 2, 1);
    assertStored(1L);
  }

  @Test
  void putBetweenTheMarkAndTheNextSlotOfADeletion() throws Exception {
    whenFirst(ExpectedLatestTest::createsSlot, () -> assertRefused(other, 3, 2, 1));
    delete(held, 2);
    assertStored(1L);
  }

  @Test
  void putBetweenTheNextSlotAndTheEndOfADeletion() throws Exception {
    whenFirst(ExpectedLatestTest::replacesSlot, () -> assertRefused(other, 3, 2, 1));
    delete(held, 2);
    assertStored(1L);
  }

  @Test
  void putThatFoundNoMarkAndIsFasterThanTheDeletion() throws Exception {
    CountDownLatch isMarked = new CountDownLatch(1);
    CountDownLatch isPut = new CountDownLatch(1);
    // The deletion begins once the put has read the mark, and goes on once it is stored.
    try (FaultProxy second = FaultProxy.to(S3MockServer.sharedInMemory().endpoint());
        S3Client client = S3Server.clientBuilder(second.endpoint()).build();
        S3BackendStorage deleting = open(client)) {
      second.armNth(
          1,
          ExpectedLatestTest::createsSlot,
          Fault.before(
              () -> {
                isMarked.countDown();
                await(isPut);
              }));
      Future<?>[] deletion = new Future<?>[1];
      whenFirst(
          ExpectedLatestTest::createsSlot,
          () -> {
            deletion[0] = threads.submit(() -> delete(deleting, 2));
            await(isMarked);
          });
      putAfter(held, 3, 2);
      isPut.countDown();
      deletion[0].get();
    }
    assertStored(3L, 1L);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Another put of the same checkpoint stores it with the object that this put has created. */
  @Test
  void deletionAfterTheSameCheckpointWasStoredByAnotherPut() throws Exception {
    String name = new SlotClaim("id-3", 0).objectName();
    String mark = new SlotClaim("id-2", 1).objectName();
    whenFirst(
        request -> request.method().equals("GET") && request.path().endsWith(mark),
        () -> {
          while (!exists(name)) {
            Thread.onSpinWait();
          }
          putAfter(other, 3, 2);
          delete(other, 2);
        });
    putAfter(held, 3, 2);
    assertStored(3L, 1L);
  }

  private boolean exists(String name) {
    return direct
        .listObjectsV2(request -> request.bucket(S3Server.BUCKET).prefix(prefix))
        .contents()
        .stream()
        .anyMatch(object -> object.key().endsWith(name));
  }

  @Test
  void deletionThatWasCutShortAfterItsMark() throws Exception {
    FaultProxy.Armed lost =
        proxy.arm(ExpectedLatestTest::createsSlot, Fault.refuse(403, "AccessDenied"));
    assertThatThrownBy(() -> held.delete("default", List.of("id-2")))
        .isInstanceOf(OutcomeUnknownException.class);
    lost.disarm();
    assertThat(other.getBySession(SESSION)).contains(checkpoint(2));
    assertRefused(other, 3, 2, 1);
    assertStored(1L);
    putAfter(other, 3, 1);
    assertThat(held.delete("default", List.of("id-2"))).isZero();
    assertStored(3L, 1L);
  }

  @Test
  void deletionThatWasCutShortIsNotInTheWayOfOtherPuts() throws Exception {
    FaultProxy.Armed lost =
        proxy.arm(ExpectedLatestTest::createsSlot, Fault.refuse(403, "AccessDenied"));
    assertThatThrownBy(() -> held.delete("default", List.of("id-2")))
        .isInstanceOf(OutcomeUnknownException.class);
    lost.disarm();
    other.put(checkpoint(3), Expectation.any());
    assertStored(3L, 2L, 1L);
    putAfter(other, 4, 3);
    delete(held, 2);
    assertStored(4L, 3L, 1L);
  }

  @Test
  void markOfAnEarlierUseOfTheId() throws Exception {
    delete(other, 2);
    // As a repair that was cut short may have left it.
    direct.deleteObject(
        request ->
            request
                .bucket(S3Server.BUCKET)
                .key(
                    new ObjectKeys(prefix + "/")
                        .namespace("default")
                        .checkpoint(new SlotClaim("id-2", 0))));
    other.put(checkpoint(2), Expectation.latestIs("id-1"));
    putAfter(other, 3, 2);
    assertStored(3L, 2L, 1L);
    delete(other, 2);
    delete(other, 3);
    assertStored(1L);
  }

  // ---- deletion of the session

  private static void deleteSession(S3BackendStorage store, long count) {
    assertThat(store.deleteBySession(SESSION)).isEqualTo(count);
  }

  @Test
  void deletionOfTheSessionBetweenTheMarkAndTheSlotOfAPut() throws Exception {
    whenFirst(ExpectedLatestTest::createsSlot, () -> deleteSession(other, 2));
    assertRefused(held, 3, 2, 0);
    assertStored();
    held.put(checkpoint(3), Expectation.noSession());
    assertStored(3L);
  }

  @Test
  void putBeforeTheMarkOfADeletionOfTheSession() throws Exception {
    whenFirst(ExpectedLatestTest::createsMark, () -> putAfter(other, 3, 2));
    deleteSession(held, 3);
    assertStored();
  }

  @Test
  void putAfterTheMarkOfADeletionOfTheSession() throws Exception {
    whenFirst(ExpectedLatestTest::createsSlot, () -> assertRefused(other, 3, 2, 0));
    deleteSession(held, 2);
    assertStored();
  }

  @Test
  void deletionOfTheLatestWhileItsSessionIsDeleted() throws Exception {
    whenFirst(ExpectedLatestTest::createsMark, () -> delete(other, 2));
    deleteSession(held, 1);
    assertStored();
  }
}
