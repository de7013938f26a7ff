package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;
import static dev.checkpoint4j.tck.Mutant.storeFault;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** Faults that show at a size, a number or a distance. */
final class VolumeMutants {

  private static final int PAGE_BYTES = 4 << 20;
  private static final int MAX_CURSORS = 500;
  private static final int MAX_CONDITIONS = 60;
  private static final int MAX_CHARS = 20_000_000;
  private static final int MAX_DOCUMENT_BYTES = 100_000;

  private VolumeMutants() {}

  private static boolean isFiltered(CheckpointQuery query) {
    return query.taskId().isPresent()
        || query.parentId().isPresent()
        || query.tsFrom().isPresent()
        || query.tsBefore().isPresent()
        || !query.attributes().isEmpty();
  }

  private static Page<Checkpoint> ofCandidates(BackendStorage storage, CheckpointQuery query) {
    if (!isFiltered(query)) {
      return storage.list(query);
    }
    CheckpointQuery candidates =
        CheckpointQuery.builder(query.namespace())
            .order(query.order())
            .cursor(query.cursor().orElse(null))
            .limit(CheckpointQuery.MAX_LIMIT)
            .build();
    return Faulty.pageOf(
        storage.list(candidates).items().stream()
            .filter(found -> query.matches(found.header()))
            .toList(),
        query.limit());
  }

  private static <T> Page<T> cut(Page<T> page, ToLongFunction<T> bytes) {
    List<T> kept = new ArrayList<>();
    long sum = 0;
    for (T item : page.items()) {
      sum += bytes.applyAsLong(item);
      if (sum <= PAGE_BYTES) {
        kept.add(item);
      }
    }
    return new Page<>(kept, page.nextCursor());
  }

  private static long bytes(CheckpointHeader header) {
    return Faulty.bytes(header.metadata().attributes(), true);
  }

  private static long bytes(Checkpoint checkpoint) {
    return Faulty.bytes(checkpoint.values(), true) + bytes(checkpoint.header());
  }

  /** A power of two that is filled exactly is taken for the end. */
  private static <T> Page<T> endingAtPowersOfTwo(Page<T> page) {
    int size = page.items().size();
    return size >= 64 && Integer.bitCount(size) == 1
        ? new Page<>(page.items(), Optional.empty())
        : page;
  }

  private static final class LastCursors extends LinkedHashMap<String, Boolean> {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
      return size() > MAX_CURSORS;
    }

    /** Cursors have names, since many lead to the same place. */
    synchronized <T> Page<T> named(Page<T> page, long number) {
      return new Page<>(
          page.items(),
          page.nextCursor()
              .map(
                  cursor -> {
                    String name = number + " " + cursor;
                    put(name, true);
                    return name;
                  }));
    }

