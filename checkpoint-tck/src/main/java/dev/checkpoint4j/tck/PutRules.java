package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** PUT: compare-and-set by version, idempotent by id. */
abstract class PutRules extends IdRules {

  /** Puts, and expects the refusal that names the latest version. */
  final void assertConflict(String what, Checkpoint refused, long latestVersion) {
    assertConflict(what, refused, Expectation.any(), latestVersion);
  }

  final void assertConflict(
      String what, Checkpoint refused, Expectation expectation, long latestVersion) {
    assertConflict(what, storage(), refused, expectation, latestVersion);
  }

  final void assertConflict(
      String what,
      BackendStorage handle,
      Checkpoint refused,
      Expectation expectation,
      long latestVersion) {
    VersionConflictException conflict =
        assertFails(what, VersionConflictException.class, () -> handle.put(refused, expectation));
    assertThat(conflict.latestVersion())
        .as("%s: latestVersion of the exception", what)
        .isEqualTo(latestVersion);
    assertThat(conflict.version())
        .as("%s: version of the exception", what)
        .isEqualTo(refused.version());
    assertContext(what, conflict, refused);
  }

  final void assertDuplicate(String what, Checkpoint refused) {
    assertDuplicate(what, refused, Expectation.any());
  }

  final void assertDuplicate(String what, Checkpoint refused, Expectation expectation) {
    assertContext(
        what,
        assertFails(
            what, DuplicateCheckpointException.class, () -> storage().put(refused, expectation)),
        refused);
  }

  private void assertContext(String what, CheckpointException failure, Checkpoint refused) {
    assertThat(
            List.of(
                failure.backendId(),
                failure.operation(),
                failure.namespace().orElse("none"),
                failure.sessionId().orElse("none"),
                failure.checkpointId().orElse("none")))
        .as("%s: backend, operation, namespace, session and id of the exception", what)
        .containsExactly(
            storage().descriptor().id(),
            "put",
            refused.namespace(),
            refused.metadata().sessionId(),
            refused.id());
    assertThat(failure.mayHaveBeenApplied())
        .as("%s: mayHaveBeenApplied() of a refusal", what)
        .isFalse();
  }

  @Rule(id = "PUT-01", level = Level.MUST)
  protected final void putIsVisibleWhenItReturns() {
    for (long version = 1; version <= 3; version++) {
      Checkpoint checkpoint = put("s", version);
      assertStored("after its put", storage(), checkpoint);
      assertLatest("after its put", storage(), checkpoint);
      assertThat(idsOf(listAll(storage())))
          .as("ids listed after the put of version %d", version)
          .contains(checkpoint.id());
    }
  }

  @Rule(id = "PUT-02", level = Level.MUST)
  protected final void versionsMayHaveGaps() {
    long[] versions = {7, 8, 100, 1_000_000_007, Long.MAX_VALUE - 1};
    List<Checkpoint> stored = putAll("s", versions);
    assertThat(versionsOf(listAll(storage())))
        .as("versions listed, newest first, after puts with gaps")
        .containsExactlyElementsOf(
            LongStream.of(versions).boxed().sorted(Collections.reverseOrder()).toList());
    assertLatest("after puts with gaps", storage(), stored.get(stored.size() - 1));
  }

  @Rule(id = "PUT-03", level = Level.MUST)
  protected final void equalVersionIsRefused() {
    putAll("s", 1, 5);
    assertConflict("put of version 5 where 5 is the latest", checkpoint("s", 5), 5);
  }

  @Rule(id = "PUT-04", level = Level.MUST)
  protected final void smallerVersionIsRefused() {
    putAll("s", 2, 5);
    for (long version : new long[] {1, 2, 3, 4}) {
      assertConflict(
          "put of version %d where 2 and 5 are stored".formatted(version),
          checkpoint("s", version),
          5);
    }
  }

