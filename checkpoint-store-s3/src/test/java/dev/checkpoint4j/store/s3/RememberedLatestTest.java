package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.SESSION;
import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.tck.Fault;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A handle that remembers the latest checkpoint reads what one reads that remembers nothing,
 * whatever another handle has done, or has left half done.
 */
class RememberedLatestTest {

  private static final int MAX_WRITES = 20;

  private final FaultyConnection connection = new FaultyConnection();
  private final S3Client client = S3MockServer.sharedInMemory().newClient();
  private final S3Client breaking =
      S3Server.clientBuilder(S3MockServer.sharedInMemory().endpoint())
          .overrideConfiguration(
              configuration ->
                  configuration
                      .addExecutionInterceptor(connection)
                      .retryStrategy(DefaultRetryStrategy.doNotRetry()))
          .build();

  @AfterEach
  void close() {
    client.close();
    breaking.close();
  }

  private static S3BackendStorage open(S3Client client, String prefix) {
    return S3BackendStorage.builder().client(client).bucket(S3Server.BUCKET).prefix(prefix).open();
  }

  private static Arguments operation(String name, Consumer<S3BackendStorage> operation) {
    return Arguments.of(name, operation);
  }

  static Stream<Arguments> operations() {
    return Stream.of(
        operation("put", store -> store.put(checkpoint(4), Expectation.any())),
        operation(
            "puts",
            store -> {
              store.put(checkpoint(4), Expectation.any());
              store.put(checkpoint(5), Expectation.any());
            }),
        operation(
            "put of a large one",
            store ->
                store.put(
                    checkpoint(4).toBuilder().values(Map.of("text", "x".repeat(2_000_000))).build(),
                    Expectation.any())),
        operation("deletion of the latest", store -> store.delete("default", List.of("id-3"))),
        operation("deletion of another", store -> store.delete("default", List.of("id-2"))),
        operation(
            "deletion and put of the same id",
            store -> {
              store.delete("default", List.of("id-3"));
              store.put(checkpoint("s", "id-3", 3), Expectation.any());
            }),
        operation("deletion of the session", store -> store.deleteBySession(SESSION)),
        operation(
            "deletion of the session and put",
            store -> {
              store.deleteBySession(SESSION);
              store.put(checkpoint(1), Expectation.any());
            }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("operations")
  void isWhatOneReadsWhoRemembersNothing(String name, Consumer<S3BackendStorage> operation) {
    boolean isDone = false;
    for (int writes = 0; !isDone; writes++) {
      assertThat(writes).as("writes of the operation").isLessThan(MAX_WRITES);
      String prefix = "remembered-" + UUID.randomUUID();
      try (S3BackendStorage writing = open(client, prefix);
          S3BackendStorage reading = open(client, prefix);
          S3BackendStorage other = open(breaking, prefix)) {
        for (long version = 1; version <= 3; version++) {
          writing.put(checkpoint(version), Expectation.any());
        }
        assertThat(reading.getBySession(SESSION)).contains(checkpoint(3));
        isDone = isDoneWithin(writes, other, operation);
        assertRemembers(writing, prefix, "after %d writes".formatted(writes));
        putElsewhere("id-3", prefix);
        assertRemembers(reading, prefix, "after %d writes and a put".formatted(writes));
        reading.put(checkpoint(9), Expectation.any());
        assertRemembers(writing, prefix, "after a put of one's own");
        assertThat(writing.getBySession(SESSION)).contains(checkpoint(9));
      }
    }
  }

  private void assertRemembers(S3BackendStorage remembering, String prefix, String when) {
    try (S3BackendStorage forgetful = open(client, prefix)) {
      assertThat(remembering.getBySession(SESSION))
          .as(when)
          .isEqualTo(forgetful.getBySession(SESSION));
    }
  }

  @Test
  void whatWasDeletedIsNotWrittenAnewInItsOldPlace() {
    String prefix = "remembered-" + UUID.randomUUID();
    try (S3BackendStorage first = open(client, prefix);
        S3BackendStorage second = open(client, prefix);
        S3BackendStorage third = open(breaking, prefix)) {
      first.put(checkpoint(1), Expectation.any());
      second.put(checkpoint("s", "again", 5), Expectation.any());
      second.put(checkpoint(6), Expectation.any());
      assertThat(isDoneWithin(2, third, store -> store.deleteBySession(SESSION)))
          .as("deleted all but the latest, without the end of the session being marked")
          .isFalse();
      // Remembers that slot 1 is the newest, and finds slot 2 claimed for this very checkpoint.
      Checkpoint again = checkpoint("s", "again", 9);
      first.put(again, Expectation.any());
      // Remembers that slot 3 is the newest, and that version 6 is in it.
      assertThatThrownBy(() -> second.put(checkpoint(7), Expectation.any()))
          .isInstanceOf(VersionConflictException.class);
      assertThat(second.getBySession(SESSION)).contains(again);
    }
  }

  /** In another session, unless there is a checkpoint of this id. */
  private void putElsewhere(String id, String prefix) {
    try (S3BackendStorage third = open(client, prefix)) {
      if (third.get("default", id).isEmpty()) {
        third.put(checkpoint("elsewhere", id, 1), Expectation.any());
      }
    }
  }

  /** Whether an operation comes to its end if the connection breaks after some writes. */
  private boolean isDoneWithin(
      int writes, S3BackendStorage store, Consumer<S3BackendStorage> operation) {
    connection.arm(Fault.WRITE_REFUSED, writes);
    try {
      operation.accept(store);
      return true;
    } catch (CheckpointException e) {
      return false;
    } finally {
      connection.disarm();
    }
  }
}
