package dev.checkpoint4j.tck;

import dev.checkpoint4j.SessionKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * What all pages of a listing hold, by groups that the backend orders freely: sessions of
 * checkpoints, or single names.
 *
 * @param namespace whose sessions are the groups; empty if the groups are namespaces
 * @param groups the groups in the order in which they were listed
 * @param format how the entries are shown and compared
 */
record Listing<T>(String namespace, Map<String, List<T>> groups, Format<T> format) {

  /** How entries are shown and compared. */
  record Format<T>(Function<T, String> text, BiFunction<T, T, Optional<String>> difference) {}

  private static final Format<String> OF_NAMES =
      new Format<>(Differences::quote, (expected, actual) -> Optional.empty());

  /**
   * Entries session by session.
   *
   * @throws AssertionError if a session is listed in several pieces
   */
  static <T> Listing<T> ofSessions(
      String namespace, List<T> entries, Function<T, SessionKey> session, Format<T> format) {
    Map<String, List<T>> groups = new LinkedHashMap<>();
    String last = null;
    for (T entry : entries) {
      String group = session.apply(entry).sessionId();
      if (!group.equals(last) && groups.containsKey(group)) {
        throw new AssertionError(
            "the session %s is listed in several pieces".formatted(Differences.quote(group)));
      }
      groups.computeIfAbsent(group, key -> new ArrayList<>()).add(entry);
      last = group;
    }
    return new Listing<>(namespace, groups, format);
  }

  /** Names of sessions or namespaces, each of which is a group of its own. */
  static Listing<String> ofNames(String namespace, List<String> names) {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    names.forEach(name -> groups.computeIfAbsent(name, key -> new ArrayList<>()).add(name));
    return new Listing<>(namespace, groups, OF_NAMES);
  }

  /** The order of groups. */
  List<String> order() {
    return List.copyOf(groups.keySet());
  }

  /** Where the other listing differs, the order of groups left aside; empty if nowhere. */
  Optional<String> difference(Listing<T> actual) {
    for (Map.Entry<String, List<T>> group : groups.entrySet()) {
      Optional<String> difference =
          difference(
              group.getKey(),
              group.getValue(),
              actual.groups().getOrDefault(group.getKey(), List.of()));
      if (difference.isPresent()) {
        return difference;
      }
    }
    return actual.groups().entrySet().stream()
        .filter(group -> !groups.containsKey(group.getKey()))
        .findFirst()
        .map(
            group ->
                "it lists %s, which is not to be listed"
                    .formatted(format.text().apply(group.getValue().get(0))));
  }

  private Optional<String> difference(String group, List<T> expected, List<T> actual) {
    for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
      T wanted = expected.get(i);
      T found = actual.get(i);
      Optional<String> difference = format.difference().apply(wanted, found);
      if (difference.isPresent()) {
        return Optional.of(
            "entry %d of %s: %s; expected %s"
                .formatted(
                    i + 1,
                    Differences.quote(group),
                    difference.get(),
                    format.text().apply(wanted)));
      }
    }
    if (expected.size() > actual.size()) {
      return Optional.of("it does not list " + format.text().apply(expected.get(actual.size())));
    }
    return expected.size() == actual.size()
        ? Optional.empty()
        : Optional.of(
            "it lists %s, which is not to be listed"
                .formatted(format.text().apply(actual.get(expected.size()))));
  }
}
