package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.store.jdbc.JdbcStoreVerification.Problem;
import java.util.ArrayList;
import java.util.List;

/** Reads all of a store after a fault, and finds nothing wrong with it. */
final class Verified {

  private Verified() {}

  /** All checkpoints of a sound store, those of a session in the order of their versions. */
  static List<Checkpoint> checkpoints(JdbcBackendStorage store) {
    List<Checkpoint> intact = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    JdbcStoreVerification found =
        JdbcStoreVerification.verify(
            store,
            new JdbcStoreVerification.Listener() {
              @Override
              public void intact(Checkpoint checkpoint) {
                intact.add(checkpoint);
              }

              @Override
              public void found(Problem problem) {
                problems.add(problem);
              }
            });
    assertThat(problems).as("what verify finds").isEmpty();
    assertThat(found.isSound()).as("whether the store is sound").isTrue();
    assertThat(found.checkpoints()).as("checkpoints").isEqualTo(intact.size());
    return intact;
  }

  /** Those of one session, of a store all of which is sound. */
  static List<Checkpoint> checkpoints(JdbcBackendStorage store, SessionKey session) {
    return checkpoints(store).stream()
        .filter(checkpoint -> checkpoint.sessionKey().equals(session))
        .toList();
  }
}
