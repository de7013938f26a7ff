package dev.checkpoint4j.tck;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A handle that another process has opened. Each call is a line to that process, and each answer a
 * line from it: the values of a checkpoint, encoded in Base64. For one thread at a time.
 */
final class RemoteStorage implements BackendStorage {

  private static final CheckpointCodec CODEC = TckScope.findCodec();
  private static final String CALL = "call";
  private static final String ANSWER = "answer";
  private static final String REFUSAL = "refusal";
  private static final String FAILURE = "failure";

  private final BackendDescriptor descriptor;
  private final UnaryOperator<String> process;

  /**
   * A handle of a process.
   *
   * @param descriptor that of the handles of this process
   * @param process what the other process answers, with {@link #answer}, to a line
   */
  RemoteStorage(BackendDescriptor descriptor, UnaryOperator<String> process) {
    this.descriptor = descriptor;
    this.process = process;
  }

  // ---- messages

  private static final class Message {
    private final Map<String, @Nullable Object> content = new LinkedHashMap<>();

    Message with(String name, @Nullable Object value) {
      content.put(name, value);
      return this;
    }

    String line() {
      return Base64.getEncoder()
          .encodeToString(
              CODEC.encode(
                  Checkpoint.builder("message")
                      .id("message")
                      .ts(Instant.EPOCH)
                      .version(1)
                      .values(content)
                      .build()));
    }

    static Message of(String line) {
      Message message = new Message();
      message.content.putAll(CODEC.decode(Base64.getDecoder().decode(line)).values());
      return message;
    }

    /** {@code null} if it is absent. */
    <T> @Nullable T find(String name, Class<T> type) {
      return type.cast(content.get(name));
    }

    <T> T get(String name, Class<T> type) {
      return Objects.requireNonNull(find(name, type), name);
    }

    <T> List<T> list(String name, Function<Object, T> element) {
      List<?> elements = get(name, List.class);
      return elements.stream().<T>map(element).toList();
    }
  }

  private static Binary binary(Checkpoint checkpoint) {
    return Binary.copyOf(CODEC.encode(checkpoint));
  }

  private static Binary binary(CheckpointHeader header) {
    return binary(Checkpoint.builder(header).values(Map.of()).build());
  }

  private static Checkpoint checkpoint(Object binary) {
    return CODEC.decode(((Binary) binary).toByteArray());
  }

  // ---- the process that asks

  private Message ask(Message request) {
    Message answer = Message.of(process.apply(request.line()));
    String refusal = answer.find(REFUSAL, String.class);
    if (refusal == null) {
      return answer;
    }
    switch (refusal) {
      case "VersionConflictException" ->
          throw new VersionConflictException(
              descriptor.id(),
              checkpoint(request.get("checkpoint", Binary.class)),
              expectation(request),
              answer.get("latest", Long.class));
      case "DuplicateCheckpointException" ->
          throw new DuplicateCheckpointException(
              descriptor.id(), checkpoint(request.get("checkpoint", Binary.class)));
      case "IllegalArgumentException" ->
          throw new IllegalArgumentException(answer.find(FAILURE, String.class));
      default ->
          throw new AssertionError(
              "%s in another process: %s"
                  .formatted(request.get(CALL, String.class), answer.get(FAILURE, String.class)));
    }
  }

  private static Message request(String call) {
    return new Message().with(CALL, call);
  }

  @Override
  public BackendDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public void put(Checkpoint checkpoint, Expectation expectation) {
    Message unused =
        ask(
            request("put")
                .with("checkpoint", binary(checkpoint))
                .with("any", expectation.isAny())
                .with("latest", expectation.latestId().orElse(null)));
  }

  private static Expectation expectation(Message request) {
    String latest = request.find("latest", String.class);
    if (latest != null) {
      return Expectation.latestIs(latest);
    }
    return request.get("any", Boolean.class) ? Expectation.any() : Expectation.noSession();
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    return ask(request("get").with("namespace", namespace).with("id", id))
        .list(ANSWER, RemoteStorage::checkpoint)
        .stream()
        .findFirst();
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    return ask(ofSession("getBySession", session)).list(ANSWER, RemoteStorage::checkpoint).stream()
        .findFirst();
  }

  private static Message ofSession(String call, SessionKey session) {
    return request(call)
        .with("namespace", session.namespace())
        .with("session", session.sessionId());
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return page(ask(ofQuery("list", query)), RemoteStorage::checkpoint);
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return page(ask(ofQuery("listHeaders", query)), item -> checkpoint(item).header());
  }

  private static <T> Page<T> page(Message answer, Function<Object, T> item) {
    return Page.of(answer.list(ANSWER, item), answer.find("cursor", String.class));
  }

