package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;
import static dev.checkpoint4j.tck.Mutant.storeFault;

import dev.checkpoint4j.Page;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ListCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;

/** Faults of the listing of namespaces. */
final class NamespaceMutants {

  private NamespaceMutants() {}

  private static List<String> all(BackendStorage storage) {
    return Reads.allPages("listNamespaces", 1000, cursor -> storage.listNamespaces(1000, cursor));
  }

  /** A correct page of names in their order. */
  private static Page<String> page(Iterable<String> names, int limit, Optional<String> cursor) {
    Optional<ListCursor> start = cursor.map(ListCursor::decodeNamespaces);
    List<String> left = new ArrayList<>();
    names.forEach(
        name -> {
          if (start.isEmpty() || name.compareTo(start.get().key()) > 0) {
            left.add(name);
          }
        });
    return left.size() <= limit
        ? Page.of(left, null)
        : Page.of(left.subList(0, limit), ListCursor.ofNamespace(left.get(limit - 1)).encode());
  }

  private static boolean isOfNamespaces(String cursor) {
    try {
      return !ListCursor.decodeNamespaces(cursor).key().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static List<Mutant> all() {
    return List.of(
        handleFault(
            "namespaces are told apart without case",
            good ->
                Faulty.namespaces(
                    good,
                    (storage, limit, cursor) -> {
                      Set<String> seen = new TreeSet<>();
                      List<String> names =
                          all(storage).stream()
                              .filter(name -> seen.add(name.toLowerCase(Locale.ROOT)))
                              .toList();
                      return limit > 1000 || limit < 1
                          ? storage.listNamespaces(limit, cursor)
                          : page(names, limit, cursor);
                    }),
            "NS-01"),
        handleFault(
            "each page of namespaces but the first skips one",
            good ->
                Faulty.namespaces(
                    good,
                    (storage, limit, cursor) -> {
                      Page<String> page = storage.listNamespaces(limit, cursor);
                      return cursor.isEmpty() || page.nextCursor().isEmpty()
                          ? page
                          : storage.listNamespaces(
                              limit,
                              Optional.of(ListCursor.ofNamespace(page.items().get(0)).encode()));
                    }),
            "NS-02"),
        storeFault(
            "emptied namespaces are listed",
            () -> {
              Set<String> known = new ConcurrentSkipListSet<>();
              return good ->
                  Faulty.namespaces(
                      Faulty.put(
                          good,
                          (storage, checkpoint, expectation) -> {
                            storage.put(checkpoint, expectation);
                            known.add(checkpoint.namespace());
                          }),
                      (storage, limit, cursor) ->
                          limit > 1000
                                  || limit < 1
                                  || !cursor.map(NamespaceMutants::isOfNamespaces).orElse(true)
                              ? storage.listNamespaces(limit, cursor)
                              : page(known, limit, cursor));
            },
            "NS-03"),
        handleFault(
            "the cursor of namespaces is a reference",
            good ->
                Faulty.namespaces(
                    good,
                    (storage, limit, cursor) ->
                        cursor
                                .filter(NamespaceMutants::isOfNamespaces)
                                .map(it -> ListCursor.decodeNamespaces(it).key())
                                .filter(name -> !all(storage).contains(name))
                                .isPresent()
                            ? Page.of(List.of(), null)
                            : storage.listNamespaces(limit, cursor)),
            "NS-04"),
        handleFault(
            "namespaces are listed from the start with a cursor of another listing",
            good ->
                Faulty.namespaces(
                    good,
                    (storage, limit, cursor) ->
                        storage.listNamespaces(
                            limit, cursor.filter(NamespaceMutants::isOfNamespaces))),
            "NS-05"),
        handleFault(
            "list takes a cursor of sessions for its start", ListMutants::startingOver, "NS-05"),
        handleFault(
            "limit of namespaces is clamped",
            good ->
                Faulty.namespaces(
                    good,
                    (storage, limit, cursor) ->
                        storage.listNamespaces(Math.min(Math.max(limit, 1), 1000), cursor)),
            "ARG-04"));
  }
}
