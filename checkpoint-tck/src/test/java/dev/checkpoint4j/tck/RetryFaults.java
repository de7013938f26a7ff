package dev.checkpoint4j.tck;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What is taken for the repetition of a put, too loosely or too strictly. */
final class RetryFaults {

  private static final String LOOSE = "repetition recognised too loosely";
  private static final String STRICT = "repetition refused";
  private static final String PATH = "put, the repetition";

  private RetryFaults() {}

  static List<GeneratedMutant> all() {
    List<GeneratedMutant> all = new ArrayList<>();
    loose(all, "ts", each -> each.toBuilder().ts(Instant.EPOCH).build());
    loose(all, "version", each -> each.toBuilder().version(1).build());
    loose(all, "parentId", each -> each.toBuilder().parentId(null).build());
    loose(
        all,
        "taskId",
        each ->
            each.toBuilder().metadata(each.metadata().toBuilder().taskId(null).build()).build());
    loose(all, "sessionId", each -> Field.SESSION.change(each, text -> "s"));
    loose(all, "attributes", each -> withAttributes(each, Map.of()));
    loose(all, "values", each -> each.toBuilder().values(Map.of()).build());
    loose(
        all, "types of numbers, in values", each -> withValues(each, RetryFaults::numbersAsTexts));
    loose(
        all,
        "types of numbers, in attributes",
        each -> changeAttributes(each, RetryFaults::numbersAsTexts));
    loose(all, "scale of decimals, in values", each -> withValues(each, RetryFaults::stripped));
    loose(
        all,
        "scale of decimals, in attributes",
        each -> changeAttributes(each, RetryFaults::stripped));
    loose(all, "sign of zero, in values", each -> withValues(each, RetryFaults::positiveZero));
    loose(
        all,
        "sign of zero, in attributes",
        each -> changeAttributes(each, RetryFaults::positiveZero));
    loose(all, "texts beyond 64 KB", each -> withValues(each, value -> cut(value, 65_536)));
    loose(all, "texts beyond 1 KB", each -> withValues(each, value -> cut(value, 1_024)));
    loose(all, "bytes beyond 64 KB", each -> withValues(each, value -> cutBytes(value, 65_536)));
    loose(all, "bytes but their number", each -> withValues(each, RetryFaults::sizeOfBytes));
    loose(all, "order of lists", each -> withValues(each, RetryFaults::sortedList));
    loose(all, "elements of a list after the hundredth", each -> withValues(each, list(100)));
    loose(all, "entries after the thousandth", each -> withValues(each, map(1_000)));
    loose(all, "levels after the third, in values", each -> withoutLevels(each, 3, true));
    loose(all, "levels after the third, in attributes", each -> withoutLevels(each, 3, false));
    loose(all, "levels after the tenth, in values", each -> withoutLevels(each, 10, true));
    loose(all, "null or absent, in values", each -> withValues(each, RetryFaults::withoutNulls));
    loose(
        all,
        "null or absent, in attributes",
        each -> changeAttributes(each, RetryFaults::withoutNulls));
    loose(
        all,
        "empty text or null, in values",
        each -> withValues(each, value -> "".equals(value) ? null : value));
    loose(
        all,
        "empty list or empty map, in values",
        each ->
            withValues(
                each, value -> value instanceof List<?> list && list.isEmpty() ? Map.of() : value));
    loose(all, "microseconds of instants", each -> withValues(each, RetryFaults::milliseconds));
    loose(all, "case of texts, in values", each -> withValues(each, RetryFaults::lowerCase));
    loose(
        all,
        "case of texts, in attributes",
        each -> changeAttributes(each, RetryFaults::lowerCase));
    loose(
        all,
        "case of keys, in values",
        each -> withKeys(each, text -> text.toLowerCase(Locale.ROOT)));
    loose(all, "texts that look like numbers", each -> withValues(each, RetryFaults::parsed));
    loose(all, "texts or instants", each -> withValues(each, RetryFaults::instantAsText));
    loose(all, "texts or bytes", each -> withValues(each, RetryFaults::bytesAsText));
    loose(
        all,
        "doubles as floats",
        each ->
            withValues(
                each,
                value -> value instanceof Double number ? (double) number.floatValue() : value));
    loose(
        all,
        "values if their texts have one hash",
        each -> each.toBuilder().values(Map.of("h", each.values().toString().hashCode())).build());
    loose(
        all,
        "values if their number is one",
        each -> each.toBuilder().values(Map.of("n", each.values().size())).build());

    strict(
        all,
        "keys of nested maps in another order, in values",
        (stored, put) -> keys(stored.values(), 0, 9).equals(keys(put.values(), 0, 9)));
    strict(
        all,
        "keys in another order, in attributes",
        (stored, put) ->
            keys(stored.metadata().attributes(), 0, 9)
                .equals(keys(put.metadata().attributes(), 0, 9)));
    strict(
        all,
        "keys in another order, below the second level",
        (stored, put) -> keys(stored.values(), 2, 9).equals(keys(put.values(), 2, 9)));
    strictIf(all, "NaN in a list", put -> contains(put.values(), RetryFaults::isListWithNaN));
    strictIf(
        all,
        "NaN in attributes",
        put -> contains(put.metadata().attributes(), value -> value.equals(Double.NaN)));
    strictIf(all, "no values", put -> put.values().isEmpty());
    strictIf(all, "a time before 1970", put -> put.ts().isBefore(Instant.EPOCH));
    strictIf(
        all,
        "decimals with a negative scale",
        put ->
            contains(
                put.values(), value -> value instanceof BigDecimal decimal && decimal.scale() < 0));
    strictIf(
        all,
        "integers beyond 64 bits",
        put ->
            contains(
                put.values(),
                value -> value instanceof BigInteger number && number.bitLength() > 63));
    strictIf(
        all,
        "texts of more than 64 KB",
        put ->
            contains(
                put.values(), value -> value instanceof String text && text.length() > 65_536));
    strictIf(all, "a version beyond 2^53", put -> put.version() > 1L << 53);
    strictIf(
        all,
        "bytes in attributes",
        put -> contains(put.metadata().attributes(), value -> value instanceof Binary));

    window(all, "after 100 other puts", 100, false);
    window(all, "after 1,000 other puts", 1_000, false);
    window(all, "after 10 other puts of the session", 10, true);
    window(all, "after 128 other puts of the session", 128, true);
    all.add(
        GeneratedMutant.shared(
            STRICT, PATH, "after a deletion in the session", RetryFaults::afterDeletion));
    all.add(
        GeneratedMutant.of(
            STRICT, PATH, "if an expectation was given", RetryFaults::ifExpectationGiven));
    all.add(
        GeneratedMutant.of(
            STRICT,
            PATH,
            "as a conflict, if it is not the latest and expects it",
            RetryFaults::asConflict));
    return all;
  }

