package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.spi.BackendStorage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** FAULT: a medium that fails, as far as the test class can make it. */
abstract class FaultRules extends ModelRules {

  /** A fault strikes at once, or after so many writes or reads of the medium at most. */
  private static final int MOST_PASSES = 4;

  /** A medium far away may take a minute for one. */
  private static final Rounds FLIPS = new Rounds(3, 100, Duration.ofSeconds(Race.WAIT_SECONDS));

  private static final int PUTS_AT_ONCE = 6;

  private FaultInjector injectorOf(Fault fault) {
    Optional<FaultInjector> injector = faultInjector(scope());
    if (injector.isEmpty() || !injector.get().faults().contains(fault)) {
      throw notApplicable("the test class offers no FaultInjector for " + fault);
    }
    return injector.get();
  }

  /** Makes the call while the medium fails; a failure has to be a typed one. */
  private static @Nullable CheckpointException failing(
      String what, FaultInjector injector, Fault fault, int passes, ThrowingCallable call) {
    injector.arm(fault, passes);
    Throwable failure;
    try {
      failure = catchThrowable(call);
    } finally {
      injector.disarm();
    }
    if (failure != null) {
      assertThat(failure)
          .as("failure of %s during %s after %d passes", what, fault, passes)
          .isInstanceOf(CheckpointException.class);
      assertThat(((CheckpointException) failure).operation())
          .as("operation of %s", failure)
          .isEqualTo(what);
    }
    return (CheckpointException) failure;
  }

  /** What the failed put left is what its exception says, and the same put succeeds now. */
  private void assertTruthfulAndRepeatable(
      String when,
      @Nullable CheckpointException failure,
      List<Checkpoint> before,
      Checkpoint checkpoint) {
    List<Checkpoint> after = new ArrayList<>(before);
    after.add(checkpoint);
    boolean stored = storage().get(namespace(), checkpoint.id()).isPresent();
    if (failure == null) {
      assertThat(stored).as("whether the checkpoint is stored %s: its put returned", when).isTrue();
    } else if (!failure.mayHaveBeenApplied()) {
      assertThat(stored)
          .as(
              "whether the checkpoint is stored %s: its put said it was not applied, %s",
              when, failure)
          .isFalse();
    }
    assertHolds(when, storage(), stored ? after : before);
    assertLatest(when, storage(), stored ? checkpoint : before.get(before.size() - 1));
    put(checkpoint);
    assertHolds(when + " and the same put again", storage(), after);
    assertLatest(when + " and the same put again", storage(), checkpoint);
  }

  /** With the handle that has met the failure, and, where that loses nothing, after a reopening. */
  private void assertFailedPutIsTruthful(Fault fault) {
    injectorOf(fault);
    List<Checkpoint> stored = new ArrayList<>(List.of(put("s", 1)));
    assertFailedPutIsTruthful(fault, stored, "", () -> {});
    if (!isVolatile()) {
      assertFailedPutIsTruthful(fault, stored, " and a reopening", this::closeHandles);
    }
    assertFailedPutsAtOnceAreTruthful(fault);
  }

  /** Each of several puts reports its own outcome, also if the backend writes them together. */
  private void assertFailedPutsAtOnceAreTruthful(Fault fault) {
    for (int passes = 0; passes < MOST_PASSES; passes += 2) {
      assertFailedPutsAtOnceAreTruthful(fault, passes, handle -> Optional.empty());
      if (scope().isCodecUsed()) {
        assertFailedPutsAtOnceAreTruthful(
            fault, passes, first -> Optional.of(scope().probe().pauseEncodingOf(first)));
      }
    }
  }

