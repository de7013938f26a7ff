package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.SESSION;
import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.store.s3.internal.Clocks;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.services.s3.S3Client;

/** A machine that sleeps for hours within a call: what it has read before is not relied on. */
class SuspendedMachineTest {

  private static final Duration SLEEP = Duration.ofHours(2);

  private final String prefix = "suspended-" + UUID.randomUUID();
  private final String slots = new ObjectKeys(prefix + "/").sessionPrefix(SESSION);
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong millis = new AtomicLong(Duration.ofDays(20_000).toMillis());
  private final Sleep sleep = new Sleep();
  private final S3Client sleeping =
      S3Server.clientBuilder(S3MockServer.sharedInMemory().endpoint())
          .overrideConfiguration(configuration -> configuration.addExecutionInterceptor(sleep))
          .build();
  private final S3Client client = S3MockServer.sharedInMemory().newClient();
  private final S3BackendStorage store =
      builder(sleeping).clocks(new Clocks(nanos::get, millis::get)).open();
  private final S3BackendStorage other = builder(client).open();

  private S3BackendStorageBuilder builder(S3Client by) {
    return S3BackendStorage.builder().client(by).bucket(S3Server.BUCKET).prefix(prefix);
  }

  @AfterEach
  void close() {
    store.close();
    other.close();
    sleeping.close();
    client.close();
  }

  /** Happens once: before a request is sent, or after its answer has come. */
  private static final class Sleep implements ExecutionInterceptor {

    private @Nullable Predicate<SdkHttpRequest> before;
    private @Nullable Predicate<SdkHttpRequest> after;
    private Runnable meanwhile = () -> {};
    private int times;

    synchronized void before(Predicate<SdkHttpRequest> which, Runnable meanwhile) {
      before = which;
      this.meanwhile = meanwhile;
    }

    synchronized void after(Predicate<SdkHttpRequest> which, Runnable meanwhile) {
      after = which;
      this.meanwhile = meanwhile;
    }

    synchronized int times() {
      return times;
    }

    @Override
    public synchronized void beforeTransmission(
        Context.BeforeTransmission context, ExecutionAttributes attributes) {
      if (before != null && before.test(context.httpRequest())) {
        before = null;
        times++;
        meanwhile.run();
      }
    }

    @Override
    public synchronized void afterTransmission(
        Context.AfterTransmission context, ExecutionAttributes attributes) {
      if (after != null && after.test(context.httpRequest())) {
        after = null;
        times++;
        meanwhile.run();
      }
    }
  }

  private static boolean isPut(SdkHttpRequest request, String path) {
    return request.method() == SdkHttpMethod.PUT && request.encodedPath().contains(path);
  }

  /** What the clocks of the machine show afterwards. */
  enum Clock {
    BOTH,
    STOPPED_WHILE_ASLEEP,
    WALL_CLOCK_SET_BACK
  }

  private void passTime(Clock clock) {
    if (clock == Clock.BOTH) {
      nanos.addAndGet(SLEEP.toNanos());
    }
    millis.addAndGet(clock == Clock.WALL_CLOCK_SET_BACK ? -SLEEP.toMillis() : SLEEP.toMillis());
  }

  private void repair() {
    assertThat(
            builder(client)
                .verify(
                    VerificationOptions.defaults().withRemovalOfLeftovers(),
                    RecordingListener.NO_MIN_AGE)
                .isSound())
        .as("sound")
        .isTrue();
  }

