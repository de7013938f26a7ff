package dev.checkpoint4j.store.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.testsupport.ExhaustedStack;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Operations end with a StackOverflowError: others neither wait for them nor see a part of them.
 */
class MemoryErrorTest {

  private static final String NAMESPACE = "default";
  private static final int ROUNDS = 5;

  private final MemoryBackendStorage store = MemoryBackendStorage.create();

  private static Checkpoint checkpoint(String session, int version) {
    return Checkpoint.builder(session).id(session + "-" + version).version(version).build();
  }

  /** So that no class is loaded at the end of the stack, which would be the end of that class. */
  private void loadClasses() {
    store.put(checkpoint("first", 1), Expectation.any());
    store.put(checkpoint("first", 2), Expectation.any());
    assertConsistent("first", List.of("first-1", "first-2"));
    store.delete(NAMESPACE, List.of("first-1"));
    store.deleteBySession(new SessionKey(NAMESPACE, "first"));
  }

  /** All views agree, on another thread, and the session takes another checkpoint. */
  private void assertConsistent(String session, List<String> ids) {
    SessionKey key = new SessionKey(NAMESPACE, session);
    Optional<Checkpoint> latest = store.getBySession(key);
    List<Checkpoint> listed = store.list(CheckpointQuery.builder(key).limit(1000).build()).items();
    boolean isListed = store.listSessions(NAMESPACE, 1000, Optional.empty()).items().contains(key);
    List<Checkpoint> found = ids.stream().flatMap(id -> store.get(NAMESPACE, id).stream()).toList();
    assertThat(listed)
        .as("what is listed of %s, and what is found by id", session)
        .containsExactlyInAnyOrderElementsOf(found);
    assertThat(latest).as("latest of %s", session).isEqualTo(listed.stream().findFirst());
    assertThat(isListed).as("whether %s is listed", session).isEqualTo(!listed.isEmpty());
  }

  @Test
  void aPutThatIsCutOffIsStoredAsAWholeOrNotAtAll() throws Exception {
    loadClasses();
    for (int round = 0; round < ROUNDS; round++) {
      String session = "s" + round;
      List<String> ids = new ArrayList<>();
      for (int version = 1; version <= 1000; version++) {
        ids.add(session + "-" + version);
      }
      int failed =
          ExhaustedStack.run(
              round * 208L,
              failures -> store.put(checkpoint(session, failures + 1), Expectation.any()));
      assertThat(failed).as("puts that were cut off").isBetween(1, 998);
      Object unused =
          ExhaustedStack.onAnotherThread(
              () -> {
                assertConsistent(session, ids);
                store.put(checkpoint(session, 1000), Expectation.any());
                assertConsistent(session, ids);
                return true;
              });
    }
  }

  @Test
  void aDeletionThatIsCutOffLeavesEveryViewTheSame() throws Exception {
    loadClasses();
    for (int round = 0; round < ROUNDS; round++) {
      String session = "s" + round;
      SessionKey key = new SessionKey(NAMESPACE, session);
      List<String> ids = new ArrayList<>();
      for (int version = 1; version <= 20; version++) {
        store.put(checkpoint(session, version), Expectation.any());
        ids.add(session + "-" + version);
      }
      boolean whole = round % 2 == 0;
      int failed =
          ExhaustedStack.run(
              round * 208L,
              failures -> {
                long unused =
                    whole
                        ? store.deleteBySession(key)
                        : store.delete(NAMESPACE, ids.subList(0, 10));
              });
      assertThat(failed).as("deletions that were cut off").isPositive();
      Object unused =
          ExhaustedStack.onAnotherThread(
              () -> {
                assertConsistent(session, ids);
                assertThat(store.getBySession(key).isPresent())
                    .as("latest is left")
                    .isEqualTo(!whole);
                store.put(checkpoint(session, 21), Expectation.any());
                assertThat(store.getBySession(key)).contains(checkpointOf(store, session + "-21"));
                assertConsistent(
                    session, Stream.concat(ids.stream(), Stream.of(session + "-21")).toList());
                return true;
              });
    }
  }

  private static Checkpoint checkpointOf(BackendStorage store, String id) {
    return store.get(NAMESPACE, id).orElseThrow();
  }
}
