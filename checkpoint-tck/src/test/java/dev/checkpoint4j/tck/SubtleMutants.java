package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;
import static dev.checkpoint4j.tck.Mutant.storeFault;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import dev.checkpoint4j.spi.ListCursor;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** Faults that show only at an end of a range, at a size, or between two ids that are alike. */
final class SubtleMutants {

  private static final int MAX_TEXT = 255;

  private SubtleMutants() {}

  // ---- what is alike

  private static String prefix(String text, int length) {
    return text.substring(0, Math.min(length, text.length()));
  }

  private static String withoutAccents(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFD).replaceAll("\\p{Mn}", "");
  }

  private static String hiragana(String text) {
    return text.codePoints()
        .map(c -> c >= 0x30a1 && c <= 0x30f6 ? c - 0x60 : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static String withoutSupplementary(String text) {
    return text.replaceAll("[\\x{10000}-\\x{10ffff}]", "?");
  }

  private static String crc(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(crc.getValue());
  }

  private static boolean like(String text, String pattern) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      regex.append(c == '%' ? ".*" : c == '_' ? "." : Pattern.quote(String.valueOf(c)));
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(text).matches();
  }

  private static String uuid(String id) {
    return id.matches("(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
        ? id.toLowerCase(Locale.ROOT)
        : id;
  }

  /** Sessions of the same key are one, under the name that came first. */
  private static Mutant sessionsByKey(String name, UnaryOperator<String> key, String... killers) {
    return storeFault(
        name,
        () -> {
          Map<String, String> names = new ConcurrentHashMap<>();
          return good ->
              Faulty.put(
                  good,
                  (storage, checkpoint) -> {
                    String sessionId = checkpoint.metadata().sessionId();
                    String stored =
                        names.computeIfAbsent(
                            checkpoint.namespace() + "\n" + key.apply(sessionId), k -> sessionId);
                    storage.put(
                        stored.equals(sessionId)
                            ? checkpoint
                            : checkpoint.toBuilder()
                                .metadata(CheckpointMetadata.of(stored))
                                .build(),
                        Expectation.any());
                  });
        },
        killers);
  }

  private static BackendStorage sessionCondition(BackendStorage good, UnaryOperator<String> key) {
    return Faulty.conditions(
        good,
        query -> query.sessionId().isPresent(),
        (query, header) -> {
          String actual = header.metadata().sessionId();
          return key.apply(actual).equals(key.apply(query.sessionId().orElseThrow()))
              && query.toBuilder().sessionId(actual).build().matches(header);
        });
  }

  private static BackendStorage taskCondition(BackendStorage good, UnaryOperator<String> key) {
    return Faulty.conditions(
        good,
        query -> query.taskId().isPresent(),
        (query, header) ->
            header
                .metadata()
                .taskId()
                .filter(
                    actual ->
                        key.apply(actual).equals(key.apply(query.taskId().orElseThrow()))
                            && query.toBuilder().taskId(actual).build().matches(header))
                .isPresent());
  }

  /** Attributes match also if the mutant takes the two values for equal. */
  private static BackendStorage attributeCondition(
      BackendStorage good, BiPredicate<Object, Object> alike) {
    return Faulty.conditions(
        good,
        query -> !query.attributes().isEmpty(),
        (query, header) -> {
          CheckpointQuery.Builder own = query.toBuilder();
          query
              .attributes()
              .forEach(
                  (name, wanted) -> {
                    Object actual = header.metadata().attributes().get(name);
                    if (actual != null && wanted != null && alike.test(actual, wanted)) {
                      own.attribute(name, actual);
                    }
                  });
          return own.build().matches(header);
        });
  }

  private static BiPredicate<Object, Object> texts(BiPredicate<String, String> alike) {
    return (actual, wanted) ->
        actual instanceof String a && wanted instanceof String w && alike.test(a, w);
  }

  private static BackendStorage timeCondition(BackendStorage good, Comparator<Instant> order) {
    return Faulty.conditions(
        good,
        query -> query.tsFrom().isPresent() || query.tsBefore().isPresent(),
        (query, header) -> {
          CheckpointHeader within =
              Checkpoint.builder(header.metadata())
                  .namespace(header.namespace())
                  .id(header.id())
                  .version(header.version())
                  .parentId(header.parentId().orElse(null))
                  .ts(
                      query
                          .tsFrom()
                          .filter(from -> !from.isBefore(CheckpointHeader.MIN_TS))
                          .orElse(CheckpointHeader.MIN_TS))
                  .values(Map.of())
                  .build()
                  .header();
          return query.toBuilder().tsBefore(Instant.MAX).build().matches(within)
              && query.tsFrom().map(from -> order.compare(header.ts(), from) >= 0).orElse(true)
              && query
                  .tsBefore()
                  .map(before -> order.compare(header.ts(), before) < 0)
                  .orElse(true);
        });
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  // ---- what is in a checkpoint

  private static boolean holds(@Nullable Object value, Predicate<@Nullable Object> wanted) {
    if (value instanceof Map<?, ?> map) {
      return map.values().stream().anyMatch(nested -> holds(nested, wanted));
    }
    if (value instanceof List<?> list) {
      return list.stream().anyMatch(nested -> holds(nested, wanted));
    }
    return wanted.test(value);
  }

  private static int depth(@Nullable Object value) {
    Collection<?> nested =
        value instanceof Map<?, ?> map
            ? map.values()
            : value instanceof List<?> list ? list : List.of();
    return 1 + nested.stream().mapToInt(SubtleMutants::depth).max().orElse(0);
  }

  private static <V extends @Nullable Object> Map<String, V> first(Map<String, V> map, int count) {
    Map<String, V> first = new LinkedHashMap<>();
    map.entrySet().stream()
        .limit(count)
        .forEach(entry -> first.put(entry.getKey(), entry.getValue()));
    return first;
  }

  /** A stored checkpoint with the same id that is, or is not, taken for equal. */
  private static BackendStorage retry(
      BackendStorage good, BiPredicate<Checkpoint, Checkpoint> isEqual) {
    return Faulty.put(
        good,
        (storage, checkpoint) -> {
          Optional<Checkpoint> stored = storage.get(checkpoint.namespace(), checkpoint.id());
          if (stored.isEmpty()) {
            storage.put(checkpoint, Expectation.any());
          } else if (!isEqual.test(stored.get(), checkpoint)) {
            throw new DuplicateCheckpointException(storage.descriptor().id(), checkpoint);
          }
        });
  }

  private static @Nullable Object positiveZero(@Nullable Object value) {
    return value instanceof Double number && number == 0.0 ? (Object) 0.0 : value;
  }

  private static Map<String, @Nullable Object> withoutSigns(Checkpoint checkpoint) {
    return Faulty.changedEntries(checkpoint.values(), SubtleMutants::positiveZero);
  }

  private static Checkpoint attributesSorted(Checkpoint checkpoint) {
    return checkpoint.toBuilder()
        .metadata(
            Faulty.attributes(
                checkpoint.metadata(), new TreeMap<>(checkpoint.metadata().attributes())))
        .build();
  }

  /** A checkpoint that holds only what its base has not, when the base is gone. */
  private static void loseWhatTheBaseHeld(BackendStorage storage, Checkpoint base) {
    List<Checkpoint> later =
        Faulty.versions(storage, base.sessionKey()).stream()
            .filter(other -> other.version() > base.version())
            .toList();
    if (later.isEmpty()) {
      return;
    }
    Checkpoint next = later.get(later.size() - 1);
    Map<String, @Nullable Object> values = new LinkedHashMap<>(next.values());
    values.entrySet().removeAll(base.values().entrySet());
    storage.delete(base.namespace(), later.stream().map(Checkpoint::id).toList());
    storage.put(next.toBuilder().values(values).build(), Expectation.any());
    for (int i = later.size() - 2; i >= 0; i--) {
      storage.put(later.get(i), Expectation.any());
    }
  }

  private static Page<Checkpoint> withCursor(Page<Checkpoint> page, UnaryOperator<ListCursor> f) {
    return new Page<>(
        page.items(), page.nextCursor().map(c -> f.apply(ListCursor.decode(c)).encode()));
  }

  private static ErrorContext context(BackendStorage storage, String operation) {
    return ErrorContext.of(storage.descriptor().id(), operation);
  }

  static List<Mutant> all() {
    return List.of(
        // ---- retries
        handleFault(
            "retry with a NaN is a duplicate",
            good ->
                retry(
                    good,
                    (stored, put) ->
                        stored.equals(put)
                            && !holds(
                                put.values(), value -> Double.valueOf(Double.NaN).equals(value))),
            "PUT-08"),
        handleFault(
            "0.0 for -0.0 is a retry",
            good ->
                retry(
                    good,
                    (stored, put) ->
                        stored.header().equals(put.header())
                            && withoutSigns(stored).equals(withoutSigns(put))),
            "PUT-08"),
        handleFault(
            "bytes compared by identity in a retry",
            good ->
                retry(
                    good,
                    (stored, put) ->
                        stored.equals(put)
                            && !holds(put.values(), value -> value instanceof Binary)),
            "PUT-08"),
        handleFault(
            "equality of hashes",
            good ->
                retry(
                    good,
                    (stored, put) ->
                        stored.header().equals(put.header())
                            && stored.values().hashCode() == put.values().hashCode()),
            "PUT-09"),
        handleFault(
            "retry updates the order of keys",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      if (storage
                          .getBySession(checkpoint.sessionKey())
                          .equals(Optional.of(checkpoint))) {
                        storage.delete(checkpoint.namespace(), List.of(checkpoint.id()));
                      }
                      storage.put(checkpoint, Expectation.any());
                    }),
            "PUT-08"),
        // ---- versions
        handleFault(
            "cursor behind the greatest version overflows",
            good ->
                Faulty.list(
                    good,
                    (storage, query) ->
                        query.order() == Order.OLDEST_FIRST
                                && query
                                    .cursor()
                                    .map(ListCursor::decode)
                                    .filter(cursor -> cursor.position() == Long.MAX_VALUE)
                                    .isPresent()
                            ? storage.list(query.toBuilder().cursor(null).build())
                            : storage.list(query)),
            "LIST-09"),
        handleFault(
            "cursor with a version in a double",
            good ->
                Faulty.list(
                    good,
                    (storage, query) ->
                        withCursor(
                            storage.list(query),
                            cursor ->
                                new ListCursor(cursor.key(), (long) (double) cursor.position()))),
            "LIST-09"),
        handleFault(
            "range of versions compared as doubles",
            good ->
                Faulty.conditions(
                    good,
                    query -> query.minVersion() > 1L << 53,
                    (query, header) ->
                        (double) header.version() >= (double) query.minVersion()
                            && (double) header.version() <= (double) query.maxVersion()
                            && query.toBuilder()
                                .versions(1, Long.MAX_VALUE)
                                .build()
                                .matches(header)),
            "LIST-06"),
        handleFault(
            "versions ordered as doubles, then by id",
            good ->
                Faulty.list(
                    good,
                    (storage, query) -> {
                      Page<Checkpoint> page = storage.list(query);
                      Comparator<Checkpoint> byScore =
                          Comparator.comparingDouble((Checkpoint c) -> (double) c.version())
                              .thenComparing(Checkpoint::id);
                      Comparator<Checkpoint> order =
                          Comparator.comparing((Checkpoint c) -> c.metadata().sessionId())
                              .thenComparing(
                                  query.order() == Order.OLDEST_FIRST
                                      ? byScore
                                      : byScore.reversed());
                      return new Page<>(
                          page.items().stream().sorted(order).toList(), page.nextCursor());
                    }),
            "LIST-02",
            "LIST-09"),
        // ---- times
        handleFault(
            "times of a query overflow",
            good -> timeCondition(good, Comparator.comparingLong(SubtleMutants::micros)),
            "LIST-07"),
        handleFault(
            "times compared as texts",
            good -> timeCondition(good, Comparator.comparing(Instant::toString)),
            "LIST-07"),
        handleFault(
            "times compared in local time",
            good ->
                timeCondition(
                    good,
                    Comparator.comparing(
                        instant -> LocalDateTime.ofInstant(instant, ZoneId.of("Europe/Berlin")))),
            "LIST-07"),
        handleFault(
            "end of a range of times is at most the greatest time",
            good ->
                Faulty.list(
                    good,
                    (storage, query) ->
                        query.tsBefore().filter(CheckpointHeader.MAX_TS::isBefore).isPresent()
                            ? storage.list(
                                query.toBuilder().tsBefore(CheckpointHeader.MAX_TS).build())
                            : storage.list(query)),
            "LIST-07"),
        // ---- attributes
        handleFault(
            "attribute named as a field is lost",
            good ->
                Faulty.stored(
                    good,
                    checkpoint -> {
                      Map<String, @Nullable Object> left =
                          new LinkedHashMap<>(checkpoint.metadata().attributes());
                      left.keySet().removeAll(Set.of("id", "sessionId", "version", "ts"));
                      return checkpoint.toBuilder()
                          .metadata(Faulty.attributes(checkpoint.metadata(), left))
                          .build();
                    }),
            "VAL-07"),
        handleFault(
            "filter: attribute named as a field",
            good ->
                Faulty.conditions(
                    good,
                    query -> query.attributes().containsKey("version"),
                    (query, header) ->
                        Objects.equals(query.attributes().get("version"), header.version())),
            "ATTR-04"),
        handleFault(
            "filter: wildcards in strings",
            good -> attributeCondition(good, texts(SubtleMutants::like)),
            "ATTR-07"),
        handleFault(
            "filter: emoji are all alike",
            good ->
                attributeCondition(
                    good, texts((a, b) -> withoutSupplementary(a).equals(withoutSupplementary(b)))),
            "ATTR-07"),
        handleFault(
            "filter: strings compared up to a length",
            good ->
                attributeCondition(
                    good, texts((a, b) -> prefix(a, MAX_TEXT).equals(prefix(b, MAX_TEXT)))),
            "ATTR-07"),
        handleFault(
            "filter: instants in milliseconds",
            good ->
                attributeCondition(
                    good,
                    (a, b) ->
                        a instanceof Instant x
                            && b instanceof Instant y
                            && x.toEpochMilli() == y.toEpochMilli()),
            "ATTR-01"),
        handleFault(
            "filter: bytes match their text",
            good ->
                attributeCondition(
                    good,
                    (a, b) ->
                        a instanceof Binary x
                            && b instanceof String y
                            && Base64.getEncoder().encodeToString(x.toByteArray()).equals(y)),
            "ATTR-01"),
        handleFault(
            "filter: doubles compared as floats",
            good ->
                attributeCondition(
                    good,
                    (a, b) ->
                        a instanceof Double x
                            && b instanceof Double y
                            && Float.compare(x.floatValue(), y.floatValue()) == 0),
            "ATTR-01"),
        handleFault(
            "filter: null nested in a list ignored",
            good ->
                attributeCondition(
                    good,
                    (a, b) ->
                        a instanceof List<?> x
                            && b instanceof List<?> y
                            && x.stream().filter(Objects::nonNull).toList().equals(y)),
            "ATTR-03"),
        handleFault(
            "attributes nested deeper than 100 lost",
            good ->
                Faulty.stored(
                    good,
                    checkpoint ->
                        depth(checkpoint.metadata().attributes()) > 100
                            ? checkpoint.toBuilder()
                                .metadata(Faulty.attributes(checkpoint.metadata(), Map.of()))
                                .build()
                            : checkpoint),
            "VAL-09"),
        handleFault(
            "attributes beyond the hundredth lost",
            good ->
                Faulty.stored(
                    good,
                    checkpoint ->
                        checkpoint.toBuilder()
                            .metadata(
                                Faulty.attributes(
                                    checkpoint.metadata(),
                                    first(checkpoint.metadata().attributes(), 100)))
                            .build()),
            "LARGE-05"),
        handleFault(
            "order of attributes lost in listings",
            good ->
                Faulty.list(
                    good,
                    (storage, query) -> storage.list(query).map(SubtleMutants::attributesSorted)),
            "VAL-08"),
        handleFault(
            "order of attributes lost in the latest",
            good ->
                Faulty.latest(
                    good,
                    (storage, session) ->
                        storage.getBySession(session).map(SubtleMutants::attributesSorted)),
            "VAL-08"),
        // ---- ids
        sessionsByKey(
            "sessions by a hash of 32 bits", text -> Integer.toString(text.hashCode()), "ID-01"),
        sessionsByKey("sessions by a checksum", SubtleMutants::crc, "ID-01"),
        sessionsByKey("kana folded", SubtleMutants::hiragana, "ID-01"),
        sessionsByKey("UUIDs normalised", SubtleMutants::uuid, "ID-01"),
        handleFault(
            "sessions matched without accents",
            good -> sessionCondition(good, SubtleMutants::withoutAccents),
            "ID-01"),
        handleFault(
            "tasks matched up to a length",
            good -> taskCondition(good, text -> prefix(text, MAX_TEXT)),
            "ID-05"),
        handleFault(
            "ids deleted up to a length",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      List<String> all = new ArrayList<>(ids);
                      Faulty.everything(storage, namespace, Order.NEWEST_FIRST).stream()
                          .map(Checkpoint::id)
                          .filter(
                              id ->
                                  ids.stream()
                                      .anyMatch(it -> prefix(it, 254).equals(prefix(id, 254))))
                          .forEach(all::add);
                      return storage.delete(namespace, ids.size() > 100 ? ids : all);
                    }),
            "ID-05"),
        handleFault(
            "sessions normalised on delete",
            good ->
                Faulty.deleteBySession(
                    good,
                    (storage, session) -> {
                      String composed =
                          Normalizer.normalize(session.sessionId(), Normalizer.Form.NFC);
                      SessionKey other = new SessionKey(session.namespace(), composed);
                      return storage.deleteBySession(session)
                          + (other.equals(session) ? 0 : storage.deleteBySession(other));
                    }),
            "ID-07"),
        handleFault(
            "sessions named as temporary files not listed",
            good ->
                Faulty.sessions(
                    good,
                    (storage, namespace, limit, cursor) -> {
                      Page<SessionKey> page = storage.listSessions(namespace, limit, cursor);
                      return new Page<>(
                          page.items().stream()
                              .filter(session -> !session.sessionId().endsWith(".tmp"))
                              .toList(),
                          page.nextCursor());
                    }),
            "ID-01"),
        handleFault(
            "list in another order than its cursors",
            good ->
                Faulty.list(
                    good,
                    (storage, query) -> {
                      Comparator<Checkpoint> order =
                          Comparator.comparing(
                              (Checkpoint c) -> c.metadata().sessionId(),
                              String.CASE_INSENSITIVE_ORDER.thenComparing(
                                  Comparator.naturalOrder()));
                      return Faulty.page(
                          Faulty.everything(storage, query.namespace(), query.order()).stream()
                              .filter(found -> query.matches(found.header()))
                              .sorted(order)
                              .toList(),
                          query);
                    }),
            "SESS-03"),
        handleFault(
            "ids are too long together",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      String key =
                          checkpoint.namespace()
                              + "/"
                              + checkpoint.metadata().sessionId()
                              + "/"
                              + checkpoint.id();
                      if (key.getBytes(StandardCharsets.UTF_8).length > 1000) {
                        throw new StorageLimitExceededException(
                            "the key is too long",
                            context(storage, "put").checkpoint(checkpoint),
                            null);
                      }
                      storage.put(checkpoint, Expectation.any());
                    }),
            "ID-06"),
        handleFault(
            "filter: attributes after the second ignored",
            good ->
                Faulty.list(
                    good,
                    (storage, query) -> {
                      CheckpointQuery.Builder two =
                          CheckpointQuery.builder(query.namespace())
                              .order(query.order())
                              .limit(query.limit())
                              .cursor(query.cursor().orElse(null));
                      query.attributes().entrySet().stream()
                          .limit(2)
                          .forEach(entry -> two.attribute(entry.getKey(), entry.getValue()));
                      return storage.list(query.attributes().size() > 2 ? two.build() : query);
                    }),
            "ATTR-05"),
        storeFault(
            "refused for its size, an id stays taken",
            () -> {
              Set<String> taken = ConcurrentHashMap.newKeySet();
              return good ->
                  Faulty.descriptor(
                      Faulty.put(
                          good,
                          (storage, checkpoint) -> {
                            if (taken.contains(checkpoint.id())) {
                              throw new DuplicateCheckpointException(
                                  storage.descriptor().id(), checkpoint);
                            }
                            if (holds(
                                checkpoint.values(),
                                value -> value instanceof Binary b && b.size() > 1 << 18)) {
                              taken.add(checkpoint.id());
                              throw new StorageLimitExceededException(
                                  "the row is too large",
                                  context(storage, "put").checkpoint(checkpoint),
                                  null);
                            }
                            storage.put(checkpoint, Expectation.any());
                          }),
                      descriptor -> limitedTo(1 << 18, descriptor));
            },
            "LARGE-07"),
        handleFault(
            "long cursor refused",
            good ->
                Faulty.list(
                    good,
                    (storage, query) -> {
                      if (query.cursor().orElse("").length() > MAX_TEXT) {
                        throw new IllegalArgumentException("the cursor is too long");
                      }
                      return storage.list(query);
                    }),
            "ID-05"),
        storeFault(
            "namespaces that go on after a colon are listed together",
            () -> {
              Set<String> namespaces = ConcurrentHashMap.newKeySet();
              return good ->
                  Faulty.sessions(
                      Faulty.put(
                          good,
                          (storage, checkpoint) -> {
                            namespaces.add(checkpoint.namespace());
                            storage.put(checkpoint, Expectation.any());
                          }),
                      (storage, namespace, limit, cursor) -> {
                        Page<SessionKey> page = storage.listSessions(namespace, limit, cursor);
                        if (page.nextCursor().isPresent()) {
                          return page;
                        }
                        List<SessionKey> found = new ArrayList<>(page.items());
                        namespaces.stream()
                            .filter(it -> it.startsWith(namespace + ":"))
                            .flatMap(
                                it ->
                                    storage
                                        .listSessions(it, limit, Optional.empty())
                                        .items()
                                        .stream())
                            .forEach(found::add);
                        return new Page<>(
                            found.subList(0, Math.min(limit, found.size())), Optional.empty());
                      });
            },
            "ISOL-03"),
        // ---- sizes
        handleFault(
            "more than 65,535 entries dropped",
            good -> Faulty.values(good, SubtleMutants::atMost65535),
            "LARGE-04"),
        handleFault(
            "keys over 65,535 bytes cut",
            good ->
                Faulty.stored(
                    good,
                    checkpoint -> {
                      Map<String, @Nullable Object> values = new LinkedHashMap<>();
                      checkpoint
                          .values()
                          .forEach((key, value) -> values.put(prefix(key, 65_535), value));
                      return checkpoint.toBuilder().values(values).build();
                    }),
            "LARGE-04"),
        handleFault(
            "more than 32,767 ids refused",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      if (ids.size() > 32_767) {
                        throw new StorageUnavailableException(
                            "too many parameters", context(storage, "delete"), null);
                      }
                      return storage.delete(namespace, ids);
                    }),
            "VOL-01"),
        handleFault(
            "headers beyond 4,096 not listed",
            good ->
                Faulty.headers(
                    good,
                    (storage, query) -> {
                      Page<CheckpointHeader> page = storage.listHeaders(query);
                      boolean isEnd =
                          page.items().stream()
                              .anyMatch(
                                  header -> header.version() == 5_904 && query.limit() == 1000);
                      return isEnd ? Page.of(page.items(), null) : page;
                    }),
            "VOL-01"),
        handleFault(
            "numbers over 1,000 digits lost",
            good ->
                Faulty.values(
                    good,
                    value ->
                        value instanceof BigInteger number && number.bitLength() > 3322
                            ? BigInteger.ZERO
                            : value),
            "VAL-03"),
        handleFault(
            "half the declared limit is refused",
            good ->
                Faulty.descriptor(
                    Faulty.put(
                        good,
                        (storage, checkpoint) -> {
                          if (holds(
                              checkpoint.values(),
                              value -> value instanceof Binary b && b.size() > 1 << 15)) {
                            throw new StorageLimitExceededException(
                                "the row is too large",
                                context(storage, "put").checkpoint(checkpoint),
                                null);
                          }
                          storage.put(checkpoint, Expectation.any());
                        }),
                    descriptor -> limitedTo(1 << 18, descriptor)),
            "LARGE-07"),
        // ---- handles
        new Mutant(
            "closing twice counts twice",
            SubtleMutants::countingHandles,
            Set.of("CLOSE-01"),
            false),
        handleFault(
                "listing under way ends in an exception of the medium",
                SubtleMutants::listingFromAClosedMedium,
                "CLOSE-05")
            .racy(),
        handleFault(
            "absent id remembered by a handle",
            good -> {
              Set<String> absent = ConcurrentHashMap.newKeySet();
              return Faulty.put(
                  Faulty.get(
                      good,
                      (storage, namespace, id) -> {
                        if (absent.contains(namespace + "\n" + id)) {
                          return Optional.empty();
                        }
                        Optional<Checkpoint> found = storage.get(namespace, id);
                        if (found.isEmpty()) {
                          absent.add(namespace + "\n" + id);
                        }
                        return found;
                      }),
                  (storage, checkpoint) -> {
                    storage.put(checkpoint, Expectation.any());
                    absent.remove(checkpoint.namespace() + "\n" + checkpoint.id());
                  });
            },
            "HNDL-01"),
        handleFault(
            "record remembered by a handle that has read it by id",
            good -> {
              Map<String, Checkpoint> read = new ConcurrentHashMap<>();
              return Faulty.delete(
                  Faulty.deleteBySession(
                      Faulty.get(
                          good,
                          (storage, namespace, id) -> {
                            Optional<Checkpoint> known =
                                Optional.ofNullable(read.get(namespace + "\n" + id));
                            Optional<Checkpoint> found = known.or(() -> storage.get(namespace, id));
                            found.ifPresent(it -> read.put(namespace + "\n" + id, it));
                            return found;
                          }),
                      (storage, session) -> {
                        read.clear();
                        return storage.deleteBySession(session);
                      }),
                  (storage, namespace, ids) -> {
                    read.clear();
                    return storage.delete(namespace, ids);
                  });
            },
            "HNDL-02"),
        handleFault(
            "sessions remembered by a handle",
            good -> {
              Map<String, Page<SessionKey>> pages = new ConcurrentHashMap<>();
              return Faulty.put(
                  Faulty.deleteBySession(
                      Faulty.delete(
                          Faulty.sessions(
                              good,
                              (storage, namespace, limit, cursor) ->
                                  pages.computeIfAbsent(
                                      namespace + "\n" + limit + cursor,
                                      key -> storage.listSessions(namespace, limit, cursor))),
                          (storage, namespace, ids) -> {
                            pages.clear();
                            return storage.delete(namespace, ids);
                          }),
                      (storage, session) -> {
                        pages.clear();
                        return storage.deleteBySession(session);
                      }),
                  (storage, checkpoint) -> {
                    pages.clear();
                    storage.put(checkpoint, Expectation.any());
                  });
            },
            "HNDL-02"),
        handleFault(
            "latest remembered after 500 reads",
            good -> {
              AtomicInteger reads = new AtomicInteger();
              Map<SessionKey, Checkpoint> latest = new ConcurrentHashMap<>();
              return Faulty.put(
                  Faulty.latest(
                      good,
                      (storage, session) -> {
                        if (reads.incrementAndGet() < 500) {
                          return storage.getBySession(session);
                        }
                        return Optional.ofNullable(
                            latest.computeIfAbsent(
                                session, key -> storage.getBySession(key).orElse(null)));
                      }),
                  (storage, checkpoint) -> {
                    storage.put(checkpoint, Expectation.any());
                    latest.remove(checkpoint.sessionKey());
                  });
            },
            "VOL-01"),
        // ---- deletions
        storeFault(
            "a version is kept as what differs from the one before",
            () ->
                good ->
                    Faulty.delete(
                        good,
                        (storage, namespace, ids) -> {
                          List<Checkpoint> bases =
                              ids.stream()
                                  .flatMap(id -> storage.get(namespace, id).stream())
                                  .toList();
                          long deleted = storage.delete(namespace, ids);
                          if (ids.size() < 5) {
                            bases.forEach(base -> loseWhatTheBaseHeld(storage, base));
                          }
                          return deleted;
                        }),
            "DEL-05"),
        handleFault(
            "interrupted deletion returns without having deleted",
            good ->
                Faulty.deleteBySession(
                    Faulty.delete(
                        good,
                        (storage, namespace, ids) ->
                            Thread.currentThread().isInterrupted()
                                ? 0
                                : storage.delete(namespace, ids)),
                    (storage, session) ->
                        Thread.currentThread().isInterrupted()
                            ? 0
                            : storage.deleteBySession(session)),
            "FAIL-05"),
        storeFault("deletions in opposite orders meet", SubtleMutants::lockingById, "RACE-12")
            .racy(),
        handleFault(
            "refused duplicate leaves a session",
            good -> {
              Set<SessionKey> left = ConcurrentHashMap.newKeySet();
              return Faulty.sessions(
                  Faulty.put(
                      good,
                      (storage, checkpoint) -> {
                        try {
                          storage.put(checkpoint, Expectation.any());
                        } catch (DuplicateCheckpointException e) {
                          left.add(checkpoint.sessionKey());
                          throw e;
                        }
                      }),
                  (storage, namespace, limit, cursor) -> {
                    Page<SessionKey> page = storage.listSessions(namespace, limit, cursor);
                    List<SessionKey> found = new ArrayList<>(page.items());
                    left.stream()
                        .filter(it -> it.namespace().equals(namespace) && !found.contains(it))
                        .forEach(found::add);
                    return page.nextCursor().isPresent() || found.size() > limit
                        ? page
                        : new Page<>(found, Optional.empty());
                  });
            },
            "PUT-10"),
        handleFault(
            "cursor needs a session that is asked for",
            good ->
                Faulty.list(
                    good,
                    (storage, query) -> {
                      if (query.cursor().isPresent()
                          && query.sessionId().isPresent()
                          && storage
                              .getBySession(
                                  new SessionKey(
                                      query.namespace(), query.sessionId().orElseThrow()))
                              .isEmpty()) {
                        throw new IllegalArgumentException("the cursor is of no session");
                      }
                      return storage.list(query);
                    }),
            "CURS-03"),
        storeFault(
            "deleted id keeps its session",
            () -> {
              Map<String, String> sessions = new ConcurrentHashMap<>();
              return good ->
                  Faulty.put(
                      good,
                      (storage, checkpoint) -> {
                        String sessionId = checkpoint.metadata().sessionId();
                        String known =
                            sessions.getOrDefault(
                                checkpoint.namespace() + "\n" + checkpoint.id(), sessionId);
                        if (!known.equals(sessionId)) {
                          throw new DuplicateCheckpointException(
                              storage.descriptor().id(), checkpoint);
                        }
                        storage.put(checkpoint, Expectation.any());
                        sessions.put(checkpoint.namespace() + "\n" + checkpoint.id(), sessionId);
                      });
            },
            "DEL-09"),
        storeFault(
                "record found by id before its values are written",
                () -> {
                  Map<String, Checkpoint> underWay = new ConcurrentHashMap<>();
                  return good ->
                      Faulty.get(
                          Faulty.put(
                              good,
                              (storage, checkpoint) -> {
                                underWay.put(checkpoint.namespace() + checkpoint.id(), checkpoint);
                                LockSupport.parkNanos(1_000);
                                try {
                                  storage.put(checkpoint, Expectation.any());
                                } finally {
                                  underWay.remove(checkpoint.namespace() + checkpoint.id());
                                }
                              }),
                          (storage, namespace, id) ->
                              storage
                                  .get(namespace, id)
                                  .or(
                                      () ->
                                          Optional.ofNullable(underWay.get(namespace + id))
                                              .map(it -> it.toBuilder().values(Map.of()).build())));
                },
                "RACE-13")
            .racy());
  }

  private static BackendDescriptor limitedTo(long bytes, BackendDescriptor descriptor) {
    return BackendDescriptor.builder(descriptor.id(), descriptor.durability())
        .capabilities(descriptor.capabilities())
        .maxDocumentBytes(bytes)
        .build();
  }

  private static @Nullable Object atMost65535(@Nullable Object value) {
    if (value instanceof List<?> list && list.size() > 65_535) {
      return list.subList(0, 65_535);
    }
    return value;
  }

  /** Handles of a store that is forgotten when, by its count, the last handle was closed. */
  private static Mutant.Store countingHandles() {
    Map<String, ReferenceBackend> stores = new ConcurrentHashMap<>();
    Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
    return scope -> {
      AtomicInteger count = counts.computeIfAbsent(scope.name(), name -> new AtomicInteger());
      count.incrementAndGet();
      BackendStorage handle =
          stores.computeIfAbsent(scope.name(), name -> new ReferenceBackend()).handle();
      return Faulty.close(
          handle,
          storage -> {
            storage.close();
            if (count.decrementAndGet() == 0) {
              stores.remove(scope.name());
            }
          });
    };
  }

  /** The medium is closed a moment before the handle is. */
  private static BackendStorage listingFromAClosedMedium(BackendStorage good) {
    AtomicBoolean mediumClosed = new AtomicBoolean();
    return new ForwardingBackendStorage(good) {
      @Override
      public Page<Checkpoint> list(CheckpointQuery query) {
        Page<Checkpoint> page = super.list(query);
        if (mediumClosed.get()) {
          throw new UnsupportedOperationException("the result set is closed");
        }
        return page;
      }

      @Override
      public void close() {
        if (!mediumClosed.getAndSet(true)) {
          long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
          while (System.nanoTime() < end) {
            Thread.onSpinWait();
          }
        }
        super.close();
      }
    };
  }

  /** A deletion locks one id after the other, and gives up when another holds one. */
  private static UnaryOperator<BackendStorage> lockingById() {
    Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();
    return good ->
        Faulty.delete(
            good,
            (storage, namespace, ids) -> {
              List<ReentrantLock> held = new ArrayList<>();
              try {
                for (String id : ids) {
                  ReentrantLock lock = locks.computeIfAbsent(id, key -> new ReentrantLock());
                  if (!acquire(lock)) {
                    throw new StorageUnavailableException(
                        "chosen as the victim of a deadlock", context(storage, "delete"), null);
                  }
                  held.add(lock);
                  LockSupport.parkNanos(1_000);
                }
                return storage.delete(namespace, ids);
              } finally {
                held.forEach(ReentrantLock::unlock);
              }
            });
  }

  private static boolean acquire(ReentrantLock lock) {
    try {
      return lock.tryLock(50, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return lock.tryLock();
    }
  }
}
