package dev.checkpoint4j.tck;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The order in which a backend lists names, learnt from its listings: it chooses the order, and
 * keeps to it for as long as there are the names.
 */
final class ListingOrder {

  private final Map<String, Set<String>> after = new HashMap<>();

  /** Learns from a listing; says how it contradicts an earlier one, if it does. */
  Optional<String> contradiction(List<String> names) {
    for (int i = 0; i < names.size(); i++) {
      for (String later : names.subList(i + 1, names.size())) {
        String name = names.get(i);
        if (after.getOrDefault(later, Set.of()).contains(name)) {
          return Optional.of(
              "%s is listed before %s, but was listed after it before"
                  .formatted(Differences.quote(name), Differences.quote(later)));
        }
        after.computeIfAbsent(name, key -> new HashSet<>()).add(later);
      }
    }
    return Optional.empty();
  }

  /** Forgets what is known of all names but these. */
  void retain(Collection<String> names) {
    after.keySet().retainAll(names);
    after.values().forEach(later -> later.retainAll(names));
  }
}
