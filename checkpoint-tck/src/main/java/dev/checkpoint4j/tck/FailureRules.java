package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** FAIL: a failure is a typed exception, and leaves the handle usable. */
abstract class FailureRules extends LinearizabilityRules {

  /**
   * Stores versions 1 and 2, makes the values of 2 undecodable, and reads it on a new handle, which
   * has seen nothing of it yet.
   */
  private void assertReadsAsCorrupt(
      String operation, BiFunction<BackendStorage, Checkpoint, Optional<Checkpoint>> read) {
    Checkpoint intact = put("s", 1);
    Checkpoint damaged = put("s", 2);
    requireCodec();
    BackendStorage handle = openHandle();
    scope().probe().damage(damaged);
    long decodes = scope().probe().decodes();
    List<Optional<Checkpoint>> answers = new ArrayList<>();
    Throwable thrown = catchThrowable(() -> answers.add(read.apply(handle, damaged)));
    if (thrown == null && scope().probe().decodes() == decodes) {
      assertThat(answers)
          .as("%s of a damaged document, answered without decoding it", operation)
          .containsExactly(Optional.of(damaged));
      throw notApplicable("the backend answers %s without decoding".formatted(operation));
    }
    assertThat(thrown)
        .as("%s of a document that cannot be decoded: exception (none if null)", operation)
        .isInstanceOf(CorruptCheckpointException.class);
    CheckpointException failure = (CheckpointException) Objects.requireNonNull(thrown);
    assertThat(
            List.of(
                failure.backendId(),
                failure.operation(),
                failure.namespace().orElse("none"),
                failure.checkpointId().orElse("none")))
        .as("%s: backend, operation, namespace and id of the exception", operation)
        .containsExactly(handle.descriptor().id(), operation, namespace(), damaged.id());
    assertStored("beside one that cannot be decoded", handle, intact);
    Checkpoint next = checkpoint("t", 1);
    handle.put(next, Expectation.any());
    assertLatest("in another session, after a corrupt one was met", handle, next);
  }

  @Rule(id = "FAIL-01", level = Level.MUST)
  protected final void corruptCheckpointIsNotEmptyForGet() {
    assertReadsAsCorrupt("get", (handle, damaged) -> handle.get(namespace(), damaged.id()));
  }

  @Rule(id = "FAIL-02", level = Level.MUST)
  protected final void corruptCheckpointIsNotEmptyForGetBySession() {
    assertReadsAsCorrupt("getBySession", (handle, damaged) -> handle.getBySession(session("s")));
  }

  @Rule(id = "FAIL-03", level = Level.MUST)
  protected final void corruptCheckpointIsNotEmptyForList() {
    assertReadsAsCorrupt(
        "list", (handle, damaged) -> handle.list(query().build()).items().stream().findFirst());
    assertDamagedHeaderIsNotLeftOut();
  }

  /** Wherever the damaged one of three versions is, and whatever the query that matches it. */
  private void assertDamagedHeaderIsNotLeftOut() {
    for (int position = 0; position < 3; position++) {
      String namespace = namespace() + "-damaged-" + position;
      List<Checkpoint> stored = new ArrayList<>();
      for (long version = 1; version <= 3; version++) {
        stored.add(put(sample(namespace, "headers", version)));
      }
      put(sample(namespace, "intact", 1));
      Checkpoint damaged = stored.get(position);
      BackendStorage handle = openHandle();
      scope().probe().damageHeader(damaged);
      for (CheckpointQuery query :
          ReadSample.queries(damaged.sessionKey(), declares(Capability.ATTRIBUTE_QUERY))) {
        for (int limit : List.of(1, CheckpointQuery.MAX_LIMIT)) {
          assertDamagedHeaderIsNotLeftOut(handle, query.toBuilder().limit(limit).build(), damaged);
        }
      }
      List<SessionKey> sessions = new ArrayList<>();
      if (catchCorrupt(
          "listSessions with a damaged header",
          () -> sessions.addAll(listSessions(handle, namespace, 10)))) {
        assertThat(sessions).as("sessions listed").contains(damaged.sessionKey());
      }
    }
  }

  private Checkpoint sample(String namespace, String sessionId, long version) {
    return ReadSample.matching(draft(ReadSample.metadata(sessionId), version))
        .namespace(namespace)
        .build();
  }

