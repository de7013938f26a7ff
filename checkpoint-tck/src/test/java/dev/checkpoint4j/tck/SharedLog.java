package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.AbstractBackendStorage;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.DocumentCodec;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.zip.CRC32;

/**
 * A durable backend that several processes may share: a log of puts and deletions in one file,
 * which every call locks and reads to its end. What depends on the process, such as the bytes of a
 * text, can be overridden: what mutants are made of.
 */
class SharedLog extends AbstractBackendStorage {

  private static final int MAX_DOCUMENT_BYTES = 64 << 20;

  /** What is known of a checkpoint without its document. */
  @SuppressWarnings("ArrayRecordComponent") // of which nothing is changed or compared
  record Entry(
      String namespace, String session, String id, long version, Instant ts, byte[] document) {
    boolean isOf(CheckpointHeader header) {
      return header.id().equals(id)
          && header.namespace().equals(namespace)
          && header.metadata().sessionId().equals(session)
          && header.version() == version;
    }
  }

  private record Name(String namespace, String id) {}

  private enum Kind {
    PUT,
    DELETE,
    DELETE_SESSION
  }

  private interface Fields {
    void write(DataOutputStream out) throws IOException;
  }

  private final LogFile file;
  private final DocumentCodec documents;

  /** By namespace and session, as {@link #keyOf} says; then by version. */
  private final Map<String, TreeMap<String, TreeMap<Long, Entry>>> namespaces = new TreeMap<>();

  private final Map<Name, Entry> ids = new HashMap<>();
  private long end;
  private boolean isClosed;

  SharedLog(TckScope scope, LogFile.Faults faults) {
    this(scope, faults, MAX_DOCUMENT_BYTES);
  }

  SharedLog(TckScope scope, LogFile.Faults faults, int maxBytes) {
    super(
        BackendDescriptor.builder("shared-log", Durability.PROCESS_CRASH)
            .capabilities(Set.of(Capability.ATTRIBUTE_QUERY))
            .maxDocumentBytes(maxBytes)
            .build());
    Path path = scope.location().resolve("log");
    try {
      file = new LogFile(path, faults);
    } catch (IOException e) {
      throw new StorageUnavailableException(
          "the log cannot be opened; nothing was changed", context("open"), e);
    }
    documents = new DocumentCodec(scope.codec(), MAX_DOCUMENT_BYTES);
  }

  // ---- what depends on the process, and must not

  byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  String timeAsText(Instant time) {
    return time.toString();
  }

  Instant timeOf(String text) {
    return Instant.parse(text);
  }

  String versionAsText(long version) {
    return Long.toString(version);
  }

  long versionOf(String text) {
    return Long.parseLong(text);
  }

  Comparator<String> orderOfSessions() {
    return Comparator.naturalOrder();
  }

  /** By what a session is found. */
  String keyOf(String session) {
    return session;
  }

  /** Whether a call reads what other handles and processes wrote. */
  boolean isReadBy(String operation) {
    return true;
  }

  /** Whether a record of another handle or process is applied. */
  boolean isApplied(String kind, boolean isFirstReading) {
    return true;
  }

  boolean isLocked(String operation) {
    return true;
  }

  /** What a failed write is reported as. */
  CheckpointException failed(String operation, ErrorContext context, IOException cause) {
    return new OutcomeUnknownException(
        "the log was not written for certain; repeat the call", context, cause);
  }

  boolean isTooLarge(Checkpoint checkpoint, byte[] document) {
    return document.length > descriptor().maxDocumentBytes();
  }

  RuntimeException tooLarge(Checkpoint checkpoint, ErrorContext context) {
    return new StorageLimitExceededException(
        "the checkpoint is too large; nothing was changed", context, null);
  }

  /** Called before a record is written; the index is that of this handle. */
  void writing(Checkpoint checkpoint) {}

  /** Called instead of an answer that cannot be decoded. */
  <T> Optional<T> undecodable(String operation, Entry entry, CheckpointException failure) {
    throw failure;
  }

  // ---- calls

