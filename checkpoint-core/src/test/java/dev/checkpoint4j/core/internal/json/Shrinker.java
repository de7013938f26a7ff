package dev.checkpoint4j.core.internal.json;

import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a failing case small: as long as one of the slightly simpler cases fails too, goes on with
 * that one. What is left cannot be simplified by a single step without passing.
 */
final class Shrinker {

  private Shrinker() {}

  static Map<String, @Nullable Object> shrink(
      Map<String, ? extends @Nullable Object> failing,
      Predicate<Map<String, ? extends @Nullable Object>> fails) {
    Map<String, @Nullable Object> smallest = new LinkedHashMap<>(failing);
    Optional<Map<String, @Nullable Object>> smaller = Optional.of(smallest);
    while (smaller.isPresent()) {
      smallest = smaller.get();
      smaller = simplerMaps(smallest).filter(fails).findFirst();
    }
    return smallest;
  }

  private static Stream<Map<String, @Nullable Object>> simplerMaps(Map<?, ?> map) {
    List<Map.Entry<String, @Nullable Object>> entries = new ArrayList<>();
    map.forEach((key, value) -> entries.add(new SimpleEntry<>((String) key, value)));
    Stream<List<Map.Entry<String, @Nullable Object>>> simpler =
        Stream.concat(
            withoutOne(entries),
            IntStream.range(0, entries.size())
                .boxed()
                .flatMap(
                    i -> simplerEntries(entries.get(i)).map(entry -> with(entries, i, entry))));
    return simpler.map(
        list -> {
          Map<String, @Nullable Object> result = new LinkedHashMap<>();
          list.forEach(entry -> result.put(entry.getKey(), entry.getValue()));
          return result;
        });
  }

  private static Stream<Map.Entry<String, @Nullable Object>> simplerEntries(
      Map.Entry<String, @Nullable Object> entry) {
    return Stream.concat(
        simplerValues(entry.getValue())
            .map(value -> new SimpleEntry<>(entry.getKey(), value.orElse(null))),
        simplerStrings(entry.getKey()).map(key -> new SimpleEntry<>(key, entry.getValue())));
  }

  /** Simpler values; empty stands for null. */
  private static Stream<Optional<Object>> simplerValues(@Nullable Object value) {
    if (value == null) {
      return Stream.empty();
    }
    Stream<Optional<Object>> simpler = Stream.of(Optional.empty());
    if (value instanceof String text) {
      simpler = Stream.concat(simpler, simplerStrings(text).map(Optional::of));
    } else if (value instanceof Map<?, ?> map) {
      simpler =
          Stream.of(
                  simpler,
                  map.values().stream().map(Optional::<Object>ofNullable),
                  simplerMaps(map).map(Optional::<Object>of))
              .flatMap(stream -> stream);
    } else if (value instanceof List<?> list) {
      List<@Nullable Object> elements = new ArrayList<>(list);
      simpler =
          Stream.of(
                  simpler,
                  elements.stream().map(Optional::ofNullable),
                  withoutOne(elements).map(Optional::<Object>of),
                  IntStream.range(0, elements.size())
                      .boxed()
                      .flatMap(
                          i ->
                              simplerValues(elements.get(i))
                                  .map(
                                      element ->
                                          Optional.<Object>of(
                                              with(elements, i, element.orElse(null))))))
              .flatMap(stream -> stream);
    }
    return simpler;
  }

  private static Stream<String> simplerStrings(String text) {
    return IntStream.range(0, text.length())
        .mapToObj(i -> text.substring(0, i) + text.substring(i + 1));
  }

  private static <T extends @Nullable Object> Stream<List<T>> withoutOne(List<T> list) {
    return IntStream.range(0, list.size())
        .mapToObj(
            i -> {
              List<T> copy = new ArrayList<>(list);
              copy.remove(i);
              return copy;
            });
  }

  private static <T extends @Nullable Object> List<T> with(
      List<T> list, int index, @Nullable T element) {
    List<T> copy = new ArrayList<>(list);
    copy.set(index, element);
    return copy;
  }
}
