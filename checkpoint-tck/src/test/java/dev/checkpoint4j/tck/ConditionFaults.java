package dev.checkpoint4j.tck;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.spi.BackendStorage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.text.Normalizer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Conditions on attributes that are compared wrongly, or not at all, by one kind of listing. */
final class ConditionFaults {

  private ConditionFaults() {}

  /** A wrong way to find out whether attributes fulfil the conditions of a query. */
  private interface Match {
    boolean test(CheckpointQuery query, Map<String, @Nullable Object> attributes);
  }

  static List<GeneratedMutant> all() {
    List<GeneratedMutant> all = new ArrayList<>();
    int turn = 0;
    for (Map.Entry<String, Match> kind : kinds().entrySet()) {
      ReadPath path = turn++ % 2 == 0 ? ReadPath.LIST : ReadPath.HEADERS;
      all.add(
          GeneratedMutant.of(
              "condition: " + kind.getKey(),
              path.label(),
              "attributes",
              good -> matching(good, path, query -> true, kind.getValue())));
    }
    for (ReadPath path : List.of(ReadPath.LIST, ReadPath.HEADERS)) {
      combined(all, path, "beside a session", query -> query.sessionId().isPresent());
      combined(all, path, "beside a task", query -> query.taskId().isPresent());
      combined(all, path, "beside a parent", query -> query.parentId().isPresent());
      combined(all, path, "beside a smallest version", query -> query.minVersion() > 1);
      combined(
          all, path, "beside a greatest version", query -> query.maxVersion() < Long.MAX_VALUE);
      combined(all, path, "beside a time", query -> query.tsBefore().isPresent());
      combined(all, path, "on pages after the first", query -> query.cursor().isPresent());
      combined(
          all,
          path,
          "with the oldest first",
          query -> query.order() == CheckpointQuery.Order.OLDEST_FIRST);
      combined(all, path, "with the limit 1", query -> query.limit() == 1);
    }
    for (ReadPath path : List.of(ReadPath.LIST_LATER, ReadPath.HEADERS_LATER)) {
      for (Field field : List.of(Field.SESSION, Field.TASK, Field.PARENT)) {
        all.add(
            GeneratedMutant.of(
                "condition: forgotten",
                path.label(),
                field.label(),
                good ->
                    path.asking(
                        good,
                        query ->
                            ReadPath.copy(query, query.namespace(), kept -> kept != field)
                                .build())));
      }
      all.add(
          GeneratedMutant.of(
              "condition: forgotten",
              path.label(),
              "version",
              good ->
                  path.asking(
                      good, query -> query.toBuilder().versions(1, Long.MAX_VALUE).build())));
    }
    return all;
  }

  /** All conditions on attributes are passed over by certain queries. */
  private static void combined(
      List<GeneratedMutant> all, ReadPath path, String when, Predicate<CheckpointQuery> queries) {
    all.add(
        GeneratedMutant.of(
            "condition: passed over " + when,
            path.label(),
            "attributes",
            good -> matching(good, path, queries, (query, attributes) -> true)));
  }

  private static BackendStorage matching(
      BackendStorage good, ReadPath path, Predicate<CheckpointQuery> queries, Match match) {
    return path.answering(
        good,
        (storage, query) ->
            query.attributes().isEmpty() || !queries.test(query)
                ? storage.list(query)
                : Faulty.page(
                    Faulty.everything(storage, query.namespace(), query.order()).stream()
                        .filter(each -> withoutAttributes(query).matches(each.header()))
                        .filter(each -> match.test(query, attributes(each)))
                        .toList(),
                    query));
  }

  private static Map<String, @Nullable Object> attributes(Checkpoint each) {
    return each.metadata().attributes();
  }

  private static CheckpointQuery withoutAttributes(CheckpointQuery query) {
    CheckpointQuery.Builder copy =
        CheckpointQuery.builder(query.namespace()).versions(query.minVersion(), query.maxVersion());
    query.sessionId().ifPresent(copy::sessionId);
    query.taskId().ifPresent(copy::taskId);
    query.parentId().ifPresent(copy::parentId);
    query.tsFrom().ifPresent(copy::tsFrom);
    query.tsBefore().ifPresent(copy::tsBefore);
    return copy.build();
  }