  @Override
  protected void doPut(Checkpoint checkpoint, Expectation expectation) {
    ErrorContext context = context("put").checkpoint(checkpoint);
    byte[] document = documents.encode(checkpoint, context);
    if (isTooLarge(checkpoint, document)) {
      throw tooLarge(checkpoint, context);
    }
    locked(
        "put",
        context,
        () -> {
          Optional<Checkpoint> sameId =
              Optional.ofNullable(ids.get(new Name(checkpoint.namespace(), checkpoint.id())))
                  .map(entry -> decode(entry, context));
          Optional<CheckpointHeader> latest =
              latest(checkpoint.sessionKey()).map(entry -> decodeHeader(entry, context));
          if (isToBeStored(checkpoint, expectation, sameId, latest)) {
            writing(checkpoint);
            append(
                "put",
                context,
                Kind.PUT,
                out -> {
                  write(out, checkpoint.namespace());
                  write(out, checkpoint.metadata().sessionId());
                  write(out, checkpoint.id());
                  write(out, versionAsText(checkpoint.version()));
                  write(out, timeAsText(checkpoint.ts()));
                  write(out, document);
                });
          }
          return true;
        });
  }

  @Override
  protected Optional<Checkpoint> doGet(String namespace, String id) {
    ErrorContext context = context("get").checkpoint(namespace, id);
    return locked(
        "get",
        context,
        () -> decoded("get", Optional.ofNullable(ids.get(new Name(namespace, id))), context));
  }

  @Override
  protected Optional<Checkpoint> doGetBySession(SessionKey session) {
    ErrorContext context = context("getBySession").session(session);
    return locked("getBySession", context, () -> decoded("getBySession", latest(session), context));
  }

  private Optional<Checkpoint> decoded(
      String operation, Optional<Entry> found, ErrorContext context) {
    try {
      return found.map(entry -> decode(entry, context));
    } catch (CheckpointException e) {
      return undecodable(operation, found.orElseThrow(), e);
    }
  }

  final Optional<Entry> latest(SessionKey session) {
    return Optional.ofNullable(versions(session).lastEntry()).map(Map.Entry::getValue);
  }

  final NavigableMap<Long, Entry> versions(SessionKey session) {
    return sessions(session.namespace()).getOrDefault(keyOf(session.sessionId()), new TreeMap<>());
  }

  private TreeMap<String, TreeMap<Long, Entry>> sessions(String namespace) {
    return namespaces.getOrDefault(namespace, new TreeMap<>(orderOfSessions()));
  }

  @Override
  protected Page<Checkpoint> doList(CheckpointQuery query, Optional<ListCursor> start) {
    return list("list", query, start, this::decode, last -> ListCursor.ofCheckpoint(last.header()));
  }

  @Override
  protected Page<CheckpointHeader> doListHeaders(
      CheckpointQuery query, Optional<ListCursor> start) {
    return list("listHeaders", query, start, this::decodeHeader, ListCursor::ofCheckpoint);
  }

  private interface Decoding<T> {
    T of(Entry entry, ErrorContext context);
  }

  private <T> Page<T> list(
      String operation,
      CheckpointQuery query,
      Optional<ListCursor> start,
      Decoding<T> decoding,
      Function<T, ListCursor> position) {
    ErrorContext context = context(operation).query(query);
    return locked(
        operation,
        context,
        () -> {
          List<T> found = new ArrayList<>();
          for (Map.Entry<String, TreeMap<Long, Entry>> session :
              sessions(query.namespace()).entrySet()) {
            NavigableMap<Long, Entry> versions =
                query.order() == Order.OLDEST_FIRST
                    ? session.getValue()
                    : session.getValue().descendingMap();
            for (Entry entry : versions.values()) {
              if (found.size() <= query.limit()
                  && start.map(from -> isAfter(entry, from, query.order())).orElse(true)) {
                matching(operation, query, entry, decoding, context).ifPresent(found::add);
              }
            }
          }
          return page(found, query.limit(), position);
        });
  }