  /** Puts at the same moment; the others may come while the first one is stopped. */
  private void assertFailedPutsAtOnceAreTruthful(
      Fault fault, int passes, Function<Checkpoint, Optional<ProbeCodec.Pause>> pauses) {
    BackendStorage handle = storage();
    List<Checkpoint> puts = new ArrayList<>();
    for (int i = 0; i < PUTS_AT_ONCE; i++) {
      String sessionId = "at-once-" + i;
      long latest = handle.getBySession(session(sessionId)).map(Checkpoint::version).orElse(0L);
      puts.add(hidden(sessionId, latest + 1));
    }
    Optional<ProbeCodec.Pause> pause = pauses.apply(puts.get(0));
    Waiters others = new Waiters(PUTS_AT_ONCE - 1);
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (Checkpoint next : puts) {
      tasks.add(
          () -> {
            boolean isFirst = next.equals(puts.get(0));
            try {
              if (!isFirst && pause.isPresent()) {
                pause.get().awaitStart();
                others.begin();
              }
              handle.put(next, Expectation.any());
              return true;
            } finally {
              if (isFirst) {
                pause.ifPresent(ProbeCodec.Pause::end);
              } else {
                others.end();
              }
            }
          });
    }
    tasks.add(
        () -> {
          if (pause.isPresent()) {
            others.awaitBlocked();
            pause.get().end();
          }
          return true;
        });
    String when =
        "of %d puts at once during %s after %d passes".formatted(PUTS_AT_ONCE, fault, passes);
    FaultInjector injector = injectorOf(fault);
    injector.arm(fault, passes);
    List<Race.Attempt<Boolean>> attempts;
    try {
      attempts = Race.run("one " + when, tasks);
    } finally {
      injector.disarm();
    }
    if (!isVolatile()) {
      closeHandles();
    }
    for (int i = 0; i < PUTS_AT_ONCE; i++) {
      assertTruthful(when, attempts.get(i).failure(), puts.get(i));
      put(puts.get(i));
      assertLatest("after one %s was repeated".formatted(when), storage(), puts.get(i));
    }
  }

  private void assertTruthful(String when, @Nullable Throwable failure, Checkpoint checkpoint) {
    boolean stored = storage().get(namespace(), checkpoint.id()).isPresent();
    if (failure == null) {
      assertThat(stored).as("whether the checkpoint is stored: one %s returned", when).isTrue();
      return;
    }
    assertThat(failure).as("failure of one %s", when).isInstanceOf(CheckpointException.class);
    if (!((CheckpointException) failure).mayHaveBeenApplied()) {
      assertThat(stored)
          .as("whether the checkpoint is stored: one %s said it was not applied, %s", when, failure)
          .isFalse();
    }
  }

  /** With an attribute that no message may quote either. */
  private Checkpoint hidden(String sessionId, long version) {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder(sessionId).attribute("secret", secret()).build();
    return draft(metadata, version).build();
  }

  private void assertFailedPutIsTruthful(
      Fault fault, List<Checkpoint> stored, String afterwards, Runnable between) {
    for (int passes = 0; passes <= MOST_PASSES; passes++) {
      Checkpoint next = hidden("s", stored.size() + 1L);
      CheckpointException failure =
          failing(
              "put",
              injectorOf(fault),
              fault,
              passes,
              () -> storage().put(next, Expectation.any()));
      between.run();
      String when = "after a put during %s after %d passes%s".formatted(fault, passes, afterwards);
      assertTruthfulAndRepeatable(when, failure, stored, next);
      stored.add(next);
    }
  }

  @Rule(id = "FAULT-01", level = Level.MUST)
  protected final void refusedWriteIsReportedTruly() {
    assertFailedPutIsTruthful(Fault.WRITE_REFUSED);
  }

  @Rule(id = "FAULT-02", level = Level.MUST)
  protected final void lostAnswerIsReportedTruly() {
    assertFailedPutIsTruthful(Fault.ANSWER_LOST);
  }

  @Rule(id = "FAULT-03", level = Level.MUST)
  protected final void failedReadIsNotEmpty() {
    FaultInjector injector = injectorOf(Fault.READ_REFUSED);
    List<Checkpoint> stored = new ArrayList<>(putAll("s", 1, 2, 3));
    Checkpoint last = stored.get(2);
    CheckpointQuery query = query().build();
    Map<String, Supplier<Object>> reads = new LinkedHashMap<>();
    reads.put("get", () -> storage().get(namespace(), last.id()));
    reads.put("getBySession", () -> storage().getBySession(session("s")));
    reads.put("list", () -> storage().list(query));
    reads.put("listHeaders", () -> storage().listHeaders(query));
    reads.put("listSessions", () -> storage().listSessions(namespace(), 10, Optional.empty()));
    reads.put("listNamespaces", () -> storage().listNamespaces(10, Optional.empty()));
    for (int passes = 0; passes <= MOST_PASSES; passes++) {
      int let = passes;
      reads.forEach(
          (what, read) -> {
            Object expected = read.get();
            failing(
                what,
                injector,
                Fault.READ_REFUSED,
                let,
                () ->
                    assertThat(read.get())
                        .as("answer of %s while reads fail after %d passes", what, let)
                        .isEqualTo(expected));
          });
      Checkpoint next = hidden("s", stored.size() + 1L);
      CheckpointException failure =
          failing(
              "put",
              injector,
              Fault.READ_REFUSED,
              passes,
              () -> storage().put(next, Expectation.any()));
      assertTruthfulAndRepeatable(
          "after a put while reads fail after %d passes".formatted(passes), failure, stored, next);
      stored.add(next);
    }
  }

