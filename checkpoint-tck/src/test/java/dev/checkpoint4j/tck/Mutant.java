package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * A backend with one fault.
 *
 * @param name what the fault is
 * @param fault makes a correct backend faulty
 * @param killers rules that have to find it
 */
record Mutant(String name, UnaryOperator<BackendStorage> fault, Set<String> killers) {

  static List<Mutant> all() {
    return List.of(
        of(
            "blind overwrite",
            BlindOverwrite::new,
            "PUT-03",
            "PUT-04",
            "PUT-05",
            "HNDL-03",
            "RACE-01"),
        of("conflict ignored", ConflictIgnored::new, "PUT-03", "PUT-04", "RACE-01"),
        of("wrong exception", WrongException::new, "PUT-03", "PUT-04"),
        of("check then act", CheckThenAct::new, "RACE-01", "RACE-02"),
        of("retry is conflict", RetryIsConflict::new, "PUT-06", "PUT-07", "RACE-06"),
        of("version before id", VersionBeforeId::new, "PUT-12"),
        of("latest by time", LatestByTime::new, "LAST-01"),
        of("latest by text", LatestByText::new, "LAST-02"),
        of("sessions folded", SessionsFolded::new, "ID-01"),
        of("cursor inclusive", CursorInclusive::new, "CURS-01", "LIST-09"),
        of("limit before conditions", LimitBeforeConditions::new, "LIST-10"),
        of("headers without attributes", HeadersWithoutAttributes::new, "LIST-11", "VAL-14"),
        of("prefix delete", PrefixDelete::new, "DEL-07", "ID-07"),
        of("delete leaves ids", DeleteLeavesIds::new, "PUT-14", "DEL-09"),
        of("delete counts ids", DeleteCountsIds::new, "DEL-01", "DEL-02", "DEL-03"),
        of("usable after close", UsableAfterClose::new, "CLOSE-02"),
        of("capability lost", CapabilityLost::new, "LIFE-02"));
  }

  private static Mutant of(String name, UnaryOperator<BackendStorage> fault, String... killers) {
    return new Mutant(name, fault, Set.of(killers));
  }

  @Override
  public String toString() {
    return name;
  }

  private static List<Checkpoint> versionsOf(BackendStorage storage, SessionKey session) {
    return storage.list(CheckpointQuery.builder(session).limit(1000).build()).items();
  }

  private static void refuseIfStale(BackendStorage storage, Checkpoint checkpoint) {
    Optional<Checkpoint> latest = storage.getBySession(checkpoint.sessionKey());
    if (latest.isPresent() && latest.get().version() >= checkpoint.version()) {
      throw new VersionConflictException(
          storage.descriptor().id(), checkpoint, latest.get().version());
    }
  }

  private abstract static class OnConflict extends ForwardingBackendStorage {
    OnConflict(BackendStorage delegate) {
      super(delegate);
    }

    abstract void afterConflict(Checkpoint checkpoint, VersionConflictException conflict);

    @Override
    public void put(Checkpoint checkpoint) {
      try {
        super.put(checkpoint);
      } catch (VersionConflictException e) {
        afterConflict(checkpoint, e);
      }
    }
  }

  private static class BlindOverwrite extends OnConflict {
    private static final Object LOCK = new Object();

    BlindOverwrite(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    void afterConflict(Checkpoint checkpoint, VersionConflictException conflict) {
      overwrite(checkpoint);
    }

    final void overwrite(Checkpoint checkpoint) {
      synchronized (LOCK) {
        for (Checkpoint other : versionsOf(delegate(), checkpoint.sessionKey())) {
          if (other.version() >= checkpoint.version()) {
            delete(other.namespace(), List.of(other.id()));
          }
        }
        delegate().put(checkpoint);
      }
    }
  }

  private static final class CheckThenAct extends BlindOverwrite {
    CheckThenAct(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    public void put(Checkpoint checkpoint) {
      if (get(checkpoint.namespace(), checkpoint.id()).isEmpty()) {
        refuseIfStale(delegate(), checkpoint);
        leaveTimeForOthers(checkpoint);
        overwrite(checkpoint);
      } else {
        delegate().put(checkpoint);
      }
    }

    private void leaveTimeForOthers(Checkpoint checkpoint) {
      for (int i = 0; i < 20; i++) {
        assertThat(versionsOf(delegate(), checkpoint.sessionKey())).isNotNull();
      }
    }
  }

  private static final class ConflictIgnored extends OnConflict {
    ConflictIgnored(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    void afterConflict(Checkpoint checkpoint, VersionConflictException conflict) {
      // The fault: the caller is told that the put succeeded.
    }
  }

  private static final class WrongException extends OnConflict {
    WrongException(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    void afterConflict(Checkpoint checkpoint, VersionConflictException conflict) {
      throw new IllegalStateException(conflict);
    }
  }

  private static final class RetryIsConflict extends ForwardingBackendStorage {
    RetryIsConflict(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    public void put(Checkpoint checkpoint) {
      if (get(checkpoint.namespace(), checkpoint.id()).equals(Optional.of(checkpoint))) {
        throw new VersionConflictException(descriptor().id(), checkpoint, checkpoint.version());
      }
      super.put(checkpoint);
    }
  }

