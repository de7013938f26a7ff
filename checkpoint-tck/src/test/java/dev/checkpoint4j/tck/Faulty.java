package dev.checkpoint4j.tck;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import dev.checkpoint4j.spi.ListCursor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A correct storage with one of its methods replaced: what mutants are made of. */
public final class Faulty {

  /** Two arguments after the storage. */
  public interface Method2<A, B, R> {
    R call(BackendStorage good, A a, B b);
  }

  private Faulty() {}

  /** A null is refused by the storage itself: that is not what the mutants get wrong. */
  private static boolean isNull(@Nullable Object... arguments) {
    return Arrays.asList(arguments).contains(null);
  }

  /** What the fault puts without an expectation has that of the call. */
  public static BackendStorage put(
      BackendStorage good, BiConsumer<BackendStorage, Checkpoint> put) {
    return put(
        good,
        (storage, checkpoint, expectation) ->
            put.accept(expecting(storage, expectation), checkpoint));
  }

  private static BackendStorage expecting(BackendStorage storage, Expectation expectation) {
    return new ForwardingBackendStorage(storage) {
      @Override
      public void put(Checkpoint checkpoint, Expectation own) {
        super.put(checkpoint, own.isAny() ? expectation : own);
      }
    };
  }

  /** A replacement of {@code put}. */
  public interface Put {
    void call(BackendStorage good, Checkpoint checkpoint, Expectation expectation);
  }

  public static BackendStorage put(BackendStorage good, Put put) {
    return new ForwardingBackendStorage(good) {
      @Override
      public void put(Checkpoint checkpoint, Expectation expectation) {
        if (isNull(checkpoint, expectation)) {
          super.put(checkpoint, expectation);
        } else {
          put.call(delegate(), checkpoint, expectation);
        }
      }
    };
  }

  public static BackendStorage get(
      BackendStorage good, Method2<String, String, Optional<Checkpoint>> get) {
    return new ForwardingBackendStorage(good) {
      @Override
      public Optional<Checkpoint> get(String namespace, String id) {
        return isNull(namespace, id)
            ? super.get(namespace, id)
            : get.call(delegate(), namespace, id);
      }
    };
  }

  public static BackendStorage latest(
      BackendStorage good, BiFunction<BackendStorage, SessionKey, Optional<Checkpoint>> latest) {
    return new ForwardingBackendStorage(good) {
      @Override
      public Optional<Checkpoint> getBySession(SessionKey session) {
        return isNull(session) ? super.getBySession(session) : latest.apply(delegate(), session);
      }
    };
  }