    synchronized CheckpointQuery real(CheckpointQuery query) {
      return query
          .cursor()
          .map(
              name -> {
                if (!containsKey(name)) {
                  throw new IllegalArgumentException("the cursor has expired");
                }
                return withCursor(query, name.substring(name.indexOf(' ') + 1));
              })
          .orElse(query);
    }
  }

  private static CheckpointQuery withCursor(CheckpointQuery query, String cursor) {
    return query.toBuilder().cursor(cursor).build();
  }

  private static Page<Checkpoint> withFirstLimit(BackendStorage storage, CheckpointQuery query) {
    String[] parts = query.cursor().orElse("").split(" ", 2);
    CheckpointQuery real =
        parts.length == 2 && parts[0].matches("[0-9]+")
            ? withCursor(query, parts[1]).toBuilder().limit(Integer.parseInt(parts[0])).build()
            : query;
    Page<Checkpoint> page = storage.list(real);
    return new Page<>(page.items(), page.nextCursor().map(next -> real.limit() + " " + next));
  }

  private static CheckpointQuery withFewConditions(CheckpointQuery query) {
    CheckpointQuery.Builder few =
        CheckpointQuery.builder(query.namespace())
            .versions(query.minVersion(), query.maxVersion())
            .order(query.order())
            .limit(query.limit())
            .cursor(query.cursor().orElse(null));
    query.sessionId().ifPresent(few::sessionId);
    query.attributes().entrySet().stream()
        .limit(MAX_CONDITIONS)
        .forEach(condition -> few.attribute(condition.getKey(), condition.getValue()));
    return few.build();
  }

  private static long deletedInBatches(BackendStorage storage, String namespace, List<String> ids) {
    long counted = 0;
    for (int from = 0; from < ids.size(); from += 100) {
      counted +=
          new HashSet<>(ids.subList(from, Math.min(ids.size(), from + 100)))
              .stream().filter(id -> storage.get(namespace, id).isPresent()).count();
    }
    long unused = storage.delete(namespace, ids);
    return counted;
  }

  /** After a deletion, the latest is searched within 1,000 numbers. */
  private static BackendStorage tryingFewNumbers(
      BackendStorage good, Map<SessionKey, Long> greatest) {
    return Faulty.latest(
        Faulty.put(
            good,
            (storage, checkpoint) -> {
              storage.put(checkpoint, Expectation.any());
              storage
                  .getBySession(checkpoint.sessionKey())
                  .ifPresent(latest -> greatest.put(checkpoint.sessionKey(), latest.version()));
            }),
        (storage, session) ->
            storage
                .getBySession(session)
                .filter(latest -> greatest.getOrDefault(session, 0L) - latest.version() <= 1_000));
  }

  private static Checkpoint readable(Checkpoint stored) {
    boolean isTooLong =
        stored.values().values().stream()
            .anyMatch(value -> value instanceof String text && text.length() > MAX_CHARS);
    if (isTooLong) {
      throw new CorruptCheckpointException(
          "the document cannot be parsed",
          ErrorContext.of("reference", "get").checkpoint(stored),
          null);
    }
    return stored;
  }

  private static Mutant limited(String name, Function<Checkpoint, Long> size) {
    return handleFault(
        name,
        good ->
            Faulty.put(
                Faulty.descriptor(
                    good,
                    like ->
                        BackendDescriptor.builder(like.id(), like.durability())
                            .capabilities(like.capabilities())
                            .maxDocumentBytes(MAX_DOCUMENT_BYTES)
                            .build()),
                (storage, checkpoint) -> {
                  if (size.apply(checkpoint) > MAX_DOCUMENT_BYTES) {
                    throw new StorageLimitExceededException(
                        "the document is too large",
                        ErrorContext.of(storage.descriptor().id(), "put").checkpoint(checkpoint),
                        null);
                  }
                  storage.put(checkpoint, Expectation.any());
                }),
        "LARGE-07");
  }

  static List<Mutant> all() {
    return List.of(
        handleFault(
            "a condition is compared with 1,000 candidates",
            good -> Faulty.list(good, VolumeMutants::ofCandidates),
            "VOL-01"),
        handleFault(
            "a page that holds as many entries as a power of two is the last",
            good -> Faulty.list(good, (storage, query) -> endingAtPowersOfTwo(storage.list(query))),
            "VOL-01"),
        handleFault(
            "checkpoints beyond 4 MB of a page are left out",
            good ->
                Faulty.headers(
                    Faulty.list(
                        good, (storage, query) -> cut(storage.list(query), VolumeMutants::bytes)),
                    (storage, query) -> good.listHeaders(query)),
            "LIST-09"),
        handleFault(
            "headers beyond 4 MB of a page are left out",
            good ->
                Faulty.headers(
                    good,
                    (storage, query) -> cut(storage.listHeaders(query), VolumeMutants::bytes)),
            "LIST-09"),
        storeFault(
            "only the last 500 cursors are known",
            () -> {
              LastCursors cursors = new LastCursors();
              return good ->
                  Faulty.list(
                      good,
                      (storage, query) ->
                          cursors.named(storage.list(cursors.real(query)), System.nanoTime()));
            },
            "CURS-04"),
        handleFault(
            "a cursor keeps the limit of its first page",
            good -> Faulty.list(good, VolumeMutants::withFirstLimit),
            "CURS-04"),
        handleFault(
            "only 60 conditions on attributes are compared",
            good ->
                Faulty.list(
                    good,
                    (storage, query) ->
                        query.attributes().size() > MAX_CONDITIONS
                            ? storage.list(withFewConditions(query))
                            : storage.list(query)),
            "ATTR-05"),
        handleFault(
            "an id in two batches of a deletion counts twice",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) ->
                        deletedInBatches(storage, namespace, List.copyOf(ids))),
            "DEL-04"),
        storeFault(
            "the latest is searched within 1,000 numbers below a deleted one",
            () -> {
              Map<SessionKey, Long> greatest = new ConcurrentHashMap<>();
              return good -> tryingFewNumbers(good, greatest);
            },
            "DEL-05"),
        handleFault(
            "strings over 20 million characters are stored and not read",
            good ->
                Faulty.latest(
                    good,
                    (storage, session) ->
                        storage.getBySession(session).map(VolumeMutants::readable)),
            "LARGE-02"),
        limited(
            "limit of documents counted in characters",
            checkpoint ->
                Faulty.bytes(checkpoint.values(), false)
                    + Faulty.bytes(checkpoint.metadata().attributes(), false)),
        limited(
            "limit of documents counted without attributes",
            checkpoint -> Faulty.bytes(checkpoint.values(), true)));
  }
}
