package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.tck.ModelTheme.Extra;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The few values of each field that a history uses, so that its calls meet. A choice from a pool
 * costs the same of every theme: what is chosen by the numbers of a {@link Random} keeps its place
 * when the theme is replaced by a tamer one.
 */
final class ModelPools {

  private static final int NAMESPACES = 3;

  /** Longer than a segment, a page or a column of most media. */
  private static final int LONG_TEXT = 70_000;

  private static final int MANY = 100;

  /** Keys that a medium may cut, take for syntax, or take for one another or for a field. */
  private static final List<List<String>> KEYS =
      List.of(
          List.of("", " ", "\u0000", "null"),
          List.of("a\u0000b", "a", "a\u0000", "a\u0000c"),
          List.of("a.b", "a", "b", "$.a"),
          List.of("a[0]", "a", "a[*]", "['a']"),
          List.of("\ud800", "\udfff", "?", "\ufffd"),
          List.of("id", "ts", "version", "sessionId"),
          List.of("values", "attributes", "taskId", "parentId"),
          List.of("$a", "$ref", "@type", "_id"),
          List.of("a\nb", "a b", "a\tb", "ab"),
          List.of("x".repeat(2_000), "x".repeat(1_999), "x".repeat(1_999) + "y", "x"));

  private final ModelTheme theme;
  private final List<String> names;
  private final List<String> namespaces;
  private final List<String> ids;
  private final List<String> keys;
  private final List<Long> versions;
  private final List<Instant> times;
  private final List<@Nullable Object> values;

  /** The namespaces of the history start with {@code prefix}. */
  ModelPools(ModelTheme theme, String prefix) {
    this.theme = theme;
    names = theme.names().names(new Random(theme.seed()));
    namespaces = names.stream().limit(NAMESPACES).map(prefix::concat).toList();
    ids = Stream.of("", "i", "2-").flatMap(start -> names.stream().map(start::concat)).toList();
    keys = keys(new Random(theme.seed()));
    versions = theme.versions().pool(new Random(theme.seed()));
    times = theme.times().pool(new Random(theme.seed()));
    values = theme.values().pool(names, new Random(theme.seed()));
  }

  /** The names of the history, or keys that nothing but a key may be. */
  private List<String> keys(Random random) {
    boolean areNames = random.nextBoolean();
    List<String> others = KEYS.get(random.nextInt(KEYS.size()));
    return areNames || theme.names() == Confusion.NONE ? names : others;
  }

  List<String> namespaces() {
    return namespaces;
  }

  List<SessionKey> sessions() {
    return namespaces.stream()
        .flatMap(namespace -> names.stream().map(name -> new SessionKey(namespace, name)))
        .toList();
  }

  List<String> ids() {
    return ids;
  }

  // ---- choices

  /** Those of a history after its steps: the same however many steps are left out. */
  Random choicesOfTheEnd() {
    return new Random(theme.seed());
  }

  private static <T extends @Nullable Object> T any(List<T> pool, Random random) {
    return pool.get(random.nextInt(pool.size()));
  }

  /** The first ones more often, so that calls meet. */
  private static <T> T oneOfTheFirst(List<T> pool, Random random) {
    return pool.get(Math.min(random.nextInt(pool.size()), random.nextInt(pool.size())));
  }

  String namespace(Random random) {
    return oneOfTheFirst(namespaces, random);
  }

  SessionKey session(Random random) {
    return new SessionKey(namespace(random), oneOfTheFirst(names, random));
  }

  String id(Random random) {
    return any(ids, random);
  }

  /** Another one that is made as the given one. */
  String similarId(String id, Random random) {
    int index = Math.max(0, ids.indexOf(id));
    int place = index % Confusion.NAMES;
    int other = (place + 1 + random.nextInt(Confusion.NAMES - 1)) % Confusion.NAMES;
    return ids.get(index - place + other);
  }

  private @Nullable String absentOrName(Random random) {
    String name = oneOfTheFirst(names, random);
    return random.nextInt(3) == 0 ? null : name;
  }