  /** {@code listHeaders} has the same fault. */
  public static BackendStorage list(
      BackendStorage good, BiFunction<BackendStorage, CheckpointQuery, Page<Checkpoint>> list) {
    return new ForwardingBackendStorage(good) {
      @Override
      public Page<Checkpoint> list(CheckpointQuery query) {
        return isNull(query) ? super.list(query) : list.apply(delegate(), query);
      }

      @Override
      public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
        return isNull(query) ? super.listHeaders(query) : list(query).map(Checkpoint::header);
      }
    };
  }

  public static BackendStorage headers(
      BackendStorage good,
      BiFunction<BackendStorage, CheckpointQuery, Page<CheckpointHeader>> headers) {
    return new ForwardingBackendStorage(good) {
      @Override
      public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
        return isNull(query) ? super.listHeaders(query) : headers.apply(delegate(), query);
      }
    };
  }

  /** Queries of a kind list what a predicate of the mutant chooses. */
  public static BackendStorage conditions(
      BackendStorage good,
      Predicate<CheckpointQuery> kind,
      BiPredicate<CheckpointQuery, CheckpointHeader> matches) {
    return list(
        good,
        (storage, query) ->
            kind.test(query)
                ? page(
                    everything(storage, query.namespace(), query.order()).stream()
                        .filter(found -> matches.test(query, found.header()))
                        .toList(),
                    query)
                : storage.list(query));
  }

  public static BackendStorage sessions(BackendStorage good, ListSessions sessions) {
    return new ForwardingBackendStorage(good) {
      @Override
      public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
        return isNull(namespace, cursor)
            ? super.listSessions(namespace, limit, cursor)
            : sessions.call(delegate(), namespace, limit, cursor);
      }
    };
  }

  /** A replacement of {@code listSessions}. */
  public interface ListSessions {
    Page<SessionKey> call(
        BackendStorage good, String namespace, int limit, Optional<String> cursor);
  }

  public static BackendStorage namespaces(BackendStorage good, ListNamespaces namespaces) {
    return new ForwardingBackendStorage(good) {
      @Override
      public Page<String> listNamespaces(int limit, Optional<String> cursor) {
        return isNull(cursor)
            ? super.listNamespaces(limit, cursor)
            : namespaces.call(delegate(), limit, cursor);
      }
    };
  }

  /** A replacement of {@code listNamespaces}. */
  public interface ListNamespaces {
    Page<String> call(BackendStorage good, int limit, Optional<String> cursor);
  }

  public static BackendStorage delete(
      BackendStorage good, Method2<String, Collection<String>, Long> delete) {
    return new ForwardingBackendStorage(good) {
      @Override
      public long delete(String namespace, Collection<String> ids) {
        return isNull(namespace, ids) || ids.stream().anyMatch(id -> isNull(id))
            ? super.delete(namespace, ids)
            : delete.call(delegate(), namespace, ids);
      }
    };
  }

  public static BackendStorage deleteBySession(
      BackendStorage good, BiFunction<BackendStorage, SessionKey, Long> delete) {
    return new ForwardingBackendStorage(good) {
      @Override
      public long deleteBySession(SessionKey session) {
        return isNull(session) ? super.deleteBySession(session) : delete.apply(delegate(), session);
      }
    };
  }

  public static BackendStorage close(BackendStorage good, Consumer<BackendStorage> close) {
    return new ForwardingBackendStorage(good) {
      @Override
      public void close() {
        close.accept(delegate());
      }
    };
  }

  public static BackendStorage descriptor(
      BackendStorage good, UnaryOperator<BackendDescriptor> descriptor) {
    return new ForwardingBackendStorage(good) {
      @Override
      public BackendDescriptor descriptor() {
        return descriptor.apply(super.descriptor());
      }
    };
  }

  /** Every checkpoint is changed before it is stored, and so is every equal one that follows. */
  public static BackendStorage stored(BackendStorage good, UnaryOperator<Checkpoint> change) {
    return put(
        good, (storage, checkpoint) -> storage.put(change.apply(checkpoint), Expectation.any()));
  }

  /** Every value is changed before it is stored, at every depth, containers after their content. */
  public static BackendStorage values(BackendStorage good, UnaryOperator<@Nullable Object> change) {
    return stored(
        good,
        checkpoint ->
            checkpoint.toBuilder()
                .metadata(
                    attributes(
                        checkpoint.metadata(),
                        changedEntries(checkpoint.metadata().attributes(), change)))
                .values(changedEntries(checkpoint.values(), change))
                .build());
  }

  public static CheckpointMetadata attributes(
      CheckpointMetadata metadata, Map<String, @Nullable Object> attributes) {
    return metadata.toBuilder().attributes(attributes).build();
  }

  public static Map<String, @Nullable Object> changedEntries(
      Map<?, ?> map, UnaryOperator<@Nullable Object> change) {
    Map<String, @Nullable Object> changed = new LinkedHashMap<>();
    map.forEach((key, value) -> changed.put((String) key, changed(value, change)));
    return changed;
  }

  private static @Nullable Object changed(
      @Nullable Object value, UnaryOperator<@Nullable Object> change) {
    if (value instanceof Map<?, ?> map) {
      return change.apply(changedEntries(map, change));
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> elements = new ArrayList<>();
      list.forEach(element -> elements.add(changed(element, change)));
      return change.apply(elements);
    }
    return change.apply(value);
  }

  /** About as many bytes as an encoding needs for a value, or as it would need for its chars. */
  public static long bytes(@Nullable Object value, boolean inBytes) {
    if (value instanceof Map<?, ?> map) {
      return bytes(new ArrayList<>(map.keySet()), inBytes)
          + bytes(new ArrayList<>(map.values()), inBytes);
    }
    if (value instanceof List<?> list) {
      return list.stream().mapToLong(element -> bytes(element, inBytes)).sum();
    }
    if (value instanceof String text && inBytes) {
      return text.getBytes(StandardCharsets.UTF_8).length;
    }
    return value instanceof Binary binary ? binary.size() : String.valueOf(value).length();
  }

  /** All checkpoints of a namespace, in the order of a listing. */
  public static List<Checkpoint> everything(BackendStorage storage, String namespace, Order order) {
    return Reads.listAll(
        storage,
        CheckpointQuery.builder(namespace).order(order).limit(CheckpointQuery.MAX_LIMIT).build());
  }

  /** The versions of a session, the newest first. */
  public static List<Checkpoint> versions(BackendStorage storage, SessionKey session) {
    return Reads.listAll(
        storage, CheckpointQuery.builder(session).limit(CheckpointQuery.MAX_LIMIT).build());
  }

  /** A correct page of what matches, given in the order of a listing. */
  public static Page<Checkpoint> page(List<Checkpoint> matching, CheckpointQuery query) {
    Optional<ListCursor> start = query.cursor().map(ListCursor::decode);
    List<Checkpoint> left =
        matching.stream()
            .filter(found -> start.isEmpty() || isBehind(found, start.get(), query.order()))
            .toList();
    return pageOf(left, query.limit());
  }

  private static boolean isBehind(Checkpoint found, ListCursor start, Order order) {
    int bySession = found.metadata().sessionId().compareTo(start.key());
    if (bySession != 0) {
      return bySession > 0;
    }
    return order == Order.OLDEST_FIRST
        ? found.version() > start.position()
        : found.version() < start.position();
  }

  /** The first entries, with a cursor if there are more. */
  public static Page<Checkpoint> pageOf(List<Checkpoint> left, int limit) {
    if (left.size() <= limit) {
      return Page.of(left, null);
    }
    Checkpoint last = left.get(limit - 1);
    return Page.of(
        left.subList(0, limit),
        new ListCursor(last.metadata().sessionId(), last.version()).encode());
  }
}