  private static Message ofQuery(String call, CheckpointQuery query) {
    return request(call)
        .with("namespace", query.namespace())
        .with("session", query.sessionId().orElse(null))
        .with("task", query.taskId().orElse(null))
        .with("parent", query.parentId().orElse(null))
        .with("attributes", query.attributes())
        .with("min", query.minVersion())
        .with("max", query.maxVersion())
        .with("from", query.tsFrom().orElse(null))
        .with("before", query.tsBefore().orElse(null))
        .with("order", query.order().name())
        .with("limit", query.limit())
        .with("cursor", query.cursor().orElse(null));
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    Message answer =
        ask(
            request("listSessions")
                .with("namespace", namespace)
                .with("limit", limit)
                .with("cursor", cursor.orElse(null)));
    return page(answer, id -> new SessionKey(namespace, (String) id));
  }

  @Override
  public Page<String> listNamespaces(int limit, Optional<String> cursor) {
    Message answer =
        ask(request("listNamespaces").with("limit", limit).with("cursor", cursor.orElse(null)));
    return page(answer, String.class::cast);
  }

  @Override
  public long delete(String namespace, Collection<String> ids) {
    return ask(request("delete").with("namespace", namespace).with("ids", List.copyOf(ids)))
        .get(ANSWER, Long.class);
  }

  @Override
  public long deleteBySession(SessionKey session) {
    return ask(ofSession("deleteBySession", session)).get(ANSWER, Long.class);
  }

  /** Does nothing: the other process closes its handle. */
  @Override
  public void close() {}

  // ---- the process that answers

  /** Makes the call of a line, and returns the line of its answer, also if it fails. */
  static String answer(BackendStorage storage, String line) {
    Message request = Message.of(line);
    Message answer = new Message();
    try {
      call(storage, request, answer);
    } catch (VersionConflictException e) {
      answer = refusal(e).with("latest", e.latestVersion());
    } catch (RuntimeException | Error e) {
      answer = refusal(e);
    }
    return answer.line();
  }

  private static Message refusal(Throwable failure) {
    return new Message()
        .with(REFUSAL, failure.getClass().getSimpleName())
        .with(FAILURE, failure.toString());
  }

  private static void call(BackendStorage storage, Message request, Message answer) {
    String call = request.get(CALL, String.class);
    switch (call) {
      case "put" ->
          storage.put(checkpoint(request.get("checkpoint", Binary.class)), expectation(request));
      case "get" ->
          answer.with(
              ANSWER,
              binaries(
                  storage.get(
                      request.get("namespace", String.class), request.get("id", String.class))));
      case "getBySession" -> answer.with(ANSWER, binaries(storage.getBySession(session(request))));
      case "list" -> pageInto(answer, storage.list(query(request)).map(RemoteStorage::binary));
      case "listHeaders" ->
          pageInto(answer, storage.listHeaders(query(request)).map(RemoteStorage::binary));
      case "listSessions" ->
          pageInto(
              answer,
              storage
                  .listSessions(
                      request.get("namespace", String.class),
                      request.get("limit", Integer.class),
                      Optional.ofNullable(request.find("cursor", String.class)))
                  .map(SessionKey::sessionId));
      case "listNamespaces" ->
          pageInto(
              answer,
              storage.listNamespaces(
                  request.get("limit", Integer.class),
                  Optional.ofNullable(request.find("cursor", String.class))));
      case "delete" ->
          answer.with(
              ANSWER,
              storage.delete(
                  request.get("namespace", String.class), request.list("ids", String.class::cast)));
      case "deleteBySession" -> answer.with(ANSWER, storage.deleteBySession(session(request)));
      default -> throw new IllegalStateException("unknown call " + call);
    }
  }

  private static List<Binary> binaries(Optional<Checkpoint> found) {
    return found.stream().map(RemoteStorage::binary).toList();
  }

  private static void pageInto(Message answer, Page<?> page) {
    answer.with(ANSWER, page.items()).with("cursor", page.nextCursor().orElse(null));
  }

  private static SessionKey session(Message request) {
    return new SessionKey(
        request.get("namespace", String.class), request.get("session", String.class));
  }

  private static CheckpointQuery query(Message request) {
    CheckpointQuery.Builder query =
        CheckpointQuery.builder(request.get("namespace", String.class))
            .versions(request.get("min", Long.class), request.get("max", Long.class))
            .order(CheckpointQuery.Order.valueOf(request.get("order", String.class)))
            .limit(request.get("limit", Integer.class))
            .cursor(request.find("cursor", String.class));
    Optional.ofNullable(request.find("session", String.class)).ifPresent(query::sessionId);
    Optional.ofNullable(request.find("task", String.class)).ifPresent(query::taskId);
    Optional.ofNullable(request.find("parent", String.class)).ifPresent(query::parentId);
    Optional.ofNullable(request.find("from", Instant.class)).ifPresent(query::tsFrom);
    Optional.ofNullable(request.find("before", Instant.class)).ifPresent(query::tsBefore);
    Map<?, ?> attributes = request.get("attributes", Map.class);
    attributes.forEach((name, value) -> query.attribute((String) name, value));
    return query.build();
  }
}
