package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** The ways to a stored checkpoint: a fault of one of them does not show on the others. */
@SuppressWarnings("ImmutableEnumChecker") // lambdas without state
enum ReadPath {
  GET("get"),
  LATEST("getBySession"),
  LIST("list", query -> true, false),
  LIST_LATER("list, pages after the first", ReadPath::isLater, false),
  LIST_OLDEST("list, oldest first", ReadPath::isOldestFirst, false),
  LIST_SESSION("list of a session", query -> query.sessionId().isPresent(), false),
  LIST_TASK("list of a task", query -> query.taskId().isPresent(), false),
  LIST_PARENT("list of a parent", query -> query.parentId().isPresent(), false),
  LIST_VERSIONS("list of a range of versions", ReadPath::hasVersions, false),
  LIST_TIMES("list of a range of times", ReadPath::hasTimes, false),
  LIST_ATTRIBUTES("list by attributes", query -> !query.attributes().isEmpty(), false),
  HEADERS("listHeaders", query -> true, true),
  HEADERS_LATER("listHeaders, pages after the first", ReadPath::isLater, true),
  HEADERS_OLDEST("listHeaders, oldest first", ReadPath::isOldestFirst, true),
  HEADERS_SESSION("listHeaders of a session", query -> query.sessionId().isPresent(), true),
  HEADERS_TASK("listHeaders of a task", query -> query.taskId().isPresent(), true),
  HEADERS_PARENT("listHeaders of a parent", query -> query.parentId().isPresent(), true),
  HEADERS_VERSIONS("listHeaders of a range of versions", ReadPath::hasVersions, true),
  HEADERS_TIMES("listHeaders of a range of times", ReadPath::hasTimes, true),
  HEADERS_ATTRIBUTES("listHeaders by attributes", query -> !query.attributes().isEmpty(), true);

  private final String label;
  private final Predicate<CheckpointQuery> queries;
  private final boolean headers;

  ReadPath(String label) {
    this(label, query -> false, false);
  }

  ReadPath(String label, Predicate<CheckpointQuery> queries, boolean headers) {
    this.label = label;
    this.queries = queries;
    this.headers = headers;
  }

  String label() {
    return label;
  }

  boolean isOfHeaders() {
    return headers;
  }

  private static boolean isLater(CheckpointQuery query) {
    return query.cursor().isPresent();
  }

  private static boolean isOldestFirst(CheckpointQuery query) {
    return query.order() == Order.OLDEST_FIRST;
  }

  private static boolean hasVersions(CheckpointQuery query) {
    return query.minVersion() > 1 || query.maxVersion() < Long.MAX_VALUE;
  }

  private static boolean hasTimes(CheckpointQuery query) {
    return query.tsFrom().isPresent() || query.tsBefore().isPresent();
  }

  /** What is read on this path is changed. */
  BackendStorage changing(BackendStorage good, UnaryOperator<Checkpoint> change) {
    return new ForwardingBackendStorage(good) {
      @Override
      public Optional<Checkpoint> get(String namespace, String id) {
        Optional<Checkpoint> found = super.get(namespace, id);
        return ReadPath.this == GET ? found.map(change) : found;
      }

      @Override
      public Optional<Checkpoint> getBySession(SessionKey session) {
        Optional<Checkpoint> found = super.getBySession(session);
        return ReadPath.this == LATEST ? found.map(change) : found;
      }

      @Override
      public Page<Checkpoint> list(CheckpointQuery query) {
        Page<Checkpoint> page = super.list(query);
        return !headers && queries.test(query) ? page.map(change) : page;
      }

      @Override
      public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
        Page<CheckpointHeader> page = super.listHeaders(query);
        return headers && queries.test(query)
            ? page.map(header -> change.apply(Checkpoint.builder(header).build()).header())
            : page;
      }
    };
  }

  /** Queries on this path are answered as if they were others. */
  BackendStorage asking(BackendStorage good, UnaryOperator<CheckpointQuery> change) {
    return answering(good, (storage, query) -> storage.list(change.apply(query)));
  }

  /** Pages on this path are those of the fault. */
  BackendStorage answering(BackendStorage good, Pages pages) {
    return new ForwardingBackendStorage(good) {
      @Override
      public Page<Checkpoint> list(CheckpointQuery query) {
        return !headers && query != null && queries.test(query)
            ? pages.of(delegate(), query)
            : super.list(query);
      }

      @Override
      public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
        return headers && query != null && queries.test(query)
            ? pages.of(delegate(), query).map(Checkpoint::header)
            : super.listHeaders(query);
      }
    };
  }

  /** The pages of a fault. */
  interface Pages {
    Page<Checkpoint> of(BackendStorage good, CheckpointQuery query);
  }

  /** A query with the conditions of another, but for those that the caller leaves out. */
  static CheckpointQuery.Builder copy(
      CheckpointQuery query, String namespace, Predicate<Field> isKept) {
    CheckpointQuery.Builder copy =
        CheckpointQuery.builder(namespace)
            .versions(query.minVersion(), query.maxVersion())
            .order(query.order())
            .limit(query.limit())
            .cursor(query.cursor().orElse(null));
    query.attributes().forEach(copy::attribute);
    query.tsFrom().ifPresent(copy::tsFrom);
    query.tsBefore().ifPresent(copy::tsBefore);
    query.sessionId().filter(text -> isKept.test(Field.SESSION)).ifPresent(copy::sessionId);
    query.taskId().filter(text -> isKept.test(Field.TASK)).ifPresent(copy::taskId);
    query.parentId().filter(text -> isKept.test(Field.PARENT)).ifPresent(copy::parentId);
    return copy;
  }
}