  private String key(Random random) {
    return any(keys, random);
  }

  /** One that is greater than the given one, mostly the next of the pool. */
  long versionAfter(long latest, Random random) {
    List<Long> greater = versions.stream().filter(version -> version > latest).toList();
    int skipped = random.nextInt(3);
    if (greater.isEmpty()) {
      return latest > Long.MAX_VALUE - 3 ? Long.MAX_VALUE : latest + 1 + skipped;
    }
    return greater.get(skipped == 2 ? greater.size() / 2 : 0);
  }

  /** One that is not greater than the given one. */
  long versionUpTo(long latest, Random random) {
    List<Long> others = versions.stream().filter(version -> version < latest).toList();
    boolean isLatest = random.nextInt(3) == 0;
    int choice = random.nextInt(ModelTheme.POOL);
    return isLatest || others.isEmpty()
        ? Math.max(1, latest)
        : others.get(others.size() - 1 - choice % others.size());
  }

  private @Nullable Object scalar(Random random) {
    Object value = any(values, random);
    boolean isLong = random.nextInt(3) == 0;
    String end = random.nextBoolean() ? "0" : "1";
    return isLong && theme.extras().contains(Extra.LONG_TEXTS)
        ? "x".repeat(LONG_TEXT) + end
        : value;
  }

