package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.store.s3.internal.client.MalformedObjectException;
import dev.checkpoint4j.store.s3.internal.client.ObjectListing;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceKeys;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.Slot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lists the checkpoints and sessions of a namespace, page by page. */
public final class PageReader {

  /** What cursors begin with, so that those of other stores are recognized. */
  private static final String CURSOR = "s3/";

  /** Slots of the first request for a namespace; nearly always the first one is stored. */
  private static final int FIRST_SLOTS = 4;

  private static final int MAX_CONCURRENT_SESSIONS = 64;

  private final S3Namespace namespace;
  private final NamespaceKeys keys;
  private final SessionReader reader;
  private final CheckpointDecoder decoder;
  private final ErrorContext context;

  /** Creates a reader for one call. */
  public PageReader(S3Namespace namespace, ErrorContext context) {
    this.namespace = namespace;
    this.keys = namespace.keys();
    this.reader = namespace.reader();
    this.decoder = namespace.decoder();
    this.context = context;
  }

  // ---- checkpoints

  /**
   * Reads a page of checkpoints.
   *
   * @param start the key of the slot after which the page starts
   */
  public Page<Checkpoint> checkpoints(CheckpointQuery query, Optional<String> start) {
    return page(query, start, ObjectPart.ALL, (slot, header) -> decoder.decode(slot, context));
  }

  /** Reads a page of headers, as {@link #checkpoints}. */
  public Page<CheckpointHeader> headers(CheckpointQuery query, Optional<String> start) {
    return page(query, start, ObjectPart.START, (slot, header) -> header);
  }

  /** Creates an item of a page from a slot that is stored. */
  private interface View<T> {
    T of(ResolvedSlot slot, CheckpointHeader header);
  }

  private <T> Page<T> page(
      CheckpointQuery query, Optional<String> start, ObjectPart part, View<T> view) {
    String prefix = prefix(keys, query);
    @Nullable String startAfter = start.orElse(null);
    SlotIterator slots =
        query.order() == Order.NEWEST_FIRST
            ? SlotIterator.newestFirst(namespace.objects(), prefix, startAfter, query.limit() + 1)
            : SlotIterator.oldestFirst(namespace.objects(), prefix, startAfter);
    List<T> items = new ArrayList<>();
    @Nullable Slot last = null;
    while (items.size() < query.limit()) {
      List<Slot> batch = slots.take(query.limit() - items.size());
      if (batch.isEmpty()) {
        return Page.of(items, null);
      }
      for (ResolvedSlot slot : reader.resolveAll(batch, part)) {
        Optional<CheckpointHeader> header = decoder.decodeHeader(slot, context);
        if (header.filter(query::matches).isPresent()) {
          items.add(view.of(slot, header.get()));
          last = slot.slot();
        } else if (header.filter(it -> isPastRange(query, it.version())).isPresent()) {
          slots.skip(slot.slot().sessionPrefix());
        }
      }
    }
    return Page.of(items, last != null && slots.hasMore() ? cursor(last).encode() : null);
  }

  /** Whether the query excludes all later checkpoints of the session, too. */
  private static boolean isPastRange(CheckpointQuery query, long version) {
    return query.order() == Order.NEWEST_FIRST
        ? version < query.minVersion()
        : version > query.maxVersion();
  }

  private static String prefix(NamespaceKeys keys, CheckpointQuery query) {
    return query.sessionId().map(keys::sessionPrefix).orElse(keys.sessions());
  }

  // ---- cursors

  private static ListCursor cursor(Slot slot) {
    return new ListCursor(cursorKey(slot.sessionPrefix()), slot.number());
  }

  private static String cursorKey(String sessionPrefix) {
    return cursorKeyOfSegment(ObjectKeys.segmentOf(sessionPrefix));
  }

  static String cursorKeyOfSegment(String segment) {
    return CURSOR + segment;
  }

  /**
   * The slot that a cursor names.
   *
   * @throws IllegalArgumentException if this store has not issued the cursor for this query
   */
  public static String slotKey(NamespaceKeys keys, CheckpointQuery query, ListCursor cursor) {
    String sessionPrefix = sessionPrefix(keys, cursor);
    if (!sessionPrefix.startsWith(prefix(keys, query))) {
      throw new IllegalArgumentException(
          "the cursor is that of another query; pass it with the query that it was created for");
    }
    return ObjectKeys.slot(sessionPrefix, cursor.position());
  }

  /**
   * The session that a cursor names.
   *
   * @throws IllegalArgumentException if this store has not issued the cursor
   */
  public static String sessionPrefix(NamespaceKeys keys, ListCursor cursor) {
    return keys.sessions() + segment(cursor) + "/";
  }

  /**
   * The segment of the session or the namespace that a cursor names.
   *
   * @throws IllegalArgumentException if this store has not issued the cursor
   */
  static String segment(ListCursor cursor) {
    String text = cursor.key();
    if (!text.startsWith(CURSOR) || !ObjectKeys.isSegment(text.substring(CURSOR.length()))) {
      throw new IllegalArgumentException(
          "the cursor was not created by an S3 store; pass the result of Page.nextCursor() unchanged");
    }
    return text.substring(CURSOR.length());
  }