  private static Map<String, Match> kinds() {
    Map<String, Match> kinds = new LinkedHashMap<>();
    kinds.put("false ignored", ignored(Boolean.FALSE::equals));
    kinds.put("true ignored", ignored(Boolean.TRUE::equals));
    kinds.put("null ignored", ignored(wanted -> wanted == null));
    kinds.put("0 ignored", ignored(wanted -> wanted instanceof Number n && n.doubleValue() == 0));
    kinds.put("empty text ignored", ignored(""::equals));
    kinds.put("empty list ignored", ignored(List.of()::equals));
    kinds.put("empty map ignored", ignored(Map.of()::equals));
    kinds.put("bytes ignored", ignored(wanted -> wanted instanceof Binary));
    kinds.put("false matches absent", absent(false));
    kinds.put("empty text matches absent", absent(""));
    kinds.put("0 matches absent", absent(0));
    kinds.put("empty list matches absent", absent(List.of()));
    kinds.put("empty text matches null", form(value -> value == null ? "" : value));
    kinds.put(
        "empty list matches empty map", form(value -> List.of().equals(value) ? Map.of() : value));
    kinds.put(
        "empty bytes match empty text",
        form(value -> value instanceof Binary bytes && bytes.size() == 0 ? "" : value));
    kinds.put(
        "booleans match 0 and 1",
        form(value -> value instanceof Boolean truth ? (Object) (truth ? 1 : 0) : value));
    kinds.put("numbers match their texts", form(ConditionFaults::numberAsText));
    kinds.put(
        "integers match longs",
        form(value -> value instanceof Integer number ? (Object) number.longValue() : value));
    kinds.put("decimals through doubles", form(ConditionFaults::decimalAsDouble));
    kinds.put("decimals without their scale", form(ConditionFaults::stripped));
    kinds.put(
        "decimals of 38 digits",
        form(
            value ->
                value instanceof BigDecimal number ? number.round(new MathContext(38)) : value));
    kinds.put(
        "longs through doubles",
        form(value -> value instanceof Long number ? (Object) ("l" + (double) number) : value));
    kinds.put(
        "big integers through doubles",
        form(
            value ->
                value instanceof BigInteger number
                    ? (Object) ("b" + number.doubleValue())
                    : value));
    kinds.put(
        "big integers through 64 bits",
        form(
            value ->
                value instanceof BigInteger number ? (Object) ("b" + number.longValue()) : value));
    kinds.put(
        "doubles of 15 digits",
        form(
            value ->
                value instanceof Double number
                    ? String.format(Locale.ROOT, "%.14e", number)
                    : value));
    kinds.put(
        "no negative zero",
        form(value -> value instanceof Double number && number == 0 ? (Object) 0.0 : value));
    kinds.put("NaN matches nothing", never(wanted -> Double.valueOf(Double.NaN).equals(wanted)));
    kinds.put("instants match their texts", form(ConditionFaults::instantAsText));
    kinds.put(
        "instants in milliseconds",
        form(value -> value instanceof Instant time ? time.truncatedTo(ChronoUnit.MILLIS) : value));
    kinds.put("bytes match their Base64", form(ConditionFaults::base64));
    kinds.put(
        "lists without their order",
        form(value -> value instanceof List<?> list ? Map.of("set", multiset(list)) : value));
    kinds.put(
        "lists match an element",
        (query, attributes) ->
            all(
                query,
                attributes,
                (actual, wanted) ->
                    Objects.equals(actual, wanted)
                        || (actual instanceof List<?> list && list.contains(wanted))));
    kinds.put(
        "maps match more",
        (query, attributes) -> all(query, attributes, ConditionFaults::contains));
    kinds.put(
        "maps in the order of keys",
        form(
            value -> value instanceof Map<?, ?> map ? List.of("map", String.valueOf(map)) : value));
    kinds.put("keys of maps without case", form(ConditionFaults::lowerCaseKeys));
    kinds.put("texts without case", text(text -> text.toLowerCase(Locale.ROOT)));
    kinds.put("texts without spaces at the end", text(String::stripTrailing));
    kinds.put("texts composed (NFC)", text(ConditionFaults::composed));
    kinds.put("texts of 255 characters", text(text -> cut(text, 255)));
    kinds.put("texts of 1,024 characters", text(text -> cut(text, 1_024)));
    kinds.put("texts of 8,191 characters", text(text -> cut(text, 8_191)));
    kinds.put(
        "texts cut at NUL",
        text(text -> text.indexOf('\0') < 0 ? text : text.substring(0, text.indexOf('\0'))));
    kinds.put(
        "texts of more than 256 characters match nothing",
        never(wanted -> wanted instanceof String text && text.length() > 256));
    kinds.put(
        "texts of more than 32,766 bytes match nothing",
        never(wanted -> wanted instanceof String text && text.length() > 32_766));
    kinds.put("names without case", name(name -> name.toLowerCase(Locale.ROOT)));
    kinds.put("names trimmed", name(String::strip));
    kinds.put("names composed (NFC)", name(ConditionFaults::composed));
    kinds.put(
        "names cut at NUL",
        name(name -> name.indexOf('\0') < 0 ? name : name.substring(0, name.indexOf('\0'))));
    kinds.put("names of 64 characters", name(name -> cut(name, 64)));
    kinds.put("names of 255 characters", name(name -> cut(name, 255)));
    kinds.put("names with blanks as underscores", name(name -> name.replace(' ', '_')));
    kinds.put("names with dots as underscores", name(name -> name.replace('.', '_')));
    kinds.put(
        "a name with an apostrophe matches nothing",
        (query, attributes) ->
            query.attributes().keySet().stream().noneMatch(name -> name.contains("'"))
                && all(query, attributes, Objects::equals));
    for (int most : List.of(3, 12, 60)) {
      kinds.put(
          "no more than " + most + " conditions",
          (query, attributes) ->
              query.attributes().entrySet().stream()
                  .limit(most)
                  .allMatch(
                      wanted ->
                          attributes.containsKey(wanted.getKey())
                              && Objects.equals(
                                  attributes.get(wanted.getKey()), wanted.getValue())));
    }
    kinds.put(
        "only the first 50 attributes can be asked for",
        (query, attributes) -> {
          Map<String, @Nullable Object> first = new LinkedHashMap<>();
          attributes.entrySet().stream()
              .limit(50)
              .forEach(entry -> first.put(entry.getKey(), entry.getValue()));
          return all(query, first, Objects::equals);
        });
    kinds.put("levels after the second ignored", form(value -> upTo(value, 2)));
    return kinds;
  }

