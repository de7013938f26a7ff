package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.VerificationListener;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import java.util.ArrayList;
import java.util.List;

/** Reads all of a store after a fault, and finds nothing wrong with it. */
final class Verified {

  private Verified() {}

  static VerificationReport report(JdbcBackendStorage store) {
    return store.verify(VerificationOptions.defaults());
  }

  /** All checkpoints of a sound store, those of a session in the order of their versions. */
  static List<Checkpoint> checkpoints(JdbcBackendStorage store) {
    List<Checkpoint> intact = new ArrayList<>();
    VerificationReport report =
        store.verify(
            VerificationOptions.defaults()
                .withListener(
                    new VerificationListener() {
                      @Override
                      public void onIntact(Checkpoint checkpoint) {
                        intact.add(checkpoint);
                      }
                    }));
    assertThat(report.findings()).as("what verify finds").isEmpty();
    assertThat(report.isSound()).as("whether the store is sound").isTrue();
    assertThat(report.checkpoints()).as("checkpoints").isEqualTo(intact.size());
    return intact;
  }

  /** Those of one session, of a store all of which is sound. */
  static List<Checkpoint> checkpoints(JdbcBackendStorage store, SessionKey session) {
    return checkpoints(store).stream()
        .filter(checkpoint -> checkpoint.sessionKey().equals(session))
        .toList();
  }
}
