package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The message of a history that fails contains about as few calls as it takes. */
class ModelMessageTest {

  /** Takes version 1 again after the session was deleted, but not on the second handle. */
  static class ForgetfulBackend extends ReferenceBackendTest {
    private int handles;

    @Override
    List<DirectedHistory> directedHistories() {
      return List.of();
    }

    @Override
    protected BackendStorage open(TckScope scope) {
      boolean isSecond = ++handles == 2;
      Set<SessionKey> deleted = new HashSet<>();
      return Faulty.put(
          Faulty.deleteBySession(
              super.open(scope),
              (storage, session) -> {
                deleted.add(session);
                return storage.deleteBySession(session);
              }),
          (storage, checkpoint) -> {
            if (isSecond
                && deleted.contains(checkpoint.sessionKey())
                && checkpoint.version() == 1) {
              throw new VersionConflictException(
                  storage.descriptor().id(), checkpoint, Expectation.any(), 1);
            }
            storage.put(checkpoint, Expectation.any());
          });
    }
  }

  @Test
  void failingHistoryIsShortened(@TempDir Path reports) {
    TckRunner.Outcome outcome =
        TckRunner.run(
            reports,
            20_261_124,
            selectMethod(ForgetfulBackend.class, "anySequenceOfCallsAnswersAsTheReference"));
    String message = Objects.requireNonNullElse(outcome.failed().get("MODEL-01"), "");
    assertThat(message)
        .as("message of MODEL-01")
        .contains(". handle 2: deleteBySession(", ". handle 2: put Checkpoint[")
        .contains("expected done, but it was a VersionConflictException with the latest version 1")
        .doesNotContain("4. ");
  }

  /** Finds a checkpoint by an id in upper case as well. */
  static class CaseBlindBackend extends ReferenceBackendTest {
    @Override
    protected BackendStorage open(TckScope scope) {
      return Faulty.get(
          super.open(scope),
          (storage, namespace, id) ->
              storage
                  .get(namespace, id)
                  .or(() -> storage.get(namespace, id.toLowerCase(Locale.ROOT))));
    }
  }

  @Test
  void failingDirectedHistoryIsShortened(@TempDir Path reports) {
    TckRunner.Outcome outcome =
        TckRunner.run(
            reports,
            20_261_124,
            selectMethod(CaseBlindBackend.class, "anySequenceOfCallsAnswersAsTheReference"));
    assertThat(Objects.requireNonNullElse(outcome.failed().get("MODEL-01"), ""))
        .as("message of MODEL-01")
        .contains("history 'names: ", "1. handle ", ": put Checkpoint[", "2. handle ", ": get(")
        .contains("expected empty, but it was Checkpoint[")
        .doesNotContain("3. ");
  }
}
