package dev.checkpoint4j.core.internal.json;

import dev.checkpoint4j.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds what {@code equals} overlooks: other classes of equal values, another order of keys. */
final class DeepDifference {

  private DeepDifference() {}

  static Optional<String> between(Checkpoint expected, Checkpoint actual) {
    if (!expected.equals(actual)) {
      return between("values", expected.values(), actual.values())
          .or(
              () ->
                  between(
                      "attributes",
                      expected.metadata().attributes(),
                      actual.metadata().attributes()))
          .or(() -> Optional.of("the headers differ"));
    }
    return between("values", expected.values(), actual.values())
        .or(
            () ->
                between(
                    "attributes",
                    expected.metadata().attributes(),
                    actual.metadata().attributes()));
  }

  private static Optional<String> between(
      String path, @Nullable Object expected, @Nullable Object actual) {
    if (expected instanceof Map<?, ?> expectedMap && actual instanceof Map<?, ?> actualMap) {
      List<Object> expectedKeys = new ArrayList<>(expectedMap.keySet());
      if (!expectedKeys.equals(new ArrayList<>(actualMap.keySet()))) {
        return Optional.of(path + ": other keys, or in another order");
      }
      return expectedKeys.stream()
          .flatMap(
              key -> between(path + "." + key, expectedMap.get(key), actualMap.get(key)).stream())
          .findFirst();
    }
    if (expected instanceof List<?> expectedList && actual instanceof List<?> actualList) {
      if (expectedList.size() != actualList.size()) {
        return Optional.of(path + ": another size");
      }
      for (int i = 0; i < expectedList.size(); i++) {
        Optional<String> found =
            between(path + "[" + i + "]", expectedList.get(i), actualList.get(i));
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    }
    if (!Objects.equals(expected, actual)) {
      return Optional.of(path + ": not equal");
    }
    return expected == null || actual == null || expected.getClass() == actual.getClass()
        ? Optional.empty()
        : Optional.of(path + ": " + expected.getClass() + " became " + actual.getClass());
  }
}
