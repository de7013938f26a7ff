package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.store.s3.Bucket.Part;
import dev.checkpoint4j.store.s3.History.Look;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lists what is stored in a namespace, page by page. */
final class Pages {

  private final Bucket bucket;
  private final NamespaceKeys keys;
  private final History history;
  private final String namespace;
  private final Decoder decoder;

  Pages(Bucket bucket, Keys keys, String namespace, Decoder decoder) {
    this.bucket = bucket;
    this.keys = keys.namespace(namespace);
    this.history = new History(bucket, this.keys);
    this.namespace = namespace;
    this.decoder = decoder;
  }

  /** How an entry of a listing is read. */
  interface View<T> {
    T of(Look look, CheckpointHeader header);
  }

  /** A page of checkpoints; {@code part} is what {@code view} needs of their documents. */
  <T> Page<T> list(CheckpointQuery query, Optional<ListCursor> start, Part part, View<T> view) {
    String prefix = query.sessionId().map(keys::session).orElse(keys.sessions());
    @Nullable String startAfter = start.map(cursor -> slotKey(prefix, cursor)).orElse(null);
    SlotSource slots =
        query.order() == Order.NEWEST_FIRST
            ? SlotSource.newestFirst(bucket, prefix, startAfter, query.limit() + 1)
            : SlotSource.oldestFirst(bucket, prefix, startAfter);
    List<T> items = new ArrayList<>();
    @Nullable Slot last = null;
    while (items.size() < query.limit()) {
      List<Slot> some = slots.take(query.limit() - items.size());
      if (some.isEmpty()) {
        return Page.of(items, null);
      }
      for (Look look : history.look(some, part)) {
        if (look.isStored()) {
          CheckpointHeader header = decoder.header(look);
          if (query.matches(header)) {
            items.add(view.of(look, header));
            last = look.slot();
          } else if (isBeyond(query, header.version())) {
            slots.skip(look.slot().session());
          }
        }
      }
    }
    return Page.of(items, last != null && slots.hasMore() ? cursor(last).encode() : null);
  }

  /** Whether what follows in the session is not asked for either. */
  private static boolean isBeyond(CheckpointQuery query, long version) {
    return query.order() == Order.NEWEST_FIRST
        ? version < query.minVersion()
        : version > query.maxVersion();
  }

  private static ListCursor cursor(Slot slot) {
    return new ListCursor(Keys.segmentOf(slot.session()), slot.number());
  }

  /** The key that a cursor stands for: of any session, if the query is for one, of that one. */
  private String slotKey(String prefix, ListCursor cursor) {
    String session = keys.sessions() + cursor.session() + "/";
    if (!session.startsWith(prefix)) {
      throw new IllegalArgumentException(
          "the cursor is that of another query; pass it on with the one it was made for");
    }
    return Keys.slot(session, cursor.version());
  }

  // ---- sessions

  Page<SessionKey> sessions(int limit, Optional<ListCursor> start) {
    String prefix = keys.sessions();
    SlotSource slots =
        SlotSource.newestFirst(
            bucket,
            prefix,
            start.map(cursor -> Keys.endOf(prefix + cursor.session() + "/")).orElse(null),
            SlotSource.MOST_KEYS);
    List<SessionKey> sessions = new ArrayList<>();
    @Nullable String last = null;
    while (sessions.size() < limit) {
      Map<String, Slot> newest = newestOfSome(slots, limit - sessions.size());
      if (newest.isEmpty()) {
        return Page.of(sessions, null);
      }
      for (Optional<Look> stored :
          bucket.all(
              newest.values().stream()
                  .<Supplier<Optional<Look>>>map(slot -> () -> stored(slot))
                  .toList())) {
        if (stored.isPresent()) {
          sessions.add(new SessionKey(namespace, sessionId(stored.get())));
          last = stored.get().slot().session();
        }
      }
    }
    return Page.of(
        sessions,
        last != null && slots.hasMore() ? new ListCursor(Keys.segmentOf(last), 0).encode() : null);
  }

  /** The newest claims of the next sessions, by session; what else they have is left out. */
  private static Map<String, Slot> newestOfSome(SlotSource slots, int count) {
    Map<String, Slot> newest = new LinkedHashMap<>();
    while (newest.size() < count) {
      List<Slot> next = slots.take(1);
      if (next.isEmpty()) {
        return newest;
      }
      newest.put(next.get(0).session(), next.get(0));
      slots.skip(next.get(0).session());
    }
    return newest;
  }

  private Optional<Look> stored(Slot newest) {
    Look look = history.look(newest, Part.METADATA);
    return look.isStored()
        ? Optional.of(look)
        : Optional.ofNullable(history.latest(newest.session(), Part.METADATA).stored());
  }

  private String sessionId(Look look) {
    return Keys.idOf(Keys.segmentOf(look.slot().session()))
        .orElseGet(
            () -> decoder.header(history.look(look.slot(), Part.ALL)).metadata().sessionId());
  }
}