  private List<Long> versions() {
    return other.list(CheckpointQuery.builder(SESSION).build()).items().stream()
        .map(Checkpoint::version)
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void putInAPlaceThatWasTakenAndRemovedMeanwhileIsNotAcknowledged(Clock clock) {
    store.put(checkpoint(1), Expectation.any());
    sleep.before(
        request -> isPut(request, "/default/sessions/"),
        () -> {
          passTime(clock);
          other.put(checkpoint("s", "others", 2), Expectation.any());
          other.delete("default", List.of("others"));
          other.put(checkpoint(3), Expectation.any());
          repair();
        });
    assertThatThrownBy(() -> store.put(checkpoint(2), Expectation.any()))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining("may have been applied");
    assertThat(sleep.times()).isEqualTo(1);
    assertThat(other.getBySession(SESSION)).contains(checkpoint(3));
  }

  @ParameterizedTest
  @EnumSource
  void putWhoseSlotWasAbandonedMeanwhileIsNotAcknowledged(Clock clock) {
    store.put(checkpoint(1), Expectation.any());
    // Another writer was met: the slot is made first, the document then.
    other.put(checkpoint(2), Expectation.any());
    store.put(checkpoint(3), Expectation.any());
    sleep.before(
        request -> isPut(request, "/default/checkpoints/"),
        () -> {
          passTime(clock);
          other.put(checkpoint(5), Expectation.any());
          repair();
          repair();
        });
    assertThatThrownBy(() -> store.put(checkpoint(4), Expectation.any()))
        .isInstanceOf(OutcomeUnknownException.class);
    assertThat(sleep.times()).isEqualTo(1);
    assertThat(versions()).containsExactly(5L, 3L, 2L, 1L);
    assertThat(other.get("default", "id-4")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void putOfAMachineThatSleptAloneIsAcknowledged(Clock clock) {
    store.put(checkpoint(1), Expectation.any());
    sleep.after(request -> isPut(request, "/default/sessions/"), () -> passTime(clock));
    store.put(checkpoint(2), Expectation.any());
    assertThat(sleep.times()).isEqualTo(1);
    assertThat(versions()).containsExactly(2L, 1L);
    store.put(checkpoint(3), Expectation.any());
    assertThat(versions()).containsExactly(3L, 2L, 1L);
  }

  @ParameterizedTest
  @EnumSource
  void latestThatIsRememberedIsReadAnew(Clock clock) {
    store.put(checkpoint(1), Expectation.any());
    sleep.before(
        request -> request.encodedPath().startsWith("/" + S3Server.BUCKET + "/" + slots),
        () -> {
          passTime(clock);
          other.put(checkpoint(2), Expectation.any());
          other.put(checkpoint(3), Expectation.any());
          other.delete("default", List.of("id-2"));
          repair();
        });
    assertThat(store.getBySession(SESSION)).contains(checkpoint(3));
    assertThat(sleep.times()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void deletionByIdLeavesWhatHasTheIdByThen(Clock clock) {
    other.put(checkpoint(1), Expectation.any());
    other.put(checkpoint(2), Expectation.any());
    Checkpoint again = checkpoint("t", "id-1", 1);
    String slot = ObjectKeys.slot(slots, 1);
    sleep.after(
        request -> isPut(request, slot),
        () -> {
          passTime(clock);
          // What the deletion has left goes with a repair, and the id is free again.
          repair();
          other.put(again, Expectation.any());
        });
    store.delete("default", List.of("id-1"));
    assertThat(sleep.times()).isEqualTo(1);
    assertThat(other.get("default", "id-1")).contains(again);
  }

  /** Another one deletes the session while this handle sleeps, and uses the id again. */
  private Checkpoint sleepAfterReading(String id, Clock clock) {
    Checkpoint again = checkpoint("t", id, 1);
    String name = new SlotClaim(id, 0).objectName();
    sleep.after(
        request ->
            request.method() == SdkHttpMethod.GET && request.encodedPath().endsWith("/" + name),
        () -> {
          passTime(clock);
          other.deleteBySession(SESSION);
          repair();
          repair();
          other.put(again, Expectation.any());
        });
    return again;
  }

  @ParameterizedTest
  @EnumSource
  void deletionOfASessionLeavesWhatHasItsIdsByThen(Clock clock) {
    other.put(checkpoint(1), Expectation.any());
    other.put(checkpoint(2), Expectation.any());
    Checkpoint again = sleepAfterReading("id-1", clock);
    assertThatThrownBy(() -> store.deleteBySession(SESSION))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining("Repeat");
    assertThat(sleep.times()).isEqualTo(1);
    assertThat(other.get("default", "id-1")).contains(again);
    assertThat(store.deleteBySession(SESSION)).as("what is left").isZero();
    assertThat(other.get("default", "id-1")).contains(again);
  }

  @ParameterizedTest
  @EnumSource
  void deletionOfASessionLeavesWhatHasTheIdOfItsLatestByThen(Clock clock) {
    other.put(checkpoint(1), Expectation.any());
    other.put(checkpoint(2), Expectation.any());
    Checkpoint again = sleepAfterReading("id-2", clock);
    assertThat(store.deleteBySession(SESSION)).as("what is left").isZero();
    assertThat(sleep.times()).isEqualTo(1);
    assertThat(other.get("default", "id-2")).contains(again);
    assertThat(versions()).isEmpty();
  }

  @Test
  void timeThatPassesBetweenCallsIsNoneThatACallHasTaken() {
    for (long version = 1; version <= 3; version++) {
      store.put(checkpoint(version), Expectation.any());
      passTime(Clock.BOTH);
    }
    assertThat(versions()).containsExactly(3L, 2L, 1L);
  }
}
