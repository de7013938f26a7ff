package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.SESSION;
import static dev.checkpoint4j.store.s3.Samples.assertSound;
import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.testsupport.FaultProxy;
import dev.checkpoint4j.testsupport.FaultProxy.Fault;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A server that takes requests and says nothing any more: each call ends when its time is over. The
 * limits here are those of a hung test, long before the SDK would give up on its own.
 */
@Timeout(60)
class SilentServerTest {

  private static final Duration TIMEOUT = Duration.ofMillis(500);
  private static final Duration LONG = Duration.ofMinutes(10);

  private final String prefix = "silent-" + UUID.randomUUID();
  private final FaultProxy proxy = FaultProxy.to(S3MockServer.sharedInMemory().endpoint());
  private final S3Client client = S3Server.clientBuilder(proxy.endpoint()).build();
  private final S3BackendStorage store = open(LONG);

  private S3BackendStorage open(Duration timeout) {
    return S3BackendStorage.builder()
        .client(client)
        .bucket(S3Server.BUCKET)
        .prefix(prefix)
        .requestTimeout(timeout)
        .open();
  }

  @AfterEach
  void close() {
    proxy.close();
    client.close();
    assertSound(prefix);
  }

  private static Map<String, ThrowingCallable> calls(S3BackendStorage store) {
    CheckpointQuery query = CheckpointQuery.builder(SESSION).build();
    return Map.of(
        "put", () -> store.put(checkpoint(2), Expectation.any()),
        "get", () -> store.get("default", "id-1"),
        "getBySession", () -> store.getBySession(SESSION),
        "list", () -> store.list(query),
        "listHeaders", () -> store.listHeaders(query),
        "listSessions", () -> store.listSessions("default", 1, Optional.empty()),
        "delete", () -> store.delete("default", List.of("id-1")),
        "deleteBySession", () -> store.deleteBySession(SESSION));
  }

  @Test
  void eachCallEndsWithTheTimeOfTheCaller() {
    store.put(checkpoint(1), Expectation.any());
    FaultProxy.Armed armed = proxy.arm(request -> true, Fault.silence());
    calls(store)
        .forEach(
            (name, call) ->
                CallDeadline.after(TIMEOUT)
                    .call(
                        () ->
                            assertThatThrownBy(call)
                                .as(name)
                                .isInstanceOfAny(
                                    StorageUnavailableException.class,
                                    OutcomeUnknownException.class)));
    assertThat(armed.hits()).as("requests without an answer").isGreaterThanOrEqualTo(8);
    armed.disarm();
    assertThat(store.getBySession(SESSION)).as("usable afterwards").contains(checkpoint(1));
    store.close();
  }

  @Test
  void eachCallAndTheEndOfTheHandleHaveTheTimeOfTheStore() {
    store.put(checkpoint(1), Expectation.any());
    store.close();
    try (S3BackendStorage impatient = open(TIMEOUT.multipliedBy(4))) {
      FaultProxy.Armed armed = proxy.arm(request -> true, Fault.silence());
      assertThatThrownBy(() -> impatient.getBySession(SESSION))
          .isInstanceOf(StorageUnavailableException.class);
      armed.disarm();
      proxy.arm(request -> request.isCreate(), Fault.silenceAnswer());
      assertThatThrownBy(() -> impatient.put(checkpoint(2), Expectation.any()))
          .isInstanceOf(OutcomeUnknownException.class);
    }
  }

  @Test
  void openingEnds() {
    proxy.arm(request -> true, Fault.silence());
    assertThatThrownBy(() -> open(TIMEOUT)).isInstanceOf(StorageUnavailableException.class);
  }

  @Test
  void closingDoesNotWaitForASilentServer() throws Exception {
    store.put(checkpoint(1), Expectation.any());
    FaultProxy.Armed armed = proxy.arm(request -> true, Fault.silence());
    CountDownLatch ended = new CountDownLatch(1);
    Thread reader =
        new Thread(
            () -> {
              assertThatThrownBy(() -> store.getBySession(SESSION))
                  .isInstanceOf(CheckpointException.class);
              ended.countDown();
            });
    reader.start();
    armed.awaitHit();
    CallDeadline.after(TIMEOUT)
        .call(
            () -> {
              store.close();
              return "closed";
            });
    assertThatThrownBy(() -> store.getBySession(SESSION)).isInstanceOf(IllegalStateException.class);
    proxy.close();
    ended.await();
  }

  @Test
  void aWriterWaitsForAnotherOneNoLongerThanItMay() throws Exception {
    store.put(checkpoint(1), Expectation.any());
    FaultProxy.Armed armed = proxy.arm(request -> request.isCreate(), Fault.silence());
    Thread writer =
        new Thread(
            () ->
                CallDeadline.after(TIMEOUT.multipliedBy(6))
                    .call(
                        () ->
                            assertThatThrownBy(() -> store.put(checkpoint(2), Expectation.any()))
                                .isInstanceOf(OutcomeUnknownException.class)));
    writer.start();
    armed.awaitHit();
    CallDeadline.after(TIMEOUT)
        .call(
            () ->
                assertThatThrownBy(() -> store.put(checkpoint(3), Expectation.any()))
                    .isInstanceOf(StorageUnavailableException.class)
                    .hasMessageContaining("nothing was changed"));
    writer.join();
    store.close();
  }
}