  private @Nullable Object value(int depth, Random random) {
    return switch (depth == 0 ? 0 : random.nextInt(6)) {
      case 1 -> map(random.nextInt(3), depth - 1, random);
      case 2 -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
          list.add(value(depth - 1, random));
        }
        yield list;
      }
      default -> scalar(random);
    };
  }

  private Map<String, @Nullable Object> map(int size, int depth, Random random) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      map.put(key(random), value(depth, random));
    }
    return map;
  }

  private Map<String, @Nullable Object> attributes(Random random) {
    Map<String, @Nullable Object> attributes = map(random.nextInt(4), 1, random);
    if (random.nextInt(3) == 0 && theme.extras().contains(Extra.MANY_ATTRIBUTES)) {
      for (int i = 0; i < MANY; i++) {
        attributes.put("attribute" + i, i);
      }
    }
    return attributes;
  }

  private Map<String, @Nullable Object> values(Random random) {
    Map<String, @Nullable Object> values = map(random.nextInt(4), 2, random);
    if (random.nextInt(2) == 0 && theme.extras().contains(Extra.LONG_TEXTS)) {
      values.put("long", "x".repeat(LONG_TEXT) + random.nextInt(2));
    }
    return values;
  }

  /** A checkpoint whose other fields are chosen. */
  Checkpoint checkpoint(SessionKey session, String id, long version, Random random) {
    return Checkpoint.builder(
            CheckpointMetadata.builder(session.sessionId())
                .taskId(absentOrName(random))
                .attributes(attributes(random))
                .build())
        .namespace(session.namespace())
        .id(id)
        .version(version)
        .ts(any(times, random))
        .parentId(absentOrName(random))
        .values(values(random))
        .build();
  }

  /** As the given one, except for one field. */
  Checkpoint changed(Checkpoint checkpoint, Random random) {
    Checkpoint.Builder changed = checkpoint.toBuilder();
    CheckpointMetadata metadata = checkpoint.metadata();
    return switch (random.nextInt(10)) {
      case 0 ->
          changed
              .metadata(
                  CheckpointMetadata.builder(oneOfTheFirst(names, random))
                      .taskId(metadata.taskId().orElse(null))
                      .attributes(metadata.attributes())
                      .build())
              .build();
      case 1 -> changed.namespace(namespace(random)).build();
      case 2 -> changed.version(versionAfter(checkpoint.version(), random)).build();
      case 3 -> changed.ts(any(times, random)).build();
      case 4 -> changed.parentId(absentOrName(random)).build();
      case 5 -> changed.metadata(metadata.toBuilder().taskId(absentOrName(random)).build()).build();
      case 6 ->
          changed
              .metadata(
                  metadata.toBuilder().attributes(changed(metadata.attributes(), random)).build())
              .build();
      default -> changed.values(changed(checkpoint.values(), random)).build();
    };
  }

  private Map<String, @Nullable Object> changed(
      Map<String, ? extends @Nullable Object> map, Random random) {
    Map<String, @Nullable Object> changed = new LinkedHashMap<>(map);
    String key = key(random);
    if (map.isEmpty() || random.nextInt(4) == 0) {
      if (!changed.containsKey(key)) {
        changed.put(key, scalar(random));
      } else {
        changed.remove(key);
      }
      return changed;
    }
    String present = keyToChange(changed, random);
    changed.put(present, changed(changed.get(present), random));
    return changed;
  }

  /** Mostly that of a long text, if there is one. */
  private static String keyToChange(Map<String, @Nullable Object> map, Random random) {
    String any = any(List.copyOf(map.keySet()), random);
    return random.nextInt(3) == 0
        ? any
        : map.keySet().stream().filter(key -> isLong(map.get(key))).findFirst().orElse(any);
  }

  private static boolean isLong(@Nullable Object value) {
    return value instanceof String text && text.length() > LONG_TEXT;
  }

  private @Nullable Object changed(@Nullable Object value, Random random) {
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> copy = new LinkedHashMap<>();
      map.forEach((key, nested) -> copy.put((String) key, nested));
      return changed(copy, random);
    }
    if (value instanceof List<?> list && !list.isEmpty()) {
      List<@Nullable Object> copy = new ArrayList<>(list);
      int index = random.nextInt(copy.size());
      copy.set(index, changed(copy.get(index), random));
      return copy;
    }
    if (value instanceof String text && text.length() > LONG_TEXT) {
      return text.substring(0, text.length() - 1) + (random.nextBoolean() ? "0" : "2");
    }
    return scalar(random);
  }

  /** An equal checkpoint whose keys come in another order at every level. */
  static Checkpoint reordered(Checkpoint checkpoint) {
    return checkpoint.toBuilder()
        .metadata(
            checkpoint.metadata().toBuilder()
                .attributes(reordered(checkpoint.metadata().attributes()))
                .build())
        .values(reordered(checkpoint.values()))
        .build();
  }

  private static Map<String, @Nullable Object> reordered(Map<?, ?> map) {
    List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
    Collections.reverse(entries);
    Map<String, @Nullable Object> reordered = new LinkedHashMap<>();
    entries.forEach(entry -> reordered.put((String) entry.getKey(), reordered(entry.getValue())));
    return reordered;
  }

  private static @Nullable Object reordered(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return reordered(map);
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> reordered = new ArrayList<>();
      list.forEach(element -> reordered.add(reordered(element)));
      return reordered;
    }
    return value;
  }

  // ---- queries

  int limit(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> CheckpointQuery.MAX_LIMIT;
      case 1, 2 -> 1;
      default -> 2 + random.nextInt(4);
    };
  }

  /** A query; each of its conditions is mostly one that holds for the given checkpoint, if any. */
  CheckpointQuery query(
      String namespace, Optional<Checkpoint> matching, boolean withAttributes, Random random) {
    CheckpointQuery.Builder query =
        CheckpointQuery.builder(namespace).limit(limit(random)).order(order(random));
    if (random.nextInt(4) == 0) {
      return query.build();
    }
    Checkpoint like =
        matching
            .filter(checkpoint -> random.nextInt(4) > 0)
            .orElseGet(
                () -> checkpoint(session(random), id(random), any(versions, random), random));
    // Those that are not chosen as well: a history that is made tamer goes on with the same
    // numbers.
    List<Runnable> conditions =
        List.of(
            () -> query.sessionId(like.metadata().sessionId()),
            () -> like.metadata().taskId().ifPresent(query::taskId),
            () -> like.parentId().ifPresent(query::parentId),
            () -> versions(query, like.version(), random),
            () -> times(query, like.ts(), random),
            () -> {
              if (withAttributes) {
                attributes(query, like.metadata().attributes(), random);
              }
            });
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      any(conditions, random).run();
    }
    return query.build();
  }

  /** Queries with each value of the pool of some field. */
  List<CheckpointQuery> queriesOfOneField(String namespace, boolean withAttributes, Random random) {
    List<UnaryOperator<CheckpointQuery.Builder>> conditions = new ArrayList<>();
    int field = random.nextInt(withAttributes ? 4 : 2);
    if (field == 0) {
      for (String name : names) {
        conditions.add(query -> query.sessionId(name));
        conditions.add(query -> query.taskId(name));
        conditions.add(query -> query.parentId(name));
      }
    } else if (field == 1) {
      versions.forEach(version -> conditions.add(query -> query.versions(1, version)));
      versions.forEach(version -> conditions.add(query -> query.versions(version, Long.MAX_VALUE)));
      times.forEach(time -> conditions.add(query -> query.tsFrom(time)));
      times.forEach(time -> conditions.add(query -> query.tsBefore(time)));
    } else {
      for (String key : keys) {
        values.forEach(value -> conditions.add(query -> query.attribute(key, value)));
      }
    }
    if (withAttributes && theme.extras().contains(Extra.MANY_ATTRIBUTES)) {
      int most = 1 + random.nextInt(MANY);
      conditions.add(query -> withMany(query, most));
      conditions.add(query -> withMany(query, MANY));
    }
    return conditions.stream()
        .map(
            condition ->
                condition
                    .apply(
                        CheckpointQuery.builder(namespace)
                            .limit(limit(random))
                            .order(order(random)))
                    .build())
        .toList();
  }

  private static CheckpointQuery.Builder withMany(CheckpointQuery.Builder query, int conditions) {
    for (int i = 0; i < conditions; i++) {
      query.attribute("attribute" + i, i);
    }
    return query;
  }

  Order order(Random random) {
    return random.nextBoolean() ? Order.NEWEST_FIRST : Order.OLDEST_FIRST;
  }

  private void versions(CheckpointQuery.Builder query, long version, Random random) {
    long other = any(versions, random);
    long end = random.nextBoolean() ? version : other;
    switch (random.nextInt(4)) {
      case 0 -> query.versions(version, version);
      case 1 -> query.versions(1, end);
      case 2 -> query.versions(end, Long.MAX_VALUE);
      default -> query.versions(Math.min(version, other), Math.max(version, other));
    }
  }

  private void times(CheckpointQuery.Builder query, Instant time, Random random) {
    Duration around =
        any(
            List.of(
                Duration.ZERO,
                Duration.ofNanos(1),
                Duration.ofNanos(1_000),
                Duration.ofNanos(-500),
                Duration.ofMillis(1),
                Duration.ofHours(-1)),
            random);
    boolean isFrom = random.nextBoolean();
    boolean isRange = random.nextInt(3) == 0;
    if (isFrom || isRange) {
      query.tsFrom(time.plus(around));
    }
    if (!isFrom || isRange) {
      query.tsBefore(isRange ? any(times, random).plus(around) : time.plus(around));
    }
  }

  private void attributes(
      CheckpointQuery.Builder query, Map<String, @Nullable Object> attributes, Random random) {
    int conditions = attributes.size() > MANY ? 1 + random.nextInt(MANY) : 1 + random.nextInt(2);
    List<String> names = new ArrayList<>(attributes.keySet());
    Collections.shuffle(names, random);
    names.stream()
        .limit(conditions)
        .forEach(name -> query.attribute(name, reordered(attributes.get(name))));
    Object other = scalar(random);
    int kind = random.nextInt(4);
    if (names.isEmpty() || kind == 0) {
      query.attribute(key(random), other);
    } else if (kind == 1) {
      query.attribute(names.get(0), other);
    }
  }
}
