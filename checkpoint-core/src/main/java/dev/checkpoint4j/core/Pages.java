package dev.checkpoint4j.core;

import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators.AbstractSpliterator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Reads page by page: streams, and conditions that a backend cannot answer. */
final class Pages {

  private Pages() {}

  /** The entries that {@code next} gives until it gives none, each when it is asked for. */
  static <T> Stream<T> streamOf(Supplier<Optional<T>> next) {
    return StreamSupport.stream(
        new AbstractSpliterator<T>(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL) {
          @Override
          public boolean tryAdvance(Consumer<? super T> action) {
            Optional<T> entry = next.get();
            entry.ifPresent(action);
            return entry.isPresent();
          }
        },
        false);
  }

  /** Everything from {@code start} on; a page is fetched when its first entry is asked for. */
  static <T> Stream<T> streamOf(
      Optional<String> start, Function<Optional<String>, Page<T>> fetchPage) {
    return streamOf(
        new Supplier<Optional<T>>() {
          private Iterator<T> entries = Collections.emptyIterator();
          private Optional<String> cursor = start;
          private boolean isLastPage;

          @Override
          public Optional<T> get() {
            while (!entries.hasNext() && !isLastPage) {
              Page<T> page = fetchPage.apply(cursor);
              entries = page.items().iterator();
              cursor = page.nextCursor();
              isLastPage = cursor.isEmpty();
            }
            return entries.hasNext() ? Optional.of(entries.next()) : Optional.empty();
          }
        });
  }

  /**
   * A page of what matches a query whose conditions on attributes the backend cannot answer: lists
   * headers without these conditions, and loads what matches.
   *
   * @param load what is listed, by its header; empty if it was deleted since
   */
  static <T> Page<T> filtered(
      BackendStorage storage, CheckpointQuery query, Function<CheckpointHeader, Optional<T>> load) {
    CheckpointQuery.Builder candidates = withoutAttributes(query);
    List<T> found = new ArrayList<>();
    Optional<String> cursor = query.cursor();
    do {
      Page<CheckpointHeader> page =
          pageWithAtMost(query.limit() - found.size(), storage, query, candidates, cursor);
      page.items().stream()
          .filter(query::matches)
          .map(load)
          .flatMap(Optional::stream)
          .forEach(found::add);
      cursor = page.nextCursor();
    } while (found.size() < query.limit() && cursor.isPresent());
    return new Page<>(found, cursor);
  }

  /**
   * A page of candidates, of which at most {@code wanted} match. Only the backend can create a
   * cursor, and it creates one per page: if more match than are wanted, the page is fetched again,
   * cut off after the last one that is wanted. As others may write before it is read, that page may
   * differ, so it is checked again; it gets shorter each time, and one of {@code wanted} entries is
   * always right.
   */
  private static Page<CheckpointHeader> pageWithAtMost(
      int wanted,
      BackendStorage storage,
      CheckpointQuery query,
      CheckpointQuery.Builder candidates,
      Optional<String> cursor) {
    int limit = Math.max(wanted, CheckpointQuery.DEFAULT_LIMIT);
    while (true) {
      Page<CheckpointHeader> page =
          storage.listHeaders(candidates.limit(limit).cursor(cursor.orElse(null)).build());
      int end = endOfMatch(wanted, page.items(), query);
      if (end == page.items().size()) {
        return page;
      }
      limit = end;
    }
  }

  /** How many entries it takes to hold {@code wanted} matches, if one more match follows. */
  private static int endOfMatch(int wanted, List<CheckpointHeader> items, CheckpointQuery query) {
    int matches = 0;
    int end = 0;
    for (int i = 0; i < items.size(); i++) {
      if (query.matches(items.get(i))) {
        if (matches == wanted) {
          return end;
        }
        matches++;
        end = i + 1;
      }
    }
    return items.size();
  }

  private static CheckpointQuery.Builder withoutAttributes(CheckpointQuery query) {
    CheckpointQuery.Builder builder =
        CheckpointQuery.builder(query.namespace())
            .versions(query.minVersion(), query.maxVersion())
            .order(query.order());
    query.sessionId().ifPresent(builder::sessionId);
    query.taskId().ifPresent(builder::taskId);
    query.parentId().ifPresent(builder::parentId);
    query.tsFrom().ifPresent(builder::tsFrom);
    query.tsBefore().ifPresent(builder::tsBefore);
    return builder;
  }
}