  @Rule(id = "PUT-05", level = Level.MUST)
  protected final void conflictChangesNothing() {
    List<Checkpoint> stored = putAll("s", 2, 5);
    Checkpoint refused = checkpoint("s", 5);
    assertConflict("put of version 5 where 5 is the latest", refused, 5);
    assertConflict("the same put again", refused, 5);
    assertConflict("put of version 3 where 2 and 5 are stored", checkpoint("s", 3), 5);
    assertHolds("after refused puts", storage(), stored);
    assertLatest("after refused puts", storage(), stored.get(1));
    assertNotStored("after its put was refused", storage(), refused);
    Checkpoint moved = put(refused.toBuilder().version(6).build());
    assertLatest("when the refused id is put with a greater version", storage(), moved);
  }

  @Rule(id = "PUT-06", level = Level.MUST)
  protected final void equalPutSucceedsSilently() {
    Checkpoint checkpoint = put("s", 3);
    put(checkpoint);
    put(checkpoint.toBuilder().build());
    assertHolds("after the same put three times", storage(), List.of(checkpoint));
  }

  @Rule(id = "PUT-07", level = Level.MUST)
  protected final void equalPutSucceedsAfterLaterVersions() {
    List<Checkpoint> stored = putAll("s", 1, 2, 3);
    put(stored.get(0));
    put(stored.get(1));
    assertHolds("after versions 1 and 2 were put again after 3", storage(), stored);
    assertLatest("after versions 1 and 2 were put again", storage(), stored.get(2));
  }

  @Rule(id = "PUT-08", level = Level.MUST)
  protected final void equalityIsThatOfCheckpoints() {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    values.put("a", 1);
    values.put("b", null);
    Checkpoint checkpoint = put(draft("s", 1).values(values).build());
    Map<String, @Nullable Object> reordered = new LinkedHashMap<>();
    reordered.put("b", null);
    reordered.put("a", 1);
    put(checkpoint.toBuilder().values(reordered).build());
    assertThat(
            Differences.keysInOrder(
                storage().get(namespace(), checkpoint.id()).orElseThrow().values()))
        .as("keys in their order, after an equal checkpoint was put with another order")
        .isEqualTo(Differences.keysInOrder(values));
    Checkpoint every = put(draft("every", 1).values(ValueRules.everyType()).build());
    put(every.toBuilder().values(ValueRules.everyType()).build());
    assertStored("after the same put twice", storage(), every);
    Checkpoint zero = put(draft("zero", 1).values(Map.of("a", 0.0)).build());
    assertDuplicate(
        "put of the same id with -0.0 instead of 0.0",
        zero.toBuilder().values(Map.of("a", -0.0)).build());
    Checkpoint typed = put(draft("t", 1).values(Map.of("a", 1)).build());
    assertDuplicate(
        "put of the same id with the Long 1 instead of the Integer 1",
        typed.toBuilder().values(Map.of("a", 1L)).build());
    Checkpoint scaled = put(draft("u", 1).values(Map.of("a", new BigDecimal("1.0"))).build());
    assertDuplicate(
        "put of the same id with the BigDecimal 1.00 instead of 1.0",
        scaled.toBuilder().values(Map.of("a", new BigDecimal("1.00"))).build());
  }

  @Rule(id = "PUT-09", level = Level.MUST)
  protected final void sameIdWithOtherContentIsRefused() {
    Checkpoint stored = put(draft(CheckpointMetadata.of("s", "t"), 2).parentId("p").build());
    CheckpointMetadata attributed = stored.metadata().toBuilder().attribute("a", 1).build();
    for (Checkpoint.Builder other :
        List.of(
            stored.toBuilder().values(Map.of("version", 99L)),
            stored.toBuilder().ts(CheckpointHeader.MIN_TS),
            stored.toBuilder().parentId(null),
            stored.toBuilder().parentId("q"),
            stored.toBuilder().metadata(CheckpointMetadata.of("s")),
            stored.toBuilder().metadata(attributed),
            stored.toBuilder().version(3))) {
      Checkpoint refused = other.build();
      assertDuplicate("put of %s where %s is stored".formatted(refused, stored), refused);
    }
    assertHolds("after refused duplicates", storage(), List.of(stored));
    assertLatest("after refused duplicates", storage(), stored);
    // The two have the same length and the same hash code, and so have maps that hold them.
    Checkpoint hashed = put(draft("hashed", 1).values(Map.of("a", "Aa")).build());
    assertDuplicate(
        "put of a stored id with other values of the same hash code",
        hashed.toBuilder().values(Map.of("a", "BB")).build());
  }