  /** Headers that a backend knows from elsewhere it may list. */
  private static void assertDamagedHeaderIsNotLeftOut(
      BackendStorage handle, CheckpointQuery query, Checkpoint damaged) {
    List<String> ids = new ArrayList<>();
    Throwable failure =
        catchThrowable(() -> listAllHeaders(handle, query).forEach(header -> ids.add(header.id())));
    if (failure == null) {
      assertThat(ids).as("ids of headers listed by %s", query).contains(damaged.id());
    } else {
      assertCorrupt("listHeaders", query, handle, damaged, failure);
    }
    failure = catchThrowable(() -> listAll(handle, query));
    assertThat(failure)
        .as("failure of %s, which lists a checkpoint that cannot be decoded", query)
        .isNotNull();
    assertCorrupt("list", query, handle, damaged, failure);
  }

  /** The exception names the checkpoint, unless only the damaged header contains its id. */
  private static void assertCorrupt(
      String operation,
      CheckpointQuery query,
      BackendStorage handle,
      Checkpoint damaged,
      Throwable thrown) {
    assertThat(thrown)
        .as("failure of %s by %s, which matches a damaged checkpoint", operation, query)
        .isInstanceOf(CorruptCheckpointException.class);
    CheckpointException failure = (CheckpointException) thrown;
    assertThat(
            List.of(
                failure.backendId(),
                failure.operation(),
                failure.namespace().orElse("none"),
                failure.checkpointId().orElse(damaged.id())))
        .as("%s by %s: backend, operation, namespace and id of the exception", operation, query)
        .containsExactly(handle.descriptor().id(), operation, damaged.namespace(), damaged.id());
  }

  /** Whether the call ended without an exception, which is the only one it may throw. */
  private static boolean catchCorrupt(String what, ThrowingCallable call) {
    Throwable failure = catchThrowable(call);
    if (failure != null) {
      assertThat(failure).as("failure of %s", what).isInstanceOf(CorruptCheckpointException.class);
    }
    return failure == null;
  }

  @Rule(id = "FAIL-04", level = Level.MUST)
  protected final void interruptedPutIsWholeOrRefused() {
    Checkpoint before = put("s", 1);
    Checkpoint interrupted = checkpoint("s", 2);
    Throwable failure = interrupted("put", () -> storage().put(interrupted, Expectation.any()));
    Optional<Checkpoint> stored = storage().get(namespace(), interrupted.id());
    if (failure == null) {
      assertThat(stored).as("checkpoint whose put returned on an interrupted thread").isPresent();
    } else if (!((CheckpointException) failure).mayHaveBeenApplied()) {
      assertThat(stored)
          .as("checkpoint whose put on an interrupted thread failed as not applied: %s", failure)
          .isEmpty();
    }
    put(interrupted);
    Checkpoint next = put("s", 3);
    assertHolds(
        "after a put on an interrupted thread and two more",
        storage(),
        List.of(before, interrupted, next));
  }

  @Rule(id = "FAIL-05", level = Level.MUST)
  protected final void interruptedCallsLeaveTheHandleUsable() {
    List<Checkpoint> stored = putAll("s", 1, 2);
    ReadSample sample = new ReadSample(namespace() + "-sample", storage(), this::draft);
    for (ReadSample.Read read : sample.reads()) {
      interrupted(
          read.text(),
          () ->
              assertThat(read.answer().apply(storage()))
                  .as("answer of %s on an interrupted thread", read.text())
                  .isEqualTo(sample.expected(read)));
    }
    interrupted("delete", () -> storage().delete(namespace(), List.of("absent")));
    interrupted("deleteBySession", () -> storage().deleteBySession(session("absent")));
    List<Checkpoint> all = new ArrayList<>(stored);
    all.add(put("s", 3));
    Checkpoint doomed = put("doomed", 1);
    Checkpoint gone = put("gone", 1);
    if (interrupted("delete", () -> storage().delete(namespace(), List.of(doomed.id()))) == null) {
      assertNotStored("after its deletion on an interrupted thread", storage(), doomed);
    }
    if (interrupted("deleteBySession", () -> storage().deleteBySession(session("gone"))) == null) {
      assertNotStored("after its session was deleted on an interrupted thread", storage(), gone);
    }
    storage().delete(namespace(), List.of(doomed.id(), gone.id()));
    List<Checkpoint> several = List.of(put("several", 1), put("several", 2), put("other", 1));
    Throwable failure = interrupted("delete", () -> storage().delete(namespace(), idsOf(several)));
    if (failure == null || !((CheckpointException) failure).mayHaveBeenApplied()) {
      assertThat(several.stream().filter(each -> storage().get(namespace(), each.id()).isPresent()))
          .as("checkpoints left by a delete on an interrupted thread that ended with %s", failure)
          .isEqualTo(failure == null ? List.of() : several);
    }
    storage().delete(namespace(), idsOf(several));
    assertHolds("after calls on interrupted threads", storage(), all);
  }

