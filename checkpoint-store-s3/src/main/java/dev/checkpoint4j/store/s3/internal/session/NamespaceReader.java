package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.Page;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.store.s3.internal.client.PrefixListing;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lists the namespaces of a store: the common prefixes of its keys. For each, it reads whether the
 * namespace has a stored checkpoint.
 */
public final class NamespaceReader {

  private final S3Store store;
  private final ErrorContext context;

  /** Creates a reader for one call. */
  public NamespaceReader(S3Store store, ErrorContext context) {
    this.store = store;
    this.context = context;
  }

  /**
   * Where a page starts that a cursor names.
   *
   * @throws IllegalArgumentException if this store has not issued the cursor
   */
  public String startAfter(ListCursor cursor) {
    return endOf(PageReader.segment(cursor));
  }

  /**
   * Reads a page of namespaces.
   *
   * @param start the key after which the page starts
   */
  public Page<String> namespaces(int limit, Optional<String> start) {
    List<String> namespaces = new ArrayList<>();
    @Nullable String startAfter = start.orElse(null);
    @Nullable String last = null;
    while (true) {
      // One more than fits: it shows whether there is more.
      int missing = limit - namespaces.size();
      PrefixListing page = store.client().listPrefixes(startAfter, missing + 1);
      List<String> segments =
          page.prefixes().stream()
              .flatMap(root -> store.keys().namespaceSegment(root).stream())
              .toList();
      List<String> next = segments.subList(0, Math.min(missing, segments.size()));
      namespaces.addAll(stored(next));
      last = next.isEmpty() ? last : next.get(next.size() - 1);
      boolean hasMore = segments.size() > missing || page.last() != null;
      if (!hasMore) {
        return Page.of(namespaces, null);
      }
      if (namespaces.size() == limit && last != null) {
        return Page.of(
            namespaces, ListCursor.ofNamespace(PageReader.cursorKeyOfSegment(last)).encode());
      }
      startAfter =
          segments.size() > missing && last != null ? endOf(last) : endOfPage(page, startAfter);
    }
  }

  private String endOf(String segment) {
    return ObjectKeys.endOf(store.keys().namespaceOfSegment(segment).root());
  }

  private static @Nullable String endOfPage(PrefixListing page, @Nullable String startAfter) {
    String end = page.last();
    return end == null ? startAfter : end.endsWith("/") ? ObjectKeys.endOf(end) : end;
  }

  /** The ids of the namespaces that have a stored checkpoint. */
  private List<String> stored(List<String> segments) {
    return store
        .client()
        .invokeAll(
            segments.stream()
                .<Supplier<Optional<String>>>map(segment -> () -> read(segment))
                .toList())
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<String> read(String segment) {
    S3Namespace namespace = store.namespace(store.keys().namespaceOfSegment(segment));
    return new PageReader(namespace, context).namespaceIfStored(ObjectKeys.idOf(segment));
  }
}
