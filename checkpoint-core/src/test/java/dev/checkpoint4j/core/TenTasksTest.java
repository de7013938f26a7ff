package dev.checkpoint4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.AsyncCheckpointRepository;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.Values;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.tck.ReferenceBackend;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What applications do most, as they write it. */
class TenTasksTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final ReferenceBackend reference = new ReferenceBackend();
  private final ScriptedStorage storage = new ScriptedStorage(reference);
  private final AtomicInteger ids = new AtomicInteger();
  private final CheckpointRepository repository =
      Checkpoints.builder()
          .storage(storage)
          .clock(Clock.fixed(NOW, ZoneOffset.UTC))
          .idGenerator(() -> "id-" + ids.incrementAndGet())
          .versionPolicy(latest -> latest.map(header -> header.version() + 10).orElse(10L))
          .retry(RetryPolicy.builder().maxAttempts(1).build())
          .conflictRetry(
              RetryPolicy.builder()
                  .maxAttempts(3)
                  .initialDelay(Duration.ZERO)
                  .maxDelay(Duration.ZERO)
                  .build())
          .build();
  private final AsyncCheckpointRepository async = repository.async();

  private void saveSteps(int steps) {
    for (int step = 1; step <= steps; step++) {
      repository.save("s", Map.of("step", step));
    }
  }

  /** Another writer stores a checkpoint of the session right before the next put. */
  private void raceWithTheNextPut(String session) {
    AtomicInteger left = new AtomicInteger(1);
    storage.before =
        operation -> {
          if (operation.equals("put") && left.getAndDecrement() > 0) {
            reference.put(
                Checkpoint.builder(session).id("rival").version(95).build(), Expectation.any());
          }
        };
  }

  @Test
  void resume() {
    assertThat(repository.getBySession("s").flatMap(latest -> latest.value("step", Integer.class)))
        .as("before the first step")
        .isEmpty();
    saveSteps(2);
    assertThat(repository.getBySession("s").flatMap(latest -> latest.value("step", Integer.class)))
        .as("the last step")
        .contains(2);
  }

  @Test
  void readOneVersion() {
    saveSteps(3);
    assertThat(repository.get("s", 20).flatMap(found -> found.value("step", Integer.class)))
        .contains(2);
    assertThat(async.get("s", 20).join()).isEqualTo(repository.get("s", 20));
    assertThat(repository.get("s", 15)).as("a version that is not there").isEmpty();
    assertThat(repository.get("t", 20)).as("a session that is not there").isEmpty();
    assertThatThrownBy(() -> repository.get("s", 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readTheFirstCheckpointOfASession() {
    saveSteps(50);
    storage.calls.clear();
    assertThat(repository.history("s", Order.OLDEST_FIRST).findFirst().orElseThrow().version())
        .isEqualTo(10);
    assertThat(storage.calls).as("calls of the backend").containsExactly("list");
    List<Long> versions = new ArrayList<>();
    async.history("s", Order.OLDEST_FIRST, each -> versions.add(each.version())).join();
    assertThat(versions).hasSize(50).isSorted();
  }

  @Test
  void updateWithTaskAndAttributes() {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("s").taskId("t").attribute("lang", "fr").build();
    Checkpoint first = repository.update(metadata, values -> Values.with(values, "step", 1));
    assertThat(first.metadata()).as("of a new session").isEqualTo(metadata);
    CheckpointMetadata changed = metadata.toBuilder().attribute("lang", "de").build();
    Checkpoint second =
        async.update(changed, values -> Values.with(values, "more", values.get("step"))).join();
    assertThat(second.metadata()).as("instead of what the latest has").isEqualTo(changed);
    assertThat(second.values()).isEqualTo(Map.of("step", 1, "more", 1));
    assertThat(second.parentId()).contains(first.id());
  }

  @Test
  void compareAndSetFromACheckpointOfTheCaller() {
    Checkpoint latest = repository.save("s", Map.of("step", 1));
    Checkpoint next = repository.next(latest).values(Map.of("step", 2)).build();
    assertThat(next.id()).as("an id of the repository's").isEqualTo("id-2");
    assertThat(next.ts()).as("a time of the repository's").isEqualTo(NOW);
    assertThat(next.version()).as("a version of the repository's").isEqualTo(20);
    assertThat(next.parentId()).contains(latest.id());
    assertThat(next.metadata()).isEqualTo(latest.metadata());
    repository.put(next);
    assertThatThrownBy(() -> repository.put(repository.next(latest).build()))
        .as("another writer was faster")
        .isInstanceOf(VersionConflictException.class);
    Checkpoint third = repository.next(next).build();
    async.put(third, Expectation.latestIs(next.id())).join();
    repository.put(third, Expectation.latestIs(next.id()));
    repository.deleteBySession("s");
    assertThatThrownBy(
            () -> repository.put(repository.next(third).build(), Expectation.latestIs(third.id())))
        .as("the session was deleted")
        .isInstanceOf(VersionConflictException.class)
        .hasMessageContaining("but the session holds none");
    repository.put(repository.next(third).build(), Expectation.noSession());
    Checkpoint foreign = Checkpoint.builder("s").namespace("other").build();
    assertThatThrownBy(() -> repository.next(foreign)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void forkASession() {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("s").taskId("t").attribute("lang", "fr").build();
    CheckpointRepository other = repository.namespace("other");
    Checkpoint origin = other.save(metadata, Map.of("step", 1));
    Checkpoint fork = other.fork(origin.id(), "s-2");
    assertThat(fork.metadata())
        .isEqualTo(CheckpointMetadata.builder("s-2").taskId("t").attribute("lang", "fr").build());
    assertThat(fork.values()).isEqualTo(origin.values());
    assertThat(fork.parentId()).contains(origin.id());
    assertThat(fork.version()).isEqualTo(10);
    assertThat(other.getBySession("s-2")).contains(fork);
    assertThat(other.lineage(fork.id())).containsExactly(fork, origin);
    assertThatThrownBy(() -> other.fork(origin.id(), "s-2"))
        .as("a session that is not new")
        .isInstanceOf(VersionConflictException.class);
    assertThatThrownBy(() -> other.fork("nowhere", "s-3"))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("there is no checkpoint 'nowhere' in namespace 'other'");
    assertThat(other.async().fork(origin.id(), "s-3").join().parentId()).contains(origin.id());
  }

  @Test
  void restoreAnEarlierCheckpoint() {
    Checkpoint first = repository.save("s", Map.of("step", 1));
    repository.save("s", Map.of("step", 2));
    raceWithTheNextPut("s");
    Checkpoint restored = repository.restore(first.id());
    assertThat(restored.values()).isEqualTo(first.values());
    assertThat(restored.metadata()).isEqualTo(first.metadata());
    assertThat(restored.parentId()).contains(first.id());
    assertThat(restored.version()).as("after the faster writer").isEqualTo(105);
    assertThat(repository.getBySession("s")).contains(restored);
    assertThat(repository.history("s")).as("nothing is overwritten").hasSize(4);
    assertThatThrownBy(() -> repository.restore("nowhere"))
        .isInstanceOf(NoSuchElementException.class);
    assertThat(async.restore(restored.id()).join().parentId()).contains(restored.id());
  }

  @Test
  void pageThroughSessions() {
    for (int i = 0; i < 5; i++) {
      repository.save("s" + i, Map.of());
    }
    List<String> found = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      Page<String> page = repository.listSessions(2, cursor);
      assertThat(page.items()).as("a page").hasSizeLessThanOrEqualTo(2);
      assertThat(async.listSessions(2, cursor).join()).isEqualTo(page);
      found.addAll(page.items());
      cursor = page.nextCursor();
    } while (cursor.isPresent());
    assertThat(found).containsExactly("s0", "s1", "s2", "s3", "s4");
    assertThatThrownBy(() -> repository.listSessions(0, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> repository.listSessions(1, Optional.of("made up")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void pageThroughNamespaces() {
    for (int i = 0; i < 5; i++) {
      repository.namespace("n" + i).save("s", Map.of());
    }
    assertThat(repository.namespaces()).containsExactly("n0", "n1", "n2", "n3", "n4");
    List<String> streamed = new ArrayList<>();
    async.namespaces(streamed::add).join();
    assertThat(streamed).containsExactly("n0", "n1", "n2", "n3", "n4");
    Page<String> page = repository.listNamespaces(2, Optional.empty());
    assertThat(page.items()).containsExactly("n0", "n1");
    assertThat(async.listNamespaces(2, page.nextCursor()).join().items())
        .containsExactly("n2", "n3");
    assertThatThrownBy(() -> repository.listNamespaces(0, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> repository.listNamespaces(1, Optional.of("made up")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void deleteOneCheckpoint() {
    Checkpoint first = repository.save("s", Map.of("step", 1));
    Checkpoint second = repository.save("s", Map.of("step", 2));
    assertThat(repository.delete(second.id())).isTrue();
    assertThat(repository.delete(second.id())).as("again").isFalse();
    assertThat(repository.getBySession("s")).contains(first);
    assertThat(async.delete(first.id()).join()).isTrue();
  }

  @Test
  void workInAnotherNamespace() {
    try (CheckpointRepository other = repository.namespace("other")) {
      other.save("s", Map.of("in", "other"));
      assertThat(other.getBySession("s")).isPresent();
    }
    assertThat(repository.getBySession("s")).as("the store is still open").isEmpty();
    assertThat(storage.calls).doesNotContain("close");
  }

  @Test
  void saveWithAnIdOfTheCaller() {
    CheckpointMetadata metadata = CheckpointMetadata.builder("s").taskId("t").build();
    Checkpoint first = repository.save("request-1", metadata, Map.of("step", 1));
    assertThat(first.id()).isEqualTo("request-1");
    Checkpoint second = repository.save("s", Map.of("step", 2));
    assertThat(repository.save("request-1", metadata, Map.of("step", 1)))
        .as("the same request again")
        .isEqualTo(first);
    assertThat(repository.getBySession("s")).as("nothing was stored").contains(second);
    assertThatThrownBy(() -> repository.save("request-1", metadata, Map.of("step", 9)))
        .as("other values")
        .isInstanceOf(DuplicateCheckpointException.class);
    assertThatThrownBy(
            () -> repository.save("request-1", CheckpointMetadata.of("s"), Map.of("step", 1)))
        .as("other metadata")
        .isInstanceOf(DuplicateCheckpointException.class);
    assertThat(async.save("request-2", metadata, Map.of("step", 3)).join().version()).isEqualTo(30);
  }

  @Test
  void saveWithAnIdMayBeRepeatedAfterAnAnswerWasLost() {
    CheckpointMetadata metadata = CheckpointMetadata.of("s");
    storage.failAfter("put", ScriptedStorage.unknown("the answer was lost"));
    assertThatThrownBy(() -> repository.save("request-1", metadata, Map.of("step", 1)))
        .isInstanceOf(OutcomeUnknownException.class);
    repository.save("s", Map.of("step", 2));
    assertThat(repository.save("request-1", metadata, Map.of("step", 1)).version()).isEqualTo(10);
    assertThat(repository.history("s")).hasSize(2);
  }

  @Test
  void exportACheckpoint() {
    Checkpoint saved = repository.save("s", Map.of("step", 1L, "at", NOW));
    byte[] document = repository.codec().encode(saved);
    assertThat(repository.codec().decode(document)).isEqualTo(saved);
    assertThat(new String(document, StandardCharsets.UTF_8)).startsWith("{").contains("\"step\"");
  }
}
