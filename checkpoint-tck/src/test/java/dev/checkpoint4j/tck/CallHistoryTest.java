package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which histories could have been answered one call after the other. */
class CallHistoryTest {

  private static final SessionKey SESSION = new SessionKey("n", "s");

  private final CallHistory history = new CallHistory();
  private final BackendStorage good = new ReferenceBackend();

  private static Checkpoint checkpoint(long version) {
    return Checkpoint.builder("s")
        .namespace("n")
        .id("id-" + version)
        .ts(Instant.EPOCH)
        .version(version)
        .build();
  }

  private void assertLinearizable(boolean expected) {
    assertThat(history.isLinearizable())
        .as("whether this is linearizable:%n%s", history)
        .isEqualTo(expected);
  }

  @Test
  void oneCallAfterTheOtherIs() {
    assertThat(history.latest("t", good, SESSION)).isZero();
    history.put("t", good, checkpoint(2));
    history.put("t", good, checkpoint(2));
    history.put("t", good, checkpoint(1));
    history.get("t", good, "n", "id-1");
    history.get("t", good, "n", "id-2");
    history.delete("t", good, "n", "id-2");
    history.delete("t", good, "n", "id-2");
    history.put("t", good, checkpoint(1));
    assertThat(history.latest("t", good, SESSION)).isEqualTo(1);
    assertLinearizable(true);
  }

  @Test
  void everyKindOfCallIs() {
    history.put("t", good, checkpoint(1), Expectation.noSession());
    history.put("t", good, checkpoint(2), Expectation.latestIs("id-1"));
    history.put("t", good, checkpoint(3), Expectation.noSession());
    history.put("t", good, checkpoint(3), Expectation.latestIs("id-1"));
    history.putAgain("t", good, "id-1");
    history.list("t", "list", () -> List.of("id-1", "id-2"));
    history.delete("t", good, "n", List.of("id-2", "id-1", "absent", "id-2"));
    history.list("t", "list", List::of);
    history.putAgain("t", good, "id-3");
    assertLinearizable(true);
    assertThat(history.wrongListing()).isEmpty();
  }

  @Test
  void deletionThatCountsWhatIsNotThereIsNot() {
    history.put("t", good, checkpoint(1));
    BackendStorage counting = Faulty.delete(good, (storage, namespace, ids) -> 2L);
    history.delete("t", counting, "n", List.of("id-1", "absent"));
    assertLinearizable(false);
  }

  @Test
  void unfulfilledExpectationIsNot() {
    history.put("t", good, checkpoint(1));
    history.put(
        "t", Faulty.put(good, (storage, put) -> {}), checkpoint(2), Expectation.noSession());
    assertLinearizable(false);
  }

  @Test
  void listingsThatAreWrongAreFound() {
    history.put("t", good, checkpoint(1));
    history.list("t", "list without what is stored", List::of);
    assertThat(history.wrongListing()).hasValueSatisfying(it -> assertThat(it).contains("held"));
  }

  @Test
  void listingOfWhatWasDeletedIsFound() {
    history.put("t", good, checkpoint(1));
    history.delete("t", good, "n", "id-1");
    history.list("t", "list with what was deleted", () -> List.of("id-1"));
    assertThat(history.wrongListing()).hasValueSatisfying(it -> assertThat(it).contains("lacked"));
  }

  @Test
  void lostWriteIsNot() {
    history.put("t", Faulty.put(good, (storage, checkpoint) -> {}), checkpoint(1));
    assertThat(history.latest("t", good, SESSION)).isZero();
    assertLinearizable(false);
  }

  @Test
  void staleReadIsNot() {
    history.put("t", good, checkpoint(1));
    history.get("t", Faulty.get(good, (storage, namespace, id) -> Optional.empty()), "n", "id-1");
    assertLinearizable(false);
  }

  @Test
  void refusalWithoutReasonIsNot() {
    history.put("t", good, checkpoint(1));
    history.delete("t", good, "n", "id-1");
    BackendStorage remembering =
        Faulty.put(
            good,
            (storage, checkpoint) -> {
              storage.put(checkpoint(7), Expectation.any());
              try {
                storage.put(checkpoint, Expectation.any());
              } finally {
                storage.delete("n", List.of("id-7"));
              }
            });
    history.put("t", remembering, checkpoint(3));
    assertLinearizable(false);
  }

  /** A put during which another thread reads twice. */
  private void readDuringPut(BackendStorage firstRead, BackendStorage secondRead) {
    BackendStorage observed =
        Faulty.put(
            good,
            (storage, checkpoint) -> {
              assertThat(history.latest("reader", firstRead, SESSION)).isGreaterThanOrEqualTo(0);
              storage.put(checkpoint, Expectation.any());
              assertThat(history.latest("reader", secondRead, SESSION)).isGreaterThanOrEqualTo(0);
            });
    history.put("writer", observed, checkpoint(1));
  }

  @Test
  void readsDuringAPutMaySeeItOrNot() {
    readDuringPut(good, good);
    assertLinearizable(true);
  }

  @Test
  void readsDuringAPutMayNotSeeItAndThenNotSeeIt() {
    BackendStorage early = Faulty.latest(good, (storage, session) -> Optional.of(checkpoint(1)));
    BackendStorage late = Faulty.latest(good, (storage, session) -> Optional.empty());
    readDuringPut(early, late);
    assertLinearizable(false);
  }
}