  private <T> Optional<T> matching(
      String operation,
      CheckpointQuery query,
      Entry entry,
      Decoding<T> decoding,
      ErrorContext context) {
    if (!query.sessionId().map(entry.session()::equals).orElse(true)
        || entry.version() < query.minVersion()
        || entry.version() > query.maxVersion()
        || query.tsFrom().filter(entry.ts()::isBefore).isPresent()
        || query.tsBefore().filter(before -> !entry.ts().isBefore(before)).isPresent()) {
      return Optional.empty();
    }
    try {
      boolean hasMore =
          query.taskId().isPresent()
              || query.parentId().isPresent()
              || !query.attributes().isEmpty();
      if (hasMore && !matches(query, decodeHeader(entry, context))) {
        return Optional.empty();
      }
      return Optional.of(decoding.of(entry, context));
    } catch (CheckpointException e) {
      return undecodable(operation, entry, e);
    }
  }

  /** Times were compared before. */
  private static boolean matches(CheckpointQuery query, CheckpointHeader header) {
    CheckpointQuery.Builder others = CheckpointQuery.builder(query.namespace());
    query.taskId().ifPresent(others::taskId);
    query.parentId().ifPresent(others::parentId);
    query.attributes().forEach(others::attribute);
    return others.build().matches(header);
  }

  private boolean isAfter(Entry entry, ListCursor start, Order order) {
    int bySession = orderOfSessions().compare(keyOf(entry.session()), keyOf(start.key()));
    if (bySession != 0) {
      return bySession > 0;
    }
    return order == Order.OLDEST_FIRST
        ? entry.version() > start.position()
        : entry.version() < start.position();
  }

  @Override
  protected Page<SessionKey> doListSessions(
      String namespace, int limit, Optional<ListCursor> start) {
    return locked(
        "listSessions",
        context("listSessions").namespace(namespace),
        () ->
            page(
                sessions(namespace).entrySet().stream()
                    .filter(
                        each ->
                            start.isEmpty()
                                || orderOfSessions()
                                        .compare(each.getKey(), keyOf(start.get().key()))
                                    > 0)
                    .limit(limit + 1L)
                    .map(
                        each ->
                            new SessionKey(
                                namespace, each.getValue().firstEntry().getValue().session()))
                    .toList(),
                limit,
                last -> ListCursor.ofSession(last.sessionId())));
  }

  @Override
  protected Page<String> doListNamespaces(int limit, Optional<ListCursor> start) {
    return locked(
        "listNamespaces",
        context("listNamespaces"),
        () ->
            page(
                namespaces.keySet().stream()
                    .filter(name -> start.isEmpty() || name.compareTo(start.get().key()) > 0)
                    .limit(limit + 1L)
                    .toList(),
                limit,
                ListCursor::ofNamespace));
  }

  @Override
  protected long doDelete(String namespace, Set<String> deleted) {
    ErrorContext context = context("delete").namespace(namespace);
    return locked(
        "delete",
        context,
        () -> {
          List<String> stored =
              deleted.stream().filter(id -> ids.containsKey(new Name(namespace, id))).toList();
          if (!stored.isEmpty()) {
            append(
                "delete",
                context,
                Kind.DELETE,
                out -> {
                  write(out, namespace);
                  out.writeInt(stored.size());
                  for (String id : stored) {
                    write(out, id);
                  }
                });
          }
          return (long) stored.size();
        });
  }

  @Override
  protected long doDeleteBySession(SessionKey session) {
    ErrorContext context = context("deleteBySession").session(session);
    return locked(
        "deleteBySession",
        context,
        () -> {
          long count = versions(session).size();
          if (count > 0) {
            append(
                "deleteBySession",
                context,
                Kind.DELETE_SESSION,
                out -> {
                  write(out, session.namespace());
                  write(out, session.sessionId());
                });
          }
          return count;
        });
  }

  @Override
  protected void doClose() {
    file.exclusively(
        false,
        () -> {
          isClosed = true;
          file.close();
          return true;
        });
  }

  // ---- the log

  private <T> T locked(String operation, ErrorContext context, Supplier<T> call) {
    return file.exclusively(
        isLocked(operation),
        () -> {
          if (isClosed) {
            throw new IllegalStateException("this handle is closed");
          }
          try {
            if (isReadBy(operation)) {
              read();
            }
          } catch (IOException e) {
            throw new StorageUnavailableException(
                "the log cannot be read; nothing was changed", context, e);
          }
          return call.get();
        });
  }