  @Rule(id = "FAULT-04", level = Level.MUST)
  protected final void tornWriteSpoilsNothing() {
    assertFailedPutIsTruthful(Fault.TORN_WRITE);
  }

  @Rule(id = "FAULT-05", level = Level.MUST)
  protected final void flippedByteIsNotTakenForData() {
    injectorOf(Fault.FLIPPED_BYTE);
    requireDurability();
    FLIPS.run(this::nanoTime, this::assertFlippedByteIsNotTakenForData);
  }

  private void assertFlippedByteIsNotTakenForData(int flip) {
    freshStore();
    List<Checkpoint> stored = putAll("s", 1, 2, 3);
    closeHandles();
    injectorOf(Fault.FLIPPED_BYTE).flipByte(stored.get(flip % stored.size()), random());
    try {
      storage();
    } catch (CheckpointException e) {
      // A store that says it is damaged, and does not open, answers nothing wrong.
      return;
    }
    for (Checkpoint checkpoint : stored) {
      assertAnswersOrFails(
          "get",
          Optional.of(checkpoint),
          () -> storage().get(checkpoint.namespace(), checkpoint.id()));
    }
    assertAnswersOrFails(
        "getBySession",
        Optional.of(stored.get(2)),
        () -> storage().getBySession(stored.get(2).sessionKey()));
    assertAnswersOrFails(
        "list",
        List.of(stored.get(2), stored.get(1), stored.get(0)),
        () -> storage().list(query().build()).items());
    assertAnswersOrFails(
        "listHeaders",
        List.of(stored.get(2).header(), stored.get(1).header(), stored.get(0).header()),
        () -> storage().listHeaders(query().build()).items());
    assertAnswersOrFails(
        "listSessions",
        List.of(session("s")),
        () -> storage().listSessions(namespace(), 10, Optional.empty()).items());
  }

  private static void assertAnswersOrFails(String what, Object expected, Supplier<Object> read) {
    Object answer;
    try {
      answer = read.get();
    } catch (CheckpointException e) {
      return;
    }
    assertThat(answer)
        .as("answer of %s after a byte was flipped, if it is no typed failure", what)
        .isEqualTo(expected);
  }

  @Rule(id = "FAULT-06", level = Level.MUST)
  protected final void failedDeletionCanBeRepeated() {
    FaultInjector injector = injectorOf(Fault.WRITE_REFUSED);
    long others = 0;
    for (Fault fault : List.of(Fault.WRITE_REFUSED, Fault.ANSWER_LOST, Fault.READ_REFUSED)) {
      for (int passes = 0; injector.faults().contains(fault) && passes <= MOST_PASSES; passes++) {
        List<Checkpoint> stored = putAll("s", 1, 2, 3, 4);
        Checkpoint elsewhere = put("t", ++others);
        Checkpoint other = put("t", ++others);
        // Those of two sessions, since a backend may delete session by session.
        List<Checkpoint> unwanted = List.of(stored.get(0), stored.get(1), elsewhere);
        List<String> ids = idsOf(unwanted);
        AtomicLong deleted = new AtomicLong();
        CheckpointException failure =
            failing(
                "delete",
                injector,
                fault,
                passes,
                () -> deleted.set(storage().delete(namespace(), ids)));
        String when = "after a delete during %s after %d passes".formatted(fault, passes);
        assertTruthfulDeletion(when, failure, deleted.get(), unwanted);
        List<Checkpoint> left = assertPartOf(when, stored);
        assertThat(left)
            .as("checkpoints left %s, which were not deleted", when)
            .containsAll(stored.subList(2, 4));
        storage().delete(namespace(), ids);
        assertPartOf(when + " and the same again", stored.subList(2, 4));
        failure =
            failing(
                "deleteBySession",
                injector,
                fault,
                passes,
                () -> deleted.set(storage().deleteBySession(session("s"))));
        when = "after a deleteBySession during %s after %d passes".formatted(fault, passes);
        assertTruthfulDeletion(when, failure, deleted.get(), stored.subList(2, 4));
        left = assertPartOf(when, stored.subList(2, 4));
        assertThat(storage().deleteBySession(session("s")))
            .as("what deleteBySession returned %s, compared with what was left", when)
            .isEqualTo(left.size());
        assertPartOf(when + " and the same again", List.of());
        assertLatest(when, storage(), other);
      }
    }
  }