  /**
   * Calls on an interrupted thread: the call returns, or throws a {@link CheckpointException},
   * which is returned; the thread's flag stays set.
   */
  private static @Nullable Throwable interrupted(String what, ThrowingCallable call) {
    Throwable[] failure = new Throwable[1];
    boolean flag =
        Race.<Boolean>results(
                what + " on an interrupted thread",
                List.of(
                    () -> {
                      Thread.currentThread().interrupt();
                      failure[0] = catchThrowable(call);
                      return Thread.currentThread().isInterrupted();
                    }))
            .get(0);
    if (failure[0] != null) {
      assertThat(failure[0])
          .as("exception of %s on an interrupted thread", what)
          .isInstanceOf(CheckpointException.class);
    }
    assertThat(flag).as("interrupt flag after %s on an interrupted thread", what).isTrue();
    return failure[0];
  }

  @Rule(id = "FAIL-06", level = Level.MUST)
  protected final void refusalsLeaveTheHandleUsable() {
    Checkpoint stored = put("s", 2);
    assertConflict("put of version 1 where 2 is the latest", checkpoint("s", 1), 2);
    assertDuplicate("put of a stored id", stored.toBuilder().version(3).build());
    assertFails(
        "get of an empty id", IllegalArgumentException.class, () -> storage().get(namespace(), ""));
    assertFails(
        "list with a cursor of no backend",
        IllegalArgumentException.class,
        () -> storage().list(query().cursor(INVALID_CURSORS.get(2)).build()));
    Checkpoint next = put("s", 3);
    assertHolds("after a series of refusals", storage(), List.of(stored, next));
    assertThat(storage().delete(namespace(), List.of(stored.id())))
        .as("checkpoints deleted after a series of refusals")
        .isEqualTo(1);
  }

  @Rule(id = "FAIL-07", level = Level.MUST)
  protected final void messagesHoldNoValues() {
    String secret = secret();
    CheckpointMetadata metadata = CheckpointMetadata.builder("s").attribute("a", secret).build();
    Checkpoint stored = put(draft(metadata, 2).values(Map.of("v", secret)).build());
    for (Checkpoint refused :
        List.of(
            stored.toBuilder().version(3).build(),
            draft(metadata, 1).values(stored.values()).build())) {
      CheckpointException failure =
          assertFails(
              "a put", CheckpointException.class, () -> storage().put(refused, Expectation.any()));
      assertHidden(secret, failure);
    }
    if (scope().isCodecUsed()) {
      BackendStorage handle = openHandle();
      scope().probe().damage(stored);
      Throwable failure = catchThrowable(() -> handle.get(namespace(), stored.id()));
      if (failure != null) {
        assertHidden(secret, failure);
      }
    }
  }

  private static void assertHidden(String secret, Throwable failure) {
    assertThat(failure.getMessage()).as("message of %s", failure.getClass().getName()).isNotBlank();
    MessageGuard.check(failure, secret);
  }

  @Rule(id = "FAIL-08", level = Level.MUST)
  protected final void corruptCheckpointIsNeitherReplacedNorInTheWay() {
    Checkpoint intact = put("s", 1);
    Checkpoint damaged = put("s", 2);
    requireCodec();
    BackendStorage handle = openHandle();
    scope().probe().damage(damaged);
    boolean unused =
        catchCorrupt(
            "put of the damaged checkpoint again", () -> handle.put(damaged, Expectation.any()));
    Checkpoint other = damaged.toBuilder().version(3).values(Map.of("other", true)).build();
    Throwable refusal = catchThrowable(() -> handle.put(other, Expectation.any()));
    assertThat(refusal)
        .as("how a put of other content under the id of a damaged document was refused")
        .isInstanceOfAny(CorruptCheckpointException.class, DuplicateCheckpointException.class);
    Throwable conflict = catchThrowable(() -> handle.put(checkpoint("s", 2), Expectation.any()));
    assertThat(conflict)
        .as("how a put of the version of a damaged document was refused")
        .isInstanceOfAny(CorruptCheckpointException.class, VersionConflictException.class);
    assertStored("beside one that cannot be decoded, after puts", handle, intact);
    Checkpoint elsewhere = checkpoint("u", 1);
    handle.put(elsewhere, Expectation.any());
    List<String> ids = List.of(intact.id(), damaged.id(), elsewhere.id());
    if (!catchCorrupt("delete of a damaged document", () -> handle.delete(namespace(), ids))) {
      // The exception says that nothing was changed.
      assertStored("after a delete that failed", handle, intact);
      assertStored("after a delete that failed", handle, elsewhere);
    }
    unused =
        catchCorrupt(
            "deleteBySession with a damaged document", () -> handle.deleteBySession(session("s")));
    Checkpoint next = checkpoint("t", 1);
    handle.put(next, Expectation.any());
    assertLatest("in another session, after a damaged document was met", handle, next);
  }
}
