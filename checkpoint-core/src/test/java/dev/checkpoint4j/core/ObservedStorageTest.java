package dev.checkpoint4j.core;

import static dev.checkpoint4j.core.ScriptedStorage.unavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.StorageEvent;
import dev.checkpoint4j.tck.ReferenceBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObservedStorageTest {

  private static final SessionKey SESSION = new SessionKey("default", "s");
  private static final Checkpoint FIRST =
      Checkpoint.builder("s").id("first").values(Map.of("secret", "hunter2")).build();

  private final ScriptedStorage scripted = new ScriptedStorage(new ReferenceBackend());
  private final List<StorageEvent> events = new ArrayList<>();
  private final BackendStorage storage = ObservedStorage.wrap(scripted, events::add);

  @Test
  void everyOperationIsToldOfWithWhatItWasAbout() {
    storage.put(FIRST, Expectation.any());
    assertThat(storage.get("default", "first")).contains(FIRST);
    assertThat(storage.getBySession(SESSION)).contains(FIRST);
    assertThat(storage.list(CheckpointQuery.builder(SESSION).build()).items()).hasSize(1);
    assertThat(storage.listHeaders(CheckpointQuery.builder("default").build()).items()).hasSize(1);
    assertThat(storage.listSessions("default", 10, Optional.empty()).items()).hasSize(1);
    storage.delete("default", List.of("other"));
    storage.deleteBySession(SESSION);
    storage.close();
    assertThat(events.stream().map(ObservedStorageTest::withoutDuration))
        .as("events")
        .containsExactly(
            "put default s first",
            "get default null first",
            "getBySession default s null",
            "list default s null",
            "listHeaders default null null",
            "listSessions default null null",
            "delete default null null",
            "deleteBySession default s null",
            "close null null null");
    assertThat(events)
        .as("every event")
        .allSatisfy(
            event -> {
              assertThat(event.context().backendId()).as("backend").isEqualTo("reference");
              assertThat(event.duration()).as("duration").isPositive();
              assertThat(event.failure()).as("failure").isEmpty();
              assertThat(event.toString()).as("text").doesNotContain("hunter2");
            });
  }

  private static String withoutDuration(StorageEvent event) {
    return String.join(
        " ",
        event.context().operation(),
        String.valueOf(event.context().namespace()),
        String.valueOf(event.context().sessionId()),
        String.valueOf(event.context().checkpointId()));
  }

  @Test
  void aFailureIsToldOfAndPassedOn() {
    CheckpointException failure = unavailable("down");
    scripted.failBefore("put", failure);
    assertThatThrownBy(() -> storage.put(FIRST, Expectation.any()))
        .as("what the caller sees")
        .isSameAs(failure);
    assertThat(events)
        .as("events")
        .singleElement()
        .satisfies(event -> assertThat(event.failure()).contains(failure));
  }

  @Test
  void anErrorIsToldOfAndPassedOn() {
    AssertionError error = new AssertionError("broken backend");
    scripted.before =
        operation -> {
          throw error;
        };
    assertThatThrownBy(() -> storage.put(FIRST, Expectation.any()))
        .as("what the caller sees")
        .isSameAs(error);
    assertThat(events).as("events").hasSize(1);
  }

  @Test
  void aListenerThatThrowsDisturbsNothing() {
    BackendStorage disturbed =
        ObservedStorage.wrap(
            storage,
            event -> {
              if (event.context().operation().equals("put")) {
                throw new IllegalArgumentException("listener");
              }
              throw new LinkageError("listener");
            });
    disturbed.put(FIRST, Expectation.any());
    assertThat(disturbed.get("default", "first")).as("answer of the backend").contains(FIRST);
    assertThat(disturbed.get("default", "first")).as("answer of the backend").contains(FIRST);
    CheckpointException failure = unavailable("down");
    scripted.failBefore("get", failure);
    assertThatThrownBy(() -> disturbed.get("default", "first"))
        .as("the failure of the backend, not that of the listener")
        .isSameAs(failure);
    assertThat(events).as("events of the other listener").hasSize(4);
  }

  @Test
  void nullIsRefusedByName() {
    assertThatThrownBy(() -> storage.put(nothing(), Expectation.any()))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("checkpoint");
    assertThatThrownBy(() -> storage.getBySession(nothing()))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("session");
    assertThatThrownBy(() -> storage.listHeaders(nothing()))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("query");
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // To see what a null does.
  private static <T> T nothing() {
    return null;
  }

  @Test
  void aRetriedCallGivesAnEventPerAttempt() {
    scripted.failBefore("get", unavailable("down"));
    RetryPolicy eager =
        RetryPolicy.builder().initialDelay(Duration.ZERO).maxDelay(Duration.ZERO).build();
    try (var repository =
        Checkpoints.builder().storage(scripted).retry(eager).listener(events::add).build()) {
      assertThat(repository.get("first")).as("answer").isEmpty();
    }
    assertThat(
            events.stream().map(event -> event.context().operation() + event.failure().isPresent()))
        .as("events")
        .containsExactly("gettrue", "getfalse", "closefalse");
  }
}