  private static void loose(
      List<GeneratedMutant> all, String field, UnaryOperator<Checkpoint> form) {
    all.add(GeneratedMutant.of(LOOSE, PATH, field + " not compared", good -> alike(good, form)));
  }

  /** A put of a checkpoint with the form of the stored one is taken for its repetition. */
  static BackendStorage alike(BackendStorage good, UnaryOperator<Checkpoint> form) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          Optional<Checkpoint> stored = storage.get(checkpoint.namespace(), checkpoint.id());
          if (stored.isEmpty() || !form.apply(stored.get()).equals(form.apply(checkpoint))) {
            storage.put(checkpoint, expectation);
          }
        });
  }

  private static void strict(
      List<GeneratedMutant> all, String field, BiPredicate<Checkpoint, Checkpoint> isRepetition) {
    all.add(
        GeneratedMutant.of(
            STRICT,
            PATH,
            field,
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint, expectation) -> {
                      Optional<Checkpoint> stored =
                          storage.get(checkpoint.namespace(), checkpoint.id());
                      if (stored.isPresent() && !isRepetition.test(stored.get(), checkpoint)) {
                        throw duplicate(storage, checkpoint);
                      }
                      storage.put(checkpoint, expectation);
                    })));
  }

  private static void strictIf(
      List<GeneratedMutant> all, String field, Predicate<Checkpoint> isRefused) {
    strict(all, field, (stored, put) -> !isRefused.test(put));
  }

  private static DuplicateCheckpointException duplicate(
      BackendStorage storage, Checkpoint checkpoint) {
    return new DuplicateCheckpointException(storage.descriptor().id(), checkpoint);
  }

  /** Ids are remembered for a number of puts only. */
  private static void window(
      List<GeneratedMutant> all, String field, int size, boolean isOfSession) {
    all.add(
        GeneratedMutant.shared(
            STRICT,
            PATH,
            field,
            () -> {
              Map<Object, Set<String>> recent = new LinkedHashMap<>();
              return good ->
                  Faulty.put(
                      good,
                      (storage, checkpoint, expectation) -> {
                        synchronized (recent) {
                          Set<String> ids =
                              recent.computeIfAbsent(
                                  isOfSession ? checkpoint.sessionKey() : checkpoint.namespace(),
                                  key -> new LinkedHashSet<>());
                          if (storage.get(checkpoint.namespace(), checkpoint.id()).isPresent()
                              && !ids.contains(checkpoint.id())) {
                            throw conflict(storage, checkpoint, expectation);
                          }
                          ids.add(checkpoint.id());
                          if (ids.size() > size) {
                            ids.remove(ids.iterator().next());
                          }
                        }
                        storage.put(checkpoint, expectation);
                      });
            }));
  }

  private static VersionConflictException conflict(
      BackendStorage storage, Checkpoint checkpoint, Expectation expectation) {
    return new VersionConflictException(
        storage.descriptor().id(),
        checkpoint,
        expectation,
        storage.getBySession(checkpoint.sessionKey()).map(Checkpoint::version).orElse(0L));
  }

  private static UnaryOperator<BackendStorage> afterDeletion() {
    Set<SessionKey> deleted = new LinkedHashSet<>();
    return good ->
        Faulty.put(
            Faulty.delete(
                good,
                (storage, namespace, ids) -> {
                  synchronized (deleted) {
                    ids.forEach(
                        id ->
                            storage
                                .get(namespace, id)
                                .ifPresent(it -> deleted.add(it.sessionKey())));
                  }
                  return storage.delete(namespace, ids);
                }),
            (storage, checkpoint, expectation) -> {
              synchronized (deleted) {
                if (deleted.contains(checkpoint.sessionKey())
                    && storage.get(checkpoint.namespace(), checkpoint.id()).isPresent()) {
                  throw duplicate(storage, checkpoint);
                }
              }
              storage.put(checkpoint, expectation);
            });
  }

  private static BackendStorage ifExpectationGiven(BackendStorage good) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          if (expectation.latestId().filter(checkpoint.id()::equals).isPresent()
              && storage.get(checkpoint.namespace(), checkpoint.id()).isPresent()) {
            throw conflict(storage, checkpoint, expectation);
          }
          storage.put(checkpoint, expectation);
        });
  }

  private static BackendStorage asConflict(BackendStorage good) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          Optional<Checkpoint> latest = storage.getBySession(checkpoint.sessionKey());
          if (latest.isPresent()
              && !latest.get().id().equals(checkpoint.id())
              && expectation.latestId().equals(checkpoint.parentId())
              && expectation.latestId().isPresent()
              && storage.get(checkpoint.namespace(), checkpoint.id()).isPresent()) {
            throw conflict(storage, checkpoint, expectation);
          }
          storage.put(checkpoint, expectation);
        });
  }

  // ---- forms

  static Checkpoint withValues(Checkpoint each, UnaryOperator<@Nullable Object> change) {
    return each.toBuilder().values(Faulty.changedEntries(each.values(), change)).build();
  }

  static Checkpoint changeAttributes(Checkpoint each, UnaryOperator<@Nullable Object> change) {
    return withAttributes(each, Faulty.changedEntries(each.metadata().attributes(), change));
  }

  static Checkpoint withAttributes(Checkpoint each, Map<String, @Nullable Object> attributes) {
    CheckpointMetadata metadata = Faulty.attributes(each.metadata(), attributes);
    return each.toBuilder().metadata(metadata).build();
  }

  private static Checkpoint withKeys(Checkpoint each, UnaryOperator<String> change) {
    Map<String, @Nullable Object> changed = new LinkedHashMap<>();
    each.values().forEach((key, value) -> changed.put(change.apply(key), value));
    return each.toBuilder().values(changed).build();
  }

  private static @Nullable Object numbersAsTexts(@Nullable Object value) {
    return value instanceof Number ? "number " + value : value;
  }

  private static @Nullable Object stripped(@Nullable Object value) {
    return value instanceof BigDecimal decimal ? decimal.stripTrailingZeros() : value;
  }

  private static @Nullable Object positiveZero(@Nullable Object value) {
    return value instanceof Double number && number == 0 ? (Object) 0.0 : value;
  }

  private static @Nullable Object cut(@Nullable Object value, int length) {
    return value instanceof String text && text.length() > length
        ? text.substring(0, length)
        : value;
  }

  private static @Nullable Object cutBytes(@Nullable Object value, int length) {
    return value instanceof Binary bytes && bytes.size() > length
        ? Binary.copyOf(Arrays.copyOf(bytes.toByteArray(), length))
        : value;
  }

  private static @Nullable Object sizeOfBytes(@Nullable Object value) {
    return value instanceof Binary bytes ? "bytes " + bytes.size() : value;
  }

  private static @Nullable Object sortedList(@Nullable Object value) {
    return value instanceof List<?> list
        ? list.stream().map(String::valueOf).sorted().toList()
        : value;
  }

  private static UnaryOperator<@Nullable Object> list(int size) {
    return value ->
        value instanceof List<?> list && list.size() > size ? list.subList(0, size) : value;
  }

  private static UnaryOperator<@Nullable Object> map(int size) {
    return value -> {
      if (!(value instanceof Map<?, ?> map) || map.size() <= size) {
        return value;
      }
      Map<Object, @Nullable Object> first = new LinkedHashMap<>();
      map.entrySet().stream()
          .limit(size)
          .forEach(entry -> first.put(entry.getKey(), entry.getValue()));
      return first;
    };
  }

  private static Checkpoint withoutLevels(Checkpoint each, int levels, boolean isOfValues) {
    return isOfValues
        ? each.toBuilder().values(upTo(each.values(), levels)).build()
        : withAttributes(each, upTo(each.metadata().attributes(), levels));
  }

  private static Map<String, @Nullable Object> upTo(Map<?, ?> map, int levels) {
    Map<String, @Nullable Object> first = new LinkedHashMap<>();
    map.forEach((key, value) -> first.put((String) key, valueUpTo(value, levels - 1)));
    return first;
  }

  private static @Nullable Object valueUpTo(@Nullable Object value, int levels) {
    if (value instanceof Map<?, ?> map) {
      return levels == 0 ? "map" : upTo(map, levels);
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> first = new ArrayList<>();
      list.forEach(element -> first.add(valueUpTo(element, levels - 1)));
      return levels == 0 ? "list" : first;
    }
    return value;
  }

  private static @Nullable Object withoutNulls(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      return value;
    }
    Map<Object, Object> present = new LinkedHashMap<>();
    map.forEach(
        (key, entry) -> {
          if (entry != null) {
            present.put(key, entry);
          }
        });
    return present;
  }

  private static @Nullable Object milliseconds(@Nullable Object value) {
    return value instanceof Instant time ? time.truncatedTo(ChronoUnit.MILLIS) : value;
  }

  private static @Nullable Object lowerCase(@Nullable Object value) {
    return value instanceof String text ? text.toLowerCase(Locale.ROOT) : value;
  }

  private static @Nullable Object parsed(@Nullable Object value) {
    try {
      return value instanceof String text ? (Object) Integer.parseInt(text) : value;
    } catch (NumberFormatException e) {
      return value;
    }
  }

  private static @Nullable Object instantAsText(@Nullable Object value) {
    return value instanceof Instant time ? time.toString() : value;
  }

  private static @Nullable Object bytesAsText(@Nullable Object value) {
    return value instanceof Binary bytes
        ? Base64.getEncoder().encodeToString(bytes.toByteArray())
        : value;
  }

  private static boolean isListWithNaN(Object value) {
    return value instanceof List<?> list && list.contains(Double.NaN);
  }

  private static boolean contains(Object value, Predicate<Object> isSought) {
    if (isSought.test(value)) {
      return true;
    }
    if (value instanceof Map<?, ?> map) {
      return map.values().stream().anyMatch(each -> each != null && contains(each, isSought));
    }
    return value instanceof List<?> list
        && list.stream().anyMatch(each -> each != null && contains(each, isSought));
  }

  /** The keys of a map and of those within, between two levels. */
  private static List<Object> keys(Map<?, ?> map, int from, int to) {
    List<Object> keys = new ArrayList<>(from <= 0 ? map.keySet() : Set.of());
    // In the order of their names, so that only the keys of inner maps count.
    new TreeMap<Object, @Nullable Object>(map)
        .values()
        .forEach(
            value -> {
              if (to > 0 && value instanceof Map<?, ?> inner) {
                keys.addAll(keys(inner, from - 1, to - 1));
              }
            });
    return keys;
  }
}
