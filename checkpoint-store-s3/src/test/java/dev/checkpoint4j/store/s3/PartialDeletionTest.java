package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.SESSION;
import static dev.checkpoint4j.store.s3.Samples.assertSound;
import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.testsupport.FaultProxy;
import dev.checkpoint4j.testsupport.FaultProxy.Fault;
import dev.checkpoint4j.testsupport.HttpRequest;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;

/** A deletion that fails after a part was deleted says so, and its repetition deletes the rest. */
class PartialDeletionTest {

  /** How many checkpoints are deleted before the next ones. */
  private static final int BATCH = 100;

  private final String prefix = "partial-" + UUID.randomUUID();
  private final ObjectKeys keys = new ObjectKeys(prefix + "/");
  private final FaultProxy proxy = FaultProxy.to(S3MockServer.sharedInMemory().endpoint());
  private final S3Client client =
      S3Server.clientBuilder(proxy.endpoint())
          .overrideConfiguration(
              configuration -> configuration.retryStrategy(DefaultRetryStrategy.doNotRetry()))
          .build();
  private final S3BackendStorage store =
      S3BackendStorage.builder().client(client).bucket(S3Server.BUCKET).prefix(prefix).open();

  @AfterEach
  void close() {
    store.close();
    client.close();
    proxy.close();
    assertSound(prefix);
  }

  private void put(long count) {
    LongStream.rangeClosed(1, count)
        .forEach(version -> store.put(checkpoint(version), Expectation.any()));
  }

  private static List<String> ids(long count) {
    return LongStream.rangeClosed(1, count).mapToObj(version -> "id-" + version).toList();
  }

  /** The step that deletes: the slot is replaced by a tombstone. */
  private Predicate<HttpRequest> deletionOf(long version) {
    String slot = ObjectKeys.slot(keys.sessionPrefix(SESSION), version);
    return request ->
        request.method().equals("PUT") && !request.isCreate() && request.path().endsWith(slot);
  }

  private void assertFailsHalfway(
      Predicate<HttpRequest> failing, Fault fault, String reason, ThrowingCallable deletion) {
    FaultProxy.Armed armed = proxy.arm(failing, fault);
    assertThatThrownBy(deletion)
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageStartingWith("the server did not confirm everything (" + reason)
        .hasMessageContaining("some may have been deleted. Repeat the call")
        .hasMessageNotContaining("nothing was changed");
    assertThat(armed.hits()).as("requests that failed").isPositive();
    armed.disarm();
  }

  private void assertLeft(Long... versions) {
    assertThat(store.list(CheckpointQuery.builder(SESSION).limit(1000).build()).items())
        .as("what is left")
        .extracting(Checkpoint::version)
        .containsExactly(versions);
  }

  @Test
  void ofSomeIds() {
    put(3);
    assertFailsHalfway(
        deletionOf(2),
        Fault.refuse(500, "InternalError"),
        "status 500, InternalError",
        () -> store.delete("default", ids(3)));
    assertLeft(2L);
    assertThat(store.delete("default", ids(3))).as("deleted by the repetition").isEqualTo(1);
    assertLeft();
  }

  @Test
  void ofSomeBatches() {
    put(BATCH + 2);
    assertFailsHalfway(
        deletionOf(BATCH + 1),
        Fault.refuse(403, "AccessDenied"),
        "status 403, AccessDenied",
        () -> store.delete("default", ids(BATCH + 2)));
    assertLeft((long) BATCH + 1);
    assertThat(store.delete("default", ids(BATCH + 2))).as("by the repetition").isEqualTo(1);
  }

  @Test
  void ofASession() {
    put(3);
    assertFailsHalfway(
        deletionOf(3),
        Fault.refuse(503, "SlowDown"),
        "status 503, SlowDown",
        () -> store.deleteBySession(SESSION));
    assertLeft(3L);
    assertThat(store.deleteBySession(SESSION)).as("deleted by the repetition").isEqualTo(1);
    assertLeft();
  }

  /** One request deletes the checkpoint objects of slots that are old. */
  @Test
  void ofSomeObjectsOfARequest() {
    put(3);
    proxy.arm(
        request -> request.query().contains("list-type"),
        Fault.editAnswer(text -> text.replaceAll("(<LastModified>)\\d+", "$12020")));
    String failed = keys.namespace("default").checkpoint(new SlotClaim("id-1", 0));
    String error = "<Error><Key>" + failed + "</Key><Code>AccessDenied</Code></Error>";
    assertFailsHalfway(
        request -> request.query().contains("delete"),
        Fault.editAnswer(
            text ->
                text.replaceFirst(
                    "(?s)\r\n\r\n.*", "\r\n\r\n<DeleteResult>" + error + "</DeleteResult>")),
        "AccessDenied",
        () -> store.deleteBySession(SESSION));
    assertThat(store.get("default", "id-2")).as("what the request has deleted").isEmpty();
    assertThat(store.deleteBySession(SESSION)).as("deleted by the repetition").isEqualTo(1);
  }
}
