package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds where two checkpoints differ: in Java types as well as in content. */
final class Differences {

  private static final int PREVIEW = 60;

  private Differences() {}

  /** Where and how {@code actual} differs, the order of keys left aside; empty if it does not. */
  static Optional<String> first(Checkpoint expected, Checkpoint actual) {
    return first(expected.header(), actual.header())
        .or(() -> first("values", expected.values(), actual.values()))
        .or(
            () ->
                expected.equals(actual)
                    ? Optional.empty()
                    : Optional.of("every field is equal, but Checkpoint.equals says no"));
  }

  /** As {@link #first(Checkpoint, Checkpoint)}, for headers. */
  static Optional<String> first(CheckpointHeader expected, CheckpointHeader actual) {
    return first("id", expected.id(), actual.id())
        .or(() -> first("namespace", expected.namespace(), actual.namespace()))
        .or(
            () ->
                first("sessionId", expected.metadata().sessionId(), actual.metadata().sessionId()))
        .or(() -> first("version", expected.version(), actual.version()))
        .or(() -> first("ts", expected.ts(), actual.ts()))
        .or(() -> first("parentId", expected.parentId(), actual.parentId()))
        .or(() -> first("taskId", expected.metadata().taskId(), actual.metadata().taskId()))
        .or(
            () ->
                first(
                    "attributes",
                    expected.metadata().attributes(),
                    actual.metadata().attributes()));
  }

  private static Optional<String> first(
      String path, @Nullable Object expected, @Nullable Object actual) {
    if (isContainer(expected) && Objects.equals(expected, actual)) {
      return Optional.empty();
    }
    if (expected instanceof Map<?, ?> expectedMap && actual instanceof Map<?, ?> actualMap) {
      return firstInMap(path, expectedMap, actualMap);
    }
    if (expected instanceof List<?> expectedList && actual instanceof List<?> actualList) {
      return firstInList(path, expectedList, actualList);
    }
    boolean same =
        Objects.equals(expected, actual)
            && (expected == null || actual == null || expected.getClass() == actual.getClass());
    return same
        ? Optional.empty()
        : Optional.of(
            path
                + " is "
                + describe(actual)
                + ", expected "
                + describe(expected)
                + divergence(expected, actual));
  }

  /** Equal containers hold equal scalars, which are of one class. */
  private static boolean isContainer(@Nullable Object value) {
    return value instanceof Map<?, ?> || value instanceof List<?>;
  }

  private static Optional<String> firstInMap(String path, Map<?, ?> expected, Map<?, ?> actual) {
    for (Map.Entry<?, ?> entry : expected.entrySet()) {
      String step = path + "[" + quote(String.valueOf(entry.getKey())) + "]";
      if (!actual.containsKey(entry.getKey())) {
        return Optional.of(step + " is absent, expected " + describe(entry.getValue()));
      }
      Optional<String> nested = first(step, entry.getValue(), actual.get(entry.getKey()));
      if (nested.isPresent()) {
        return nested;
      }
    }
    Set<Object> unexpected = new LinkedHashSet<>(actual.keySet());
    unexpected.removeAll(expected.keySet());
    return unexpected.isEmpty()
        ? Optional.empty()
        : Optional.of(
            path
                + " has the key "
                + describe(unexpected.iterator().next())
                + ", which was not put");
  }

  private static Optional<String> firstInList(String path, List<?> expected, List<?> actual) {
    for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
      Optional<String> nested = first(path + "[" + i + "]", expected.get(i), actual.get(i));
      if (nested.isPresent()) {
        return nested;
      }
    }
    return expected.size() == actual.size()
        ? Optional.empty()
        : Optional.of(path + " has " + actual.size() + " elements, expected " + expected.size());
  }

  /** As {@link #first(Checkpoint, Checkpoint)}, and where the order of keys differs. */
  static Optional<String> firstInOrder(Checkpoint expected, Checkpoint actual) {
    return first(expected, actual)
        .or(() -> firstOrder(expected.header(), actual.header()))
        .or(() -> firstOrder("values", expected.values(), actual.values()));
  }

  /** As {@link #firstInOrder(Checkpoint, Checkpoint)}, for headers. */
  static Optional<String> firstInOrder(CheckpointHeader expected, CheckpointHeader actual) {
    return first(expected, actual).or(() -> firstOrder(expected, actual));
  }

  private static Optional<String> firstOrder(CheckpointHeader expected, CheckpointHeader actual) {
    return firstOrder(
        "attributes", expected.metadata().attributes(), actual.metadata().attributes());
  }

  private static Optional<String> firstOrder(String path, Map<?, ?> expected, Map<?, ?> actual) {
    List<String> expectedKeys = keysInOrder(expected);
    List<String> actualKeys = keysInOrder(actual);
    return expectedKeys.equals(actualKeys)
        ? Optional.empty()
        : Optional.of(
            "%s has its keys in the order %s, expected %s"
                .formatted(path, CallText.value(actualKeys), CallText.value(expectedKeys)));
  }

  /** The keys of every map in depth-first order: equal only if the order of keys is equal. */
  static List<String> keysInOrder(Map<?, ?> map) {
    List<String> keys = new ArrayList<>();
    collectKeys(map, keys);
    return keys;
  }

  private static void collectKeys(@Nullable Object value, List<String> keys) {
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, nested) -> {
            keys.add(String.valueOf(key));
            collectKeys(nested, keys);
          });
    } else if (value instanceof List<?> list) {
      list.forEach(nested -> collectKeys(nested, keys));
    }
  }

  private static String divergence(@Nullable Object expected, @Nullable Object actual) {
    if (!(expected instanceof String a) || !(actual instanceof String b) || a.length() <= PREVIEW) {
      return "";
    }
    int index = 0;
    while (index < a.length() && index < b.length() && a.charAt(index) == b.charAt(index)) {
      index++;
    }
    return "; they differ from index " + index;
  }

  /** A value with its type; containers by their content. */
  static String describe(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    return value.getClass().getSimpleName() + " " + quote(value.toString());
  }

  /** A text in quotes, shortened, with everything that looks alike escaped. */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    int end = Math.min(text.length(), PREVIEW);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c <= '~') {
        quoted.append(c);
      } else {
        quoted.append("\\u%04x".formatted((int) c));
      }
    }
    quoted.append('"');
    return end < text.length() ? quoted + "... (" + text.length() + " chars)" : quoted.toString();
  }
}