  private void append(String operation, ErrorContext context, Kind kind, Fields fields) {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    try {
      DataOutputStream out = new DataOutputStream(payload);
      out.writeUTF(kind.name());
      fields.write(out);
      DataOutputStream framed = new DataOutputStream(frame);
      framed.writeInt(payload.size());
      framed.writeInt(checksum(payload.toByteArray()));
      framed.write(payload.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      file.write(end, frame.toByteArray());
    } catch (IOException e) {
      throw failed(operation, context, e);
    }
    apply(payload.toByteArray(), true, true);
    end += frame.size();
  }

  /** Applies what was written since the last call; what was not written to its end is left. */
  private void read() throws IOException {
    boolean isFirst = end == 0;
    byte[] news = file.read(end);
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(news));
    while (in.available() >= 8) {
      int length = in.readInt();
      int checksum = in.readInt();
      if (length < 0 || length > in.available()) {
        return;
      }
      byte[] payload = in.readNBytes(length);
      if (checksum(payload) != checksum) {
        return;
      }
      apply(payload, false, isFirst);
      end += 8L + length;
    }
  }

  private static int checksum(byte[] payload) {
    CRC32 checksum = new CRC32();
    checksum.update(payload);
    return (int) checksum.getValue();
  }

  private void apply(byte[] payload, boolean isOwn, boolean isFirstReading) {
    try {
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(payload));
      Kind kind = Kind.valueOf(in.readUTF());
      if (!isOwn && !isApplied(kind.name(), isFirstReading)) {
        return;
      }
      String namespace = readText(in);
      switch (kind) {
        case PUT ->
            add(
                new Entry(
                    namespace,
                    readText(in),
                    readText(in),
                    versionOf(readText(in)),
                    timeOf(readText(in)),
                    readBytes(in)));
        case DELETE -> {
          int count = in.readInt();
          for (int i = 0; i < count; i++) {
            remove(namespace, readText(in));
          }
        }
        case DELETE_SESSION ->
            List.copyOf(versions(new SessionKey(namespace, readText(in))).values())
                .forEach(entry -> remove(namespace, entry.id()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(Entry entry) {
    ids.put(new Name(entry.namespace(), entry.id()), entry);
    namespaces
        .computeIfAbsent(entry.namespace(), name -> new TreeMap<>(orderOfSessions()))
        .computeIfAbsent(keyOf(entry.session()), session -> new TreeMap<>())
        .put(entry.version(), entry);
  }

  private void remove(String namespace, String id) {
    Entry gone = ids.remove(new Name(namespace, id));
    if (gone != null) {
      TreeMap<String, TreeMap<Long, Entry>> sessions = sessions(namespace);
      NavigableMap<Long, Entry> versions = versions(new SessionKey(namespace, gone.session()));
      versions.remove(gone.version());
      if (versions.isEmpty()) {
        sessions.remove(keyOf(gone.session()));
      }
      if (sessions.isEmpty()) {
        namespaces.remove(namespace);
      }
    }
  }

  private Checkpoint decode(Entry entry, ErrorContext context) {
    return documents.decode(
        entry.document(), entry::isOf, "a record of the log", of(entry, context));
  }

  private CheckpointHeader decodeHeader(Entry entry, ErrorContext context) {
    return documents.decodeHeader(
        entry.document(), entry::isOf, "a record of the log", of(entry, context));
  }

  private static ErrorContext of(Entry entry, ErrorContext context) {
    return context
        .session(new SessionKey(entry.namespace(), entry.session()))
        .checkpoint(entry.namespace(), entry.id());
  }

  private void write(DataOutputStream out, String text) throws IOException {
    write(out, bytes(text));
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private String readText(DataInputStream in) throws IOException {
    return text(readBytes(in));
  }

  private static byte[] readBytes(DataInputStream in) throws IOException {
    return in.readNBytes(in.readInt());
  }
}