  private static final class VersionBeforeId extends ForwardingBackendStorage {
    VersionBeforeId(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    public void put(Checkpoint checkpoint) {
      try {
        super.put(checkpoint);
      } catch (DuplicateCheckpointException e) {
        refuseIfStale(delegate(), checkpoint);
        throw e;
      }
    }
  }

  private static class LatestBy extends ForwardingBackendStorage {
    private final Comparator<Checkpoint> order;

    LatestBy(BackendStorage delegate, Comparator<Checkpoint> order) {
      super(delegate);
      this.order = order;
    }

    @Override
    public Optional<Checkpoint> getBySession(SessionKey session) {
      return versionsOf(delegate(), session).stream().max(order);
    }
  }

  private static final class LatestByTime extends LatestBy {
    LatestByTime(BackendStorage delegate) {
      super(delegate, Comparator.comparing(Checkpoint::ts));
    }
  }

  private static final class LatestByText extends LatestBy {
    LatestByText(BackendStorage delegate) {
      super(delegate, Comparator.comparing(checkpoint -> Long.toString(checkpoint.version())));
    }
  }

  private static final class SessionsFolded extends ForwardingBackendStorage {
    SessionsFolded(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    public Optional<Checkpoint> getBySession(SessionKey session) {
      return super.getBySession(
          new SessionKey(session.namespace(), session.sessionId().toLowerCase(Locale.ROOT)));
    }
  }

  private static final class CursorInclusive extends ForwardingBackendStorage {
    CursorInclusive(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    public Page<Checkpoint> list(CheckpointQuery query) {
      Page<Checkpoint> page = super.list(query);
      if (page.nextCursor().isEmpty() || query.limit() == 1) {
        return page;
      }
      Page<Checkpoint> shorter = super.list(query.toBuilder().limit(query.limit() - 1).build());
      return new Page<>(page.items(), shorter.nextCursor());
    }
  }

  private static final class LimitBeforeConditions extends ForwardingBackendStorage {
    LimitBeforeConditions(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    public Page<Checkpoint> list(CheckpointQuery query) {
      CheckpointQuery unconditional =
          CheckpointQuery.builder(query.namespace())
              .order(query.order())
              .limit(query.limit())
              .cursor(query.cursor().orElse(null))
              .build();
      Page<Checkpoint> page = super.list(unconditional);
      return new Page<>(
          page.items().stream().filter(found -> query.matches(found.header())).toList(),
          page.nextCursor());
    }
  }

  private static final class HeadersWithoutAttributes extends ForwardingBackendStorage {
    HeadersWithoutAttributes(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
      return super.listHeaders(query)
          .map(
              header -> {
                CheckpointMetadata bare =
                    header.metadata().toBuilder().attributes(Map.of()).build();
                return header.toBuilder().metadata(bare).build();
              });
    }
  }

  private static final class PrefixDelete extends ForwardingBackendStorage {
    PrefixDelete(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    public long deleteBySession(SessionKey session) {
      return super.listSessions(session.namespace(), 1000, Optional.empty()).items().stream()
          .filter(found -> found.sessionId().startsWith(session.sessionId()))
          .mapToLong(super::deleteBySession)
          .sum();
    }
  }

  private static final class DeleteLeavesIds extends ForwardingBackendStorage {
    private final Map<String, Checkpoint> deleted = new ConcurrentHashMap<>();

    DeleteLeavesIds(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    public void put(Checkpoint checkpoint) {
      Checkpoint known = deleted.get(checkpoint.namespace() + "\n" + checkpoint.id());
      if (known != null) {
        throw new DuplicateCheckpointException(descriptor().id(), checkpoint);
      }
      super.put(checkpoint);
    }

    @Override
    public long delete(String namespace, Collection<String> ids) {
      Map<String, Checkpoint> doomed = new HashMap<>();
      for (String id : ids) {
        get(namespace, id).ifPresent(found -> doomed.put(namespace + "\n" + id, found));
      }
      deleted.putAll(doomed);
      return super.delete(namespace, ids);
    }

    @Override
    public long deleteBySession(SessionKey session) {
      List<String> ids = versionsOf(delegate(), session).stream().map(Checkpoint::id).toList();
      delete(session.namespace(), ids);
      return ids.size();
    }
  }

  private static final class DeleteCountsIds extends ForwardingBackendStorage {
    DeleteCountsIds(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    public long delete(String namespace, Collection<String> ids) {
      super.delete(namespace, ids);
      return ids.size();
    }
  }

  private static final class UsableAfterClose extends ForwardingBackendStorage {
    UsableAfterClose(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    public void close() {
      // The fault: the handle stays open.
    }
  }

  private static final class CapabilityLost extends ForwardingBackendStorage {
    CapabilityLost(BackendStorage delegate) {
      super(delegate);
    }

    @Override
    public BackendDescriptor descriptor() {
      BackendDescriptor full = super.descriptor();
      return BackendDescriptor.builder(full.id(), full.durability()).build();
    }
  }
}