  /** A deletion that returned has deleted all of these, and one that denies it none of them. */
  private void assertTruthfulDeletion(
      String when, @Nullable CheckpointException failure, long deleted, List<Checkpoint> unwanted) {
    if (failure == null) {
      assertThat(deleted)
          .as("what the call returned %s, compared with the number of checkpoints", when)
          .isEqualTo(unwanted.size());
    }
    if (failure == null || !failure.mayHaveBeenApplied()) {
      assertThat(unwanted.stream().filter(checkpoint -> get(checkpoint).isPresent()))
          .as(
              "what is left of the checkpoints to delete %s: it %s",
              when, failure == null ? "returned" : "said that it was not applied, " + failure)
          .isEqualTo(failure == null ? List.of() : unwanted);
    }
  }

  @Rule(id = "FAULT-07", level = Level.MUST)
  protected final void copiedRecordIsNotTakenForAnother() {
    injectorOf(Fault.COPIED_RECORD);
    requireDurability();
    for (String kind : List.of("the same session", "another session", "another namespace")) {
      for (boolean ofLatest : new boolean[] {true, false}) {
        freshStore();
        Checkpoint source = sourceIn(kind);
        // One of the target's session comes before it or after it.
        Checkpoint before = put(sized("s", 3));
        Checkpoint target = put(sized("s", 4));
        Checkpoint after = ofLatest ? before : put(sized("s", 5));
        closeHandles();
        injectorOf(Fault.COPIED_RECORD).copyRecord(source, target);
        String what = "where its record was replaced by that of a checkpoint of %s".formatted(kind);
        assertStored("after its record was copied", storage(), source);
        assertStored("beside a copied record", storage(), after);
        assertCorrupt("get(%s) %s".formatted(target, what), target, () -> get(target));
        if (ofLatest) {
          assertCorrupt(
              "getBySession %s".formatted(what),
              target,
              () -> storage().getBySession(target.sessionKey()));
        } else {
          assertLatest("beside a copied record", storage(), after);
        }
        CheckpointQuery session = CheckpointQuery.builder(target.sessionKey()).build();
        assertCorrupt("list %s".formatted(what), target, () -> storage().list(session));
        assertCorrupt(
            "listHeaders %s".formatted(what), target, () -> storage().listHeaders(session));
      }
    }
  }

  private Optional<Checkpoint> get(Checkpoint checkpoint) {
    return storage().get(checkpoint.namespace(), checkpoint.id());
  }

  private Checkpoint sourceIn(String kind) {
    return put(
        switch (kind) {
          case "the same session" -> sized("s", 2);
          case "another session" -> sized("t", 4);
          // As long as the namespace of the target.
          default -> sized("s", 4).toBuilder().namespace(otherNamespace()).build();
        });
  }

  private String otherNamespace() {
    String name = namespace();
    return name.substring(0, name.length() - 1) + (name.endsWith("x") ? "y" : "x");
  }

  /** All of these have documents of the same length, and attributes that are a part of them. */
  private Checkpoint sized(String sessionId, long version) {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder(sessionId).attribute("version", version).build();
    return draft(metadata, version)
        .id("%s-%s-%d".formatted(sessionId, random().nextInt(1000, 10_000), version))
        .ts(Instant.EPOCH)
        .build();
  }

  /** The call fails, and the failure names the checkpoint if it names one. */
  private static void assertCorrupt(String what, Checkpoint target, ThrowingCallable call) {
    CorruptCheckpointException failure = assertFails(what, CorruptCheckpointException.class, call);
    assertThat(failure.checkpointId().orElse(target.id()))
        .as("checkpointId of the exception of %s", what)
        .isEqualTo(target.id());
  }

  /** What is left of the session s is some of these, in every way of looking at it. */
  private List<Checkpoint> assertPartOf(String when, List<Checkpoint> stored) {
    List<Checkpoint> left = listAll(storage(), CheckpointQuery.builder(session("s")).build());
    assertThat(left).as("checkpoints of the session %s", when).isSubsetOf(stored);
    for (Checkpoint checkpoint : stored) {
      assertThat(storage().get(namespace(), checkpoint.id()).isPresent())
          .as("whether get finds %s %s, compared with whether it is listed", checkpoint, when)
          .isEqualTo(left.contains(checkpoint));
    }
    assertThat(storage().getBySession(session("s")))
        .as("latest checkpoint %s, compared with the first listed", when)
        .isEqualTo(left.stream().findFirst());
    assertThat(listSessions(storage(), namespace(), 10).contains(session("s")))
        .as("whether the session is listed %s, compared with whether something is left", when)
        .isEqualTo(!left.isEmpty());
    return left;
  }
}
