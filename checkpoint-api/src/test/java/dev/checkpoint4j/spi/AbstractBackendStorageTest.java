package dev.checkpoint4j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AbstractBackendStorageTest {

  private static final Checkpoint FIRST = Checkpoint.builder("s").id("first").version(1).build();
  private static final Checkpoint NEXT = FIRST.next().id("next").build();

  /** Answers every read with the same checkpoint, as a backend with a wrong index does. */
  private static final class Fixed extends AbstractBackendStorage {

    Fixed() {
      super(BackendDescriptor.builder("fixed", Durability.VOLATILE).build());
    }

    boolean decides(Checkpoint checkpoint, Expectation expectation, @Nullable Checkpoint sameId) {
      return isToBeStored(
          checkpoint, expectation, Optional.ofNullable(sameId), Optional.of(FIRST.header()));
    }

    @Override
    protected void doPut(Checkpoint checkpoint, Expectation expectation) {}

    @Override
    protected Optional<Checkpoint> doGet(String namespace, String id) {
      return Optional.of(FIRST);
    }

    @Override
    protected Optional<Checkpoint> doGetBySession(SessionKey session) {
      return Optional.of(FIRST);
    }

    @Override
    protected Page<Checkpoint> doList(CheckpointQuery query, Optional<ListCursor> start) {
      return Page.of(List.of(), null);
    }

    @Override
    protected Page<SessionKey> doListSessions(
        String namespace, int limit, Optional<ListCursor> start) {
      return Page.of(List.of(), null);
    }

    @Override
    protected Page<String> doListNamespaces(int limit, Optional<ListCursor> start) {
      return Page.of(List.of(), null);
    }

    @Override
    protected long doDelete(String namespace, Set<String> ids) {
      return 0;
    }

    @Override
    protected long doDeleteBySession(SessionKey session) {
      return 0;
    }
  }

  private final Fixed storage = new Fixed();

  @Test
  void neverReturnsACheckpointInPlaceOfAnother() {
    assertThat(storage.get("default", "first")).contains(FIRST);
    assertThat(storage.getBySession(new SessionKey("default", "s"))).contains(FIRST);
    assertThatExceptionOfType(CorruptCheckpointException.class)
        .isThrownBy(() -> storage.get("default", "other"));
    assertThatExceptionOfType(CorruptCheckpointException.class)
        .isThrownBy(() -> storage.get("elsewhere", "first"));
    assertThatExceptionOfType(CorruptCheckpointException.class)
        .isThrownBy(() -> storage.getBySession(new SessionKey("default", "other")))
        .withMessageContaining("other");
    assertThatExceptionOfType(CorruptCheckpointException.class)
        .isThrownBy(() -> storage.getBySession(new SessionKey("elsewhere", "s")));
  }

  @Test
  void decidesByIdThenByVersionAndExpectation() {
    Checkpoint changed = NEXT.toBuilder().values(Map.of("step", 2)).build();
    assertThat(storage.decides(NEXT, Expectation.any(), null)).isTrue();
    assertThat(storage.decides(NEXT, Expectation.latestIs("first"), null)).isTrue();
    assertThat(storage.decides(NEXT, Expectation.noSession(), NEXT)).isFalse();
    assertThatExceptionOfType(DuplicateCheckpointException.class)
        .isThrownBy(() -> storage.decides(changed, Expectation.noSession(), NEXT));
    assertThatExceptionOfType(VersionConflictException.class)
        .isThrownBy(() -> storage.decides(NEXT, Expectation.noSession(), null));
    Checkpoint stale = FIRST.toBuilder().id("stale").build();
    assertThatExceptionOfType(VersionConflictException.class)
        .isThrownBy(() -> storage.decides(stale, Expectation.any(), null))
        .satisfies(conflict -> assertThat(conflict.latestVersion()).isEqualTo(1));
  }
}
