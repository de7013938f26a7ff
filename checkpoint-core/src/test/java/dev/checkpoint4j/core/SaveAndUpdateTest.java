package dev.checkpoint4j.core;

import static dev.checkpoint4j.core.ScriptedStorage.unknown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.Values;
import dev.checkpoint4j.VersionPolicy;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.UnsupportedValueException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.tck.ReferenceBackend;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SaveAndUpdateTest {

  private static final RetryPolicy THREE_AT_ONCE =
      RetryPolicy.builder()
          .maxAttempts(3)
          .initialDelay(Duration.ZERO)
          .maxDelay(Duration.ZERO)
          .build();

  private final ReferenceBackend reference = new ReferenceBackend();
  private final ScriptedStorage scripted = new ScriptedStorage(reference);
  private final CheckpointRepository repository = builder().build();

  private CheckpointRepositoryBuilder builder() {
    return Checkpoints.builder()
        .storage(scripted)
        .retry(THREE_AT_ONCE)
        .conflictRetry(THREE_AT_ONCE);
  }

  /** Another writer stores a checkpoint right before each of the next puts. */
  private void raceWithPuts(int times) {
    AtomicInteger left = new AtomicInteger(times);
    scripted.before =
        operation -> {
          if (operation.equals("put") && left.getAndDecrement() > 0) {
            try (CheckpointRepository rival =
                Checkpoints.builder().storage(reference.handle()).build()) {
              rival.update("s", values -> Values.with(values, "rival", left.get()));
            }
          }
        };
  }

  @Test
  void saveGivesTheNextVersionWithTheLatestAsParent() {
    Checkpoint first = repository.save("s", Map.of("step", 1));
    Checkpoint second = repository.save("s", Map.of("step", 2));
    assertThat(first.version()).as("first version").isEqualTo(1);
    assertThat(first.parentId()).as("parent of the first").isEmpty();
    assertThat(second.version()).as("second version").isEqualTo(2);
    assertThat(second.parentId()).as("parent of the second").contains(first.id());
    assertThat(second.values()).as("values").isEqualTo(Map.of("step", 2));
    assertThat(second.id()).as("id").isNotEqualTo(first.id());
    assertThat(repository.getBySession("s")).as("what is stored").contains(second);
    assertThat(scripted.countOf("getBySession")).as("values read by save").isEqualTo(1);
  }

  @Test
  void saveTakesMetadata() {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("s").taskId("t").attribute("colour", "red").build();
    assertThat(repository.save(metadata, Map.of()).metadata()).as("metadata").isEqualTo(metadata);
  }

  @Test
  void saveDoesNotAliasWhatItIsGiven() {
    List<Object> list = new ArrayList<>(List.of(1));
    Map<String, Object> values = new HashMap<>(Map.of("list", list));
    Checkpoint saved = repository.save("s", values);
    list.add(2);
    values.put("more", 1);
    assertThat(saved.values()).as("what was returned").isEqualTo(Map.of("list", List.of(1)));
    assertThat(repository.getBySession("s")).as("what is stored").contains(saved);
  }

  @Test
  void updateDerivesFromTheLatestAndKeepsItsMetadata() {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("s").taskId("t").attribute("colour", "red").build();
    Checkpoint first = repository.save(metadata, Map.of("step", 1, "kept", List.of("a")));
    Checkpoint second = repository.update("s", values -> Values.with(values, "step", 2));
    assertThat(second.values()).as("values").isEqualTo(Map.of("step", 2, "kept", List.of("a")));
    assertThat(second.metadata()).as("metadata").isEqualTo(metadata);
    assertThat(second.parentId()).as("parent").contains(first.id());
    assertThat(second.version()).as("version").isEqualTo(2);
    assertThat(second.values().get("kept"))
        .as("what did not change is shared")
        .isSameAs(first.values().get("kept"));
  }

  @Test
  void updateOfANewSessionStartsWithNothing() {
    Checkpoint first =
        repository.update(
            "s",
            values -> {
              assertThat(values).as("values of a new session").isEmpty();
              assertThatThrownBy(() -> values.put("a", 1))
                  .as("changing them")
                  .isInstanceOf(UnsupportedOperationException.class);
              return Values.with(values, "step", 1);
            });
    assertThat(first.version()).as("version").isEqualTo(1);
    assertThat(first.metadata()).as("metadata").isEqualTo(CheckpointMetadata.of("s"));
  }

  @Test
  void saveFollowsAWriterThatWasFaster() {
    raceWithPuts(2);
    Checkpoint saved = repository.save("s", Map.of("mine", true));
    assertThat(saved.version()).as("version, after two of the rival").isEqualTo(3);
    assertThat(saved.values()).as("values").isEqualTo(Map.of("mine", true));
    assertThat(repository.lineage(saved.id())).as("lineage").hasSize(3);
  }

  @Test
  void updateIsAppliedAgainToWhatAFasterWriterStored() {
    raceWithPuts(2);
    AtomicInteger applied = new AtomicInteger();
    Checkpoint saved =
        repository.update(
            "s",
            values -> {
              applied.incrementAndGet();
              return Values.with(values, "mine", true);
            });
    assertThat(saved.values())
        .as("values of both writers")
        .isEqualTo(Map.of("rival", 0, "mine", true));
    assertThat(applied).as("times the change was applied").hasValue(3);
  }

  /** Its versions are smaller than the one that is stored next: they would not show it. */
  @Test
  void updateDoesNotContinueASessionThatWasDeletedAndStartedAgain() {
    repository.save("s", Map.of("step", 1));
    repository.save("s", Map.of("step", 2));
    AtomicInteger left = new AtomicInteger(1);
    scripted.before =
        operation -> {
          if (operation.equals("put") && left.getAndDecrement() > 0) {
            try (CheckpointRepository rival =
                Checkpoints.builder().storage(reference.handle()).build()) {
              rival.deleteBySession("s");
              rival.save("s", Map.of("started", "again"));
            }
          }
        };
    Checkpoint updated = repository.update("s", values -> Values.with(values, "more", true));
    assertThat(updated.values()).isEqualTo(Map.of("started", "again", "more", true));
    assertThat(updated.version()).isEqualTo(2);
  }

  @Test
  void updateDoesNotContinueADeletedSession() {
    repository.save("s", Map.of("step", 1));
    AtomicInteger left = new AtomicInteger(1);
    scripted.before =
        operation -> {
          if (operation.equals("put") && left.getAndDecrement() > 0) {
            long unused = reference.deleteBySession(new SessionKey("default", "s"));
          }
        };
    Checkpoint updated = repository.update("s", values -> Values.with(values, "more", true));
    assertThat(updated.values()).isEqualTo(Map.of("more", true));
    assertThat(updated.version()).isEqualTo(1);
    assertThat(updated.parentId()).isEmpty();
  }

  @Test
  void aConflictIsThrownWhenOthersWereFasterEachTime() {
    raceWithPuts(99);
    assertThatThrownBy(() -> repository.save("s", Map.of()))
        .as("save")
        .isInstanceOfSatisfying(
            VersionConflictException.class,
            e -> assertThat(e.getSuppressed()).as("earlier conflicts").hasSize(2));
    assertThat(scripted.countOf("put")).as("attempts").isEqualTo(3);
    assertThatThrownBy(() -> repository.update("s", values -> values))
        .as("update")
        .isInstanceOf(VersionConflictException.class);
    assertThat(scripted.countOf("put")).as("attempts").isEqualTo(6);
  }

  @Test
  void aSaveThatWasAppliedAlthoughItsAnswerWasLostIsStoredOnce() {
    scripted.failAfter("put", unknown("lost answer"));
    Checkpoint saved = repository.save("s", Map.of("step", 1));
    assertThat(repository.history("s")).as("history").containsExactly(saved);
  }

  @Test
  void allAttemptsOfASaveUseOneId() {
    AtomicInteger ids = new AtomicInteger();
    CheckpointRepository counting =
        builder().idGenerator(() -> "id-" + ids.incrementAndGet()).build();
    raceWithPuts(1);
    assertThat(counting.save("s", Map.of()).id()).as("id").isEqualTo("id-1");
    assertThat(counting.save("s", Map.of()).id()).as("id of the next").isEqualTo("id-2");
  }

  @Test
  void anUnknownOutcomeIsReportedWithoutRetries() {
    CheckpointRepository once = builder().retry(RetryPolicy.none()).build();
    scripted.failAfter("put", unknown("lost answer"));
    assertThatThrownBy(() -> once.save("s", Map.of()))
        .as("save")
        .isInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  void whatTheChangeThrowsIsPassedOnAndNothingIsStored() {
    repository.save("s", Map.of("step", 1));
    RuntimeException mine = new IllegalArgumentException("mine");
    assertThatThrownBy(
            () ->
                repository.update(
                    "s",
                    values -> {
                      throw mine;
                    }))
        .as("an exception of the change")
        .isSameAs(mine);
    assertThatThrownBy(() -> repository.update("s", values -> Map.of("at", new Object())))
        .as("a value that cannot be stored")
        .isInstanceOf(UnsupportedValueException.class);
    assertThatThrownBy(() -> repository.update("s", values -> nothing()))
        .as("no values")
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("change returned null");
    assertThat(repository.history("s")).as("history").hasSize(1);
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // To see what a null does.
  private static <T> T nothing() {
    return null;
  }

  @Test
  void aConflictOfTheChangeItselfIsPassedOn() {
    repository.save("other", Map.of());
    Checkpoint stale = Checkpoint.builder("other").version(1).build();
    AtomicInteger applied = new AtomicInteger();
    assertThatThrownBy(
            () ->
                repository.update(
                    "s",
                    values -> {
                      applied.incrementAndGet();
                      repository.put(stale);
                      return values;
                    }))
        .as("a conflict in another session")
        .isInstanceOf(VersionConflictException.class);
    assertThat(applied).as("times the change was applied").hasValue(1);
  }

  @Test
  void aClockThatGoesBackChangesNothingButTheTime() {
    Instant start = Instant.parse("2030-01-01T00:00:00Z");
    AtomicInteger reads = new AtomicInteger();
    InstantSource backwards = () -> start.minusSeconds(reads.getAndIncrement());
    CheckpointRepository timed =
        builder().clock(backwards.withZone(java.time.ZoneOffset.UTC)).build();
    timed.save("s", Map.of("step", 1));
    Checkpoint second = timed.save("s", Map.of("step", 2));
    assertThat(second.ts()).as("time").isEqualTo(start.minusSeconds(1));
    assertThat(timed.getBySession("s")).as("latest").contains(second);
    assertThat(timed.history("s"))
        .as("versions")
        .extracting(Checkpoint::version)
        .containsExactly(2L, 1L);
  }

  @Test
  void aVersionPolicyChoosesTheVersions() {
    CheckpointRepository tens =
        builder()
            .versionPolicy(latest -> latest.map(header -> header.version() + 10).orElse(10L))
            .build();
    assertThat(tens.save("s", Map.of()).version()).as("first").isEqualTo(10);
    assertThat(tens.update("s", values -> values).version()).as("second").isEqualTo(20);
  }

  @Test
  void aVersionThatIsNotGreaterIsRefused() {
    LongFunction<CheckpointRepository> always =
        version -> builder().versionPolicy(latest -> version).build();
    assertThatThrownBy(() -> always.apply(0).save("s", Map.of()))
        .as("first version 0")
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("version 0", "at least 1");
    always.apply(5).save("s", Map.of());
    assertThatThrownBy(() -> always.apply(5).update("s", values -> values))
        .as("the same version again")
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("version 5", "not greater");
    assertThat(repository.history("s")).as("history").hasSize(1);
  }

  @Test
  void thereIsNoVersionAfterTheGreatest() {
    VersionPolicy greatest = latest -> Long.MAX_VALUE;
    builder().versionPolicy(greatest).build().save("s", Map.of());
    assertThatThrownBy(() -> repository.save("s", Map.of()))
        .as("one more")
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no version after");
  }

  @Test
  void aSaveWithAnIdMayBeRepeatedWhenNoVersionFollows() {
    CheckpointMetadata metadata = CheckpointMetadata.of("s");
    VersionPolicy onlyOne =
        latest -> {
          if (latest.isPresent()) {
            throw new UnsupportedOperationException("no more numbers");
          }
          return Long.MAX_VALUE;
        };
    CheckpointRepository numbered = builder().versionPolicy(onlyOne).build();
    Checkpoint stored = numbered.save("request-1", metadata, Map.of("step", 1));
    assertThat(numbered.save("request-1", metadata, Map.of("step", 1)))
        .as("repeated, though the policy gives no version")
        .isEqualTo(stored);
    assertThat(repository.save("request-1", metadata, Map.of("step", 1)))
        .as("repeated, though there is no version after the latest")
        .isEqualTo(stored);
    assertThatThrownBy(() -> repository.save("request-2", metadata, Map.of("step", 1)))
        .as("another one")
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no version after");
  }

  @Test
  void aSaveWithAnIdThatIsDeletedMeanwhileIsStored() {
    CheckpointMetadata metadata = CheckpointMetadata.of("s");
    repository.save("request-1", metadata, Map.of("step", 1));
    AtomicInteger reads = new AtomicInteger();
    scripted.before =
        operation -> {
          if (operation.equals("get") && reads.getAndIncrement() == 0) {
            assertThat(reference.handle().delete("default", List.of("request-1"))).isEqualTo(1);
          }
        };
    Checkpoint again = repository.save("request-1", metadata, Map.of("step", 1));
    assertThat(repository.get("request-1")).contains(again);
  }

  @Test
  void aTimeThatNoCheckpointCanHaveIsTheFaultOfTheClock() {
    Checkpoint stored = repository.save("s", Map.of());
    CheckpointRepository late = builder().clock(Clock.fixed(Instant.MAX, ZoneOffset.UTC)).build();
    assertThatThrownBy(() -> late.save("s", Map.of()))
        .as("save")
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the clock gave");
    assertThatThrownBy(() -> late.fork(stored.id(), "forked"))
        .as("fork")
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> late.next(stored))
        .as("next")
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anIllegalIdOfTheGeneratorIsItsFault() {
    CheckpointRepository illegal = builder().idGenerator(() -> "").build();
    assertThatThrownBy(() -> illegal.save("s", Map.of()))
        .as("an empty id")
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("id generator");
    CheckpointRepository none = builder().idGenerator(SaveAndUpdateTest::nothing).build();
    assertThatThrownBy(() -> none.save("s", Map.of()))
        .as("no id")
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the id generator gave null");
  }

  @Test
  void eightWritersLoseNothing() throws InterruptedException, ExecutionException, TimeoutException {
    int writers = 8;
    int each = 50;
    long total = 400;
    CheckpointRepository shared = Checkpoints.builder().storage(reference).build();
    CyclicBarrier start = new CyclicBarrier(writers);
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        String key = "writer-" + writer;
        done.add(
            threads.submit(
                () -> {
                  start.await(30, TimeUnit.SECONDS);
                  for (int i = 0; i < each; i++) {
                    shared.update(
                        "counted",
                        values ->
                            Values.with(values, key, (Integer) values.getOrDefault(key, 0) + 1));
                    shared.save("saved", Map.of("writer", key));
                  }
                  return null;
                }));
      }
      for (Future<?> future : done) {
        future.get(120, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
    Map<String, Object> counts = shared.getBySession("counted").orElseThrow().values();
    assertThat(counts)
        .as("updates of each writer")
        .hasSize(writers)
        .allSatisfy((key, count) -> assertThat(count).isEqualTo(each));
    for (String session : List.of("counted", "saved")) {
      List<Checkpoint> history = shared.history(session).toList();
      assertThat(history)
          .as("versions of %s: each once, without a gap", session)
          .extracting(Checkpoint::version)
          .containsExactlyElementsOf(
              LongStream.rangeClosed(1, total).mapToObj(n -> total + 1 - n).toList());
      assertThat(shared.lineage(history.get(0).id()))
          .as("lineage of %s", session)
          .containsExactlyElementsOf(history);
    }
  }
}