  // ---- sessions

  /**
   * Reads a page of sessions.
   *
   * @param start the prefix of the session after which the page starts
   */
  public Page<SessionKey> sessions(String namespaceId, int limit, Optional<String> start) {
    SlotIterator slots =
        SlotIterator.newestFirst(
                namespace.objects(),
                keys.sessions(),
                start.map(ObjectKeys::endOf).orElse(null),
                ObjectListing.MAX_OBJECTS)
            .skippingCopies();
    List<SessionKey> sessions = new ArrayList<>();
    @Nullable String last = null;
    while (sessions.size() < limit) {
      Map<String, Slot> newest = newestOfNextSessions(slots, limit - sessions.size());
      if (newest.isEmpty()) {
        return Page.of(sessions, null);
      }
      namespace
          .client()
          .invokeAll(
              newest.values().stream()
                  .<Supplier<Optional<String>>>map(slot -> () -> sessionIfStored(slot))
                  .toList())
          .stream()
          .flatMap(Optional::stream)
          .forEach(id -> sessions.add(new SessionKey(namespaceId, id)));
      last = List.copyOf(newest.keySet()).get(newest.size() - 1);
    }
    return Page.of(
        sessions,
        last != null && slots.hasMore() ? ListCursor.ofSession(cursorKey(last)).encode() : null);
  }

  /** The newest claimed slot of each of the next sessions, by session. */
  private static Map<String, Slot> newestOfNextSessions(SlotIterator slots, int count) {
    Map<String, Slot> newest = new LinkedHashMap<>();
    while (newest.size() < count) {
      List<Slot> next = slots.take(1);
      if (next.isEmpty()) {
        return newest;
      }
      newest.put(next.get(0).sessionPrefix(), next.get(0));
      slots.skip(next.get(0).sessionPrefix());
    }
    return newest;
  }

  /** The id of a session, if it has a stored checkpoint. */
  private Optional<String> sessionIfStored(Slot newest) {
    Optional<String> id = ObjectKeys.idOf(ObjectKeys.segmentOf(newest.sessionPrefix()));
    try {
      return stored(newest).flatMap(slot -> id.or(() -> readSessionId(slot)));
    } catch (MalformedObjectException e) {
      // A damaged checkpoint does not hide its session.
      return Optional.of(id.orElseThrow(() -> e));
    }
  }

  private Optional<ResolvedSlot> stored(Slot newest) {
    ResolvedSlot slot = reader.resolve(newest, ObjectPart.METADATA);
    return slot.isStored()
        ? Optional.of(slot)
        : Optional.ofNullable(reader.latest(newest.sessionPrefix(), ObjectPart.METADATA).stored());
  }

  /** The key of a session with a long id does not contain it; each of its documents does. */
  private Optional<String> readSessionId(ResolvedSlot stored) {
    return readHeader(stored).map(header -> header.metadata().sessionId());
  }

  /** The header of the checkpoint of a slot, or of the latest one if that was deleted. */
  private Optional<CheckpointHeader> readHeader(ResolvedSlot stored) {
    return decoder
        .decodeHeader(reader.resolve(stored.slot(), ObjectPart.START), context)
        .or(() -> readLatestHeader(stored.slot().sessionPrefix()));
  }

  private Optional<CheckpointHeader> readLatestHeader(String sessionPrefix) {
    return Optional.ofNullable(reader.latest(sessionPrefix, ObjectPart.ALL).stored())
        .flatMap(slot -> decoder.decodeHeader(slot, context));
  }

  // ---- the namespace

  /**
   * The id of the namespace, if it has a stored checkpoint.
   *
   * @param id the id, if its segment shows it
   */
  Optional<String> namespaceIfStored(Optional<String> id) {
    SlotIterator slots =
        SlotIterator.newestFirst(namespace.objects(), keys.sessions(), null, FIRST_SLOTS)
            .skippingCopies();
    @Nullable MalformedObjectException damage = null;
    for (int size = 1; ; size = Math.min(4 * size, MAX_CONCURRENT_SESSIONS)) {
      Map<String, Slot> newest = newestOfNextSessions(slots, size);
      if (newest.isEmpty()) {
        if (damage != null) {
          throw damage;
        }
        return Optional.empty();
      }
      List<Supplier<Found>> reads =
          newest.values().stream()
              .<Supplier<Found>>map(slot -> () -> namespaceIfStored(slot, id))
              .toList();
      for (Found found : namespace.client().invokeAll(reads)) {
        if (found.id().isPresent()) {
          return found.id();
        }
        damage = found.damage() == null ? damage : found.damage();
      }
    }
  }

  /** What a session says of its namespace. */
  private record Found(Optional<String> id, @Nullable MalformedObjectException damage) {}

  private Found namespaceIfStored(Slot newest, Optional<String> id) {
    try {
      return new Found(
          stored(newest)
              .flatMap(slot -> id.or(() -> readHeader(slot).map(CheckpointHeader::namespace))),
          null);
    } catch (MalformedObjectException e) {
      // A damaged checkpoint does not hide its namespace, and another one may hold its id.
      return new Found(id, e);
    }
  }
}