  @Rule(id = "PUT-10", level = Level.MUST)
  protected final void sameIdInAnotherSessionIsRefused() {
    Checkpoint stored = put("s", 1);
    Checkpoint existing = put("t", 1);
    assertDuplicate(
        "put of a stored id to a new session",
        stored.toBuilder().metadata(CheckpointMetadata.of("new")).build());
    assertDuplicate(
        "put of a stored id to another session",
        stored.toBuilder().metadata(CheckpointMetadata.of("t")).version(2).build());
    assertHolds("after refused duplicates", storage(), List.of(stored, existing));
    assertNoLatest("after a refused duplicate", storage(), session("new"));
    assertThat(listSessions(storage(), namespace(), 10))
        .as("sessions after a duplicate was refused for the session new")
        .containsExactlyInAnyOrder(session("s"), session("t"));
  }

  @Rule(id = "PUT-11", level = Level.MUST)
  protected final void sameIdInAnotherNamespaceIsFine() {
    Checkpoint stored = put("s", 1);
    Checkpoint other = put(stored.toBuilder().namespace(namespace() + "-2").build());
    assertStored("with the same id in two namespaces", storage(), stored);
    assertStored("with the same id in two namespaces", storage(), other);
  }

  @Rule(id = "PUT-12", level = Level.MUST)
  protected final void idIsCheckedBeforeVersion() {
    Checkpoint stored = put("s", 3);
    put("s", 5);
    assertDuplicate(
        "put with other content, a stored id and the stale version 3",
        stored.toBuilder().values(Map.of()).build());
    assertDuplicate(
        "put with other content, a stored id and the stale version 4",
        stored.toBuilder().version(4).build());
    assertDuplicate(
        "put with other content, a stored id and the next version 6",
        stored.toBuilder().version(6).build());
  }

  @Rule(id = "PUT-13", level = Level.MUST)
  protected final void greatestVersionWorks() {
    Checkpoint first = put("s", Long.MAX_VALUE - 1);
    Checkpoint last = put("s", Long.MAX_VALUE);
    assertLatest("after the put of the greatest version there is", storage(), last);
    assertConflict(
        "put of the greatest version again", checkpoint("s", Long.MAX_VALUE), Long.MAX_VALUE);
    assertHolds("after the greatest version", storage(), List.of(first, last));
  }

  @Rule(id = "PUT-14", level = Level.MUST)
  protected final void deletedCheckpointCanBePutAgain() {
    Checkpoint first = put("s", 1);
    Checkpoint second = put("s", 2);
    storage().delete(namespace(), List.of(second.id()));
    put(second);
    assertHolds("after version 2 was deleted and put again", storage(), List.of(first, second));
    storage().delete(namespace(), List.of(second.id()));
    Checkpoint other = put(second.toBuilder().values(Map.of("other", true)).build());
    assertLatest("after the deleted id was put with other content", storage(), other);
  }

  @Rule(id = "PUT-15", level = Level.MUST)
  protected final void versionIsComparedWithWhatIsLeft() {
    List<Checkpoint> stored = putAll("s", 1, 4, 9);
    storage().delete(namespace(), List.of(stored.get(2).id()));
    assertConflict("put of version 4 after 9 was deleted", checkpoint("s", 4), 4);
    Checkpoint reused = put("s", 9);
    assertLatest("after version 9 was deleted and put again", storage(), reused);
    storage().delete(namespace(), List.of(stored.get(1).id()));
    assertConflict("put of version 4 where 1 and 9 are left", checkpoint("s", 4), 9);
  }

  @Rule(id = "PUT-16", level = Level.MUST)
  protected final void parentIsOnlyRemembered() {
    Checkpoint other = put("other", 1);
    Checkpoint foreign = put(draft("s", 1).parentId(other.id()).build());
    Checkpoint dangling = put(draft("s", 2).parentId("never stored").build());
    Checkpoint own = put(draft("s", 3).parentId(foreign.id()).build());
    for (Checkpoint checkpoint : List.of(foreign, dangling, own)) {
      assertStored("with a parent elsewhere, nowhere or before", storage(), checkpoint);
    }
  }
}