  private static boolean all(
      CheckpointQuery query,
      Map<String, @Nullable Object> attributes,
      BiPredicate<@Nullable Object, @Nullable Object> equality) {
    return query.attributes().entrySet().stream()
        .allMatch(
            wanted ->
                attributes.containsKey(wanted.getKey())
                    && equality.test(attributes.get(wanted.getKey()), wanted.getValue()));
  }

  private static Match ignored(Predicate<@Nullable Object> isIgnored) {
    return (query, attributes) ->
        query.attributes().entrySet().stream()
            .allMatch(
                wanted ->
                    isIgnored.test(wanted.getValue())
                        || (attributes.containsKey(wanted.getKey())
                            && Objects.equals(attributes.get(wanted.getKey()), wanted.getValue())));
  }

  private static Match absent(Object value) {
    return (query, attributes) ->
        query.attributes().entrySet().stream()
            .allMatch(
                wanted ->
                    attributes.containsKey(wanted.getKey())
                        ? Objects.equals(attributes.get(wanted.getKey()), wanted.getValue())
                        : value.equals(wanted.getValue()));
  }

  private static Match never(Predicate<@Nullable Object> isNeverMatched) {
    return (query, attributes) ->
        all(
            query,
            attributes,
            (actual, wanted) -> Objects.equals(actual, wanted) && !isNeverMatched.test(wanted));
  }

  /** Values match if what is left of them is equal. */
  private static Match form(UnaryOperator<@Nullable Object> form) {
    return (query, attributes) ->
        all(
            query,
            attributes,
            (actual, wanted) -> Objects.equals(form.apply(actual), form.apply(wanted)));
  }

  private static Match text(UnaryOperator<String> form) {
    return form(value -> value instanceof String text ? form.apply(text) : value);
  }

  private static Match name(UnaryOperator<String> form) {
    return (query, attributes) ->
        query.attributes().entrySet().stream()
            .allMatch(
                wanted ->
                    attributes.entrySet().stream()
                        .anyMatch(
                            actual ->
                                form.apply(actual.getKey()).equals(form.apply(wanted.getKey()))
                                    && Objects.equals(actual.getValue(), wanted.getValue())));
  }

  private static @Nullable Object numberAsText(@Nullable Object value) {
    return value instanceof Integer || value instanceof Long ? String.valueOf(value) : value;
  }

  private static @Nullable Object decimalAsDouble(@Nullable Object value) {
    return value instanceof BigDecimal number ? (Object) ("d" + number.doubleValue()) : value;
  }

  private static @Nullable Object stripped(@Nullable Object value) {
    return value instanceof BigDecimal number ? number.stripTrailingZeros() : value;
  }

  private static @Nullable Object instantAsText(@Nullable Object value) {
    return value instanceof Instant ? value.toString() : value;
  }

  private static @Nullable Object base64(@Nullable Object value) {
    return value instanceof Binary bytes
        ? Base64.getEncoder().encodeToString(bytes.toByteArray())
        : value;
  }

  private static List<String> multiset(List<?> list) {
    return list.stream().map(String::valueOf).sorted().toList();
  }

  private static boolean contains(@Nullable Object actual, @Nullable Object wanted) {
    return Objects.equals(actual, wanted)
        || (actual instanceof Map<?, ?> map
            && wanted instanceof Map<?, ?> part
            && new HashSet<Object>(map.entrySet()).containsAll(part.entrySet()));
  }

  private static @Nullable Object lowerCaseKeys(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      return value;
    }
    Map<Object, @Nullable Object> changed = new LinkedHashMap<>();
    map.forEach((key, each) -> changed.put(((String) key).toLowerCase(Locale.ROOT), each));
    return changed;
  }

  private static @Nullable Object upTo(@Nullable Object value, int levels) {
    if (value instanceof Map<?, ?> map) {
      Map<Object, @Nullable Object> first = new LinkedHashMap<>();
      map.forEach((key, each) -> first.put(key, upTo(each, levels - 1)));
      return levels == 0 ? "map" : first;
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> first = new ArrayList<>();
      list.forEach(each -> first.add(upTo(each, levels - 1)));
      return levels == 0 ? "list" : first;
    }
    return value;
  }

  private static String composed(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC);
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length);
  }
}
