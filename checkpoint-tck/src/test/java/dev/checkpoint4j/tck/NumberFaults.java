package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ListCursor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;

/** Versions that pass through a type that does not hold them, on one path only. */
final class NumberFaults {

  private static final int KINDS_OF_A_PATH = 3;

  /** A type that a version passes through. */
  private record Narrow(String name, LongUnaryOperator through) {
    long of(long version) {
      return Math.max(1, through.applyAsLong(version));
    }
  }

  private static final List<Narrow> KINDS =
      List.of(
          new Narrow("through a double", version -> (long) (double) version),
          new Narrow("through 32 bits", version -> (int) version),
          new Narrow("at most 2^53 - 1", version -> Math.min(version, (1L << 53) - 1)),
          new Narrow("through a float", version -> (long) (float) version),
          new Narrow("through 15 digits", version -> digits(version, 15)),
          new Narrow("through 18 digits", version -> digits(version, 18)),
          new Narrow("at most 2^31 - 1", version -> Math.min(version, Integer.MAX_VALUE)),
          new Narrow("through 48 bits", version -> version & ((1L << 48) - 1)),
          new Narrow("through 63 bits, shifted", version -> version << 1 >> 1),
          new Narrow("at most a million", version -> Math.min(version, 1_000_000)));

  private NumberFaults() {}

  private static long digits(long version, int digits) {
    BigDecimal rounded = new BigDecimal(version).round(new MathContext(digits));
    return rounded.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
        ? Long.MAX_VALUE
        : rounded.longValue();
  }

  private record Use(String path, BiFunction<BackendStorage, Narrow, BackendStorage> fault) {}

  static List<GeneratedMutant> all() {
    List<GeneratedMutant> all = new ArrayList<>();
    int turn = 0;
    for (Use use : uses()) {
      for (int i = 0; i < KINDS_OF_A_PATH; i++) {
        Narrow kind = KINDS.get(turn++ % KINDS.size());
        all.add(
            GeneratedMutant.of(
                "version " + kind.name(),
                use.path(),
                "version",
                good -> use.fault().apply(good, kind)));
      }
    }
    return all;
  }

  private static List<Use> uses() {
    List<Use> uses = new ArrayList<>();
    for (ReadPath path : ReadPath.values()) {
      uses.add(
          new Use(
              path.label(),
              (good, kind) ->
                  path.changing(
                      good, found -> found.toBuilder().version(kind.of(found.version())).build())));
    }
    for (ReadPath path :
        List.of(ReadPath.LIST, ReadPath.HEADERS, ReadPath.LIST_OLDEST, ReadPath.HEADERS_OLDEST)) {
      uses.add(
          new Use("cursor of " + path.label(), (good, kind) -> path.asking(good, cursor(kind))));
      uses.add(
          new Use(
              "range of versions of " + path.label(),
              (good, kind) ->
                  path.answering(good, (storage, query) -> range(storage, query, kind))));
      uses.add(
          new Use(
              "order of " + path.label(),
              (good, kind) ->
                  path.answering(good, (storage, query) -> ordered(storage, query, kind))));
    }
    uses.add(new Use("latest version of a conflict", NumberFaults::conflict));
    uses.add(new Use("refused version of a conflict", NumberFaults::refusal));
    uses.add(new Use("put, the version", NumberFaults::check));
    uses.add(new Use("put, the repetition", NumberFaults::repetition));
    uses.add(new Use("getBySession, which is the latest", NumberFaults::latest));
    return uses;
  }

  private static UnaryOperator<CheckpointQuery> cursor(Narrow kind) {
    return query ->
        query
            .cursor()
            .map(ListCursor::decode)
            .map(
                start ->
                    query.toBuilder()
                        .cursor(new ListCursor(start.key(), kind.of(start.position())).encode())
                        .build())
            .orElse(query);
  }

  private static Page<Checkpoint> range(
      BackendStorage storage, CheckpointQuery query, Narrow kind) {
    if (query.minVersion() == 1 && query.maxVersion() == Long.MAX_VALUE) {
      return storage.list(query);
    }
    CheckpointQuery others = query.toBuilder().versions(1, Long.MAX_VALUE).build();
    return Faulty.page(
        Faulty.everything(storage, query.namespace(), query.order()).stream()
            .filter(each -> others.matches(each.header()))
            .filter(
                each ->
                    kind.of(each.version()) >= kind.of(query.minVersion())
                        && kind.of(each.version()) <= kind.of(query.maxVersion()))
            .toList(),
        query);
  }

  /** Versions that look the same come in the order of their ids. */
  private static Page<Checkpoint> ordered(
      BackendStorage storage, CheckpointQuery query, Narrow kind) {
    Page<Checkpoint> page = storage.list(query);
    Comparator<Checkpoint> byVersion = Comparator.comparingLong(each -> kind.of(each.version()));
    List<Checkpoint> items = new ArrayList<>(page.items());
    items.sort(
        Comparator.comparing((Checkpoint each) -> each.metadata().sessionId())
            .thenComparing(query.order() == Order.OLDEST_FIRST ? byVersion : byVersion.reversed())
            .thenComparing(Checkpoint::id));
    return Page.of(items, page.nextCursor().orElse(null));
  }

  private static BackendStorage conflict(BackendStorage good, Narrow kind) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          try {
            storage.put(checkpoint, expectation);
          } catch (VersionConflictException e) {
            throw e.latestVersion() == 0
                ? e
                : new VersionConflictException(
                    e.backendId(), checkpoint, expectation, kind.of(e.latestVersion()));
          }
        });
  }

  private static BackendStorage refusal(BackendStorage good, Narrow kind) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          try {
            storage.put(checkpoint, expectation);
          } catch (VersionConflictException e) {
            throw new VersionConflictException(
                e.backendId(),
                checkpoint.toBuilder().version(kind.of(checkpoint.version())).build(),
                expectation,
                e.latestVersion());
          }
        });
  }

  private static BackendStorage check(BackendStorage good, Narrow kind) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          Optional<Checkpoint> latest = storage.getBySession(checkpoint.sessionKey());
          if (latest.isPresent()
              && storage.get(checkpoint.namespace(), checkpoint.id()).isEmpty()
              && kind.of(latest.get().version()) >= kind.of(checkpoint.version())) {
            throw new VersionConflictException(
                storage.descriptor().id(), checkpoint, expectation, latest.get().version());
          }
          storage.put(checkpoint, expectation);
        });
  }

  private static BackendStorage repetition(BackendStorage good, Narrow kind) {
    return RetryFaults.alike(
        good, each -> each.toBuilder().version(kind.of(each.version())).build());
  }

  private static BackendStorage latest(BackendStorage good, Narrow kind) {
    return Faulty.latest(
        good,
        (storage, session) -> {
          Optional<Checkpoint> latest = storage.getBySession(session);
          return latest.isEmpty() || kind.of(latest.get().version()) == latest.get().version()
              ? latest
              : Faulty.versions(storage, session).stream()
                  .max(
                      Comparator.comparingLong((Checkpoint each) -> kind.of(each.version()))
                          .thenComparing(Checkpoint::id));
        });
  }
}
