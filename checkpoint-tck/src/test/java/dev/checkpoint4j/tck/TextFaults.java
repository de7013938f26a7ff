package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ListCursor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Texts that are taken for others, or come back as others, on one path only. */
final class TextFaults {

  /** How many kinds each path gets for a field: they take turns. */
  private static final int KINDS_OF_A_PATH = 4;

  private TextFaults() {}

  /** A path on which a text is compared, and the storage whose comparison is wrong there. */
  private record Comparison(
      String path, Field field, Function<Lookalikes, UnaryOperator<BackendStorage>> fault) {}

  static List<GeneratedMutant> all() {
    List<GeneratedMutant> all = new ArrayList<>();
    List<Comparison> comparisons = comparisons();
    int turn = 0;
    for (Comparison comparison : comparisons) {
      for (int i = 0; i < KINDS_OF_A_PATH; i++, turn++) {
        TextKind kind = TextKind.FORMS.get(turn % TextKind.FORMS.size());
        all.add(
            GeneratedMutant.shared(
                "text compared: " + kind.name(),
                comparison.path(),
                comparison.field().label(),
                () ->
                    Lookalikes.recording(
                        comparison.fault(), Lookalikes.of(comparison.field(), kind))));
      }
    }
    for (Comparison comparison : comparisons) {
      TextKind.Relation pattern = TextKind.PATTERNS.get(turn++ % TextKind.PATTERNS.size());
      all.add(
          GeneratedMutant.shared(
              "text compared: " + pattern.name(),
              comparison.path(),
              comparison.field().label(),
              () ->
                  Lookalikes.recording(
                      comparison.fault(), Lookalikes.of(comparison.field(), pattern))));
    }
    List<TextKind> readable = TextKind.FORMS.stream().filter(TextKind::isReadable).toList();
    for (ReadPath path : ReadPath.values()) {
      for (Field field : Field.values()) {
        TextKind kind = readable.get(turn++ % readable.size());
        all.add(
            GeneratedMutant.of(
                "text returned: " + kind.name(),
                path.label(),
                field.label(),
                good -> path.changing(good, found -> field.change(found, kind.form()))));
      }
    }
    for (TextKind kind : readable) {
      all.add(
          GeneratedMutant.shared(
              "text merged: " + kind.name(),
              "listSessions",
              "sessionId",
              () -> good -> mergedSessions(good, kind.form())));
      all.add(
          GeneratedMutant.shared(
              "text merged: " + kind.name(),
              "listNamespaces",
              "namespace",
              () -> good -> mergedNamespaces(good, kind.form())));
    }
    for (TextKind kind : readable) {
      all.add(
          GeneratedMutant.of(
              "text of a cursor: " + kind.name(),
              readable.indexOf(kind) % 2 == 0 ? "list" : "listHeaders",
              "sessionId",
              good ->
                  (readable.indexOf(kind) % 2 == 0 ? ReadPath.LIST : ReadPath.HEADERS)
                      .answering(good, (storage, query) -> after(storage, query, kind.form()))));
      all.add(
          GeneratedMutant.of(
              "text of a cursor: " + kind.name(),
              "listSessions",
              "sessionId",
              good -> sessionsAfter(good, kind.form())));
    }
    return all;
  }

  private static List<Comparison> comparisons() {
    List<Comparison> all = new ArrayList<>();
    all.add(new Comparison("get", Field.NAMESPACE, texts -> good -> get(good, texts)));
    all.add(new Comparison("get", Field.ID, texts -> good -> get(good, texts)));
    all.add(new Comparison("getBySession", Field.NAMESPACE, texts -> good -> latest(good, texts)));
    all.add(new Comparison("getBySession", Field.SESSION, texts -> good -> latest(good, texts)));
    for (ReadPath path :
        List.of(
            ReadPath.LIST,
            ReadPath.HEADERS,
            ReadPath.LIST_OLDEST,
            ReadPath.HEADERS_OLDEST,
            ReadPath.LIST_LATER,
            ReadPath.HEADERS_LATER)) {
      for (Field field : List.of(Field.NAMESPACE, Field.SESSION, Field.TASK, Field.PARENT)) {
        all.add(
            new Comparison(
                "condition of " + path.label(),
                field,
                texts ->
                    good ->
                        path.answering(
                            good, (storage, query) -> list(storage, query, field, texts))));
      }
    }
    all.add(
        new Comparison("listSessions", Field.NAMESPACE, texts -> good -> sessions(good, texts)));
    all.add(
        new Comparison("put, the id", Field.NAMESPACE, texts -> good -> duplicate(good, texts)));
    all.add(new Comparison("put, the id", Field.ID, texts -> good -> duplicate(good, texts)));
    all.add(
        new Comparison(
            "put, the version", Field.NAMESPACE, texts -> good -> conflict(good, texts)));
    all.add(
        new Comparison("put, the version", Field.SESSION, texts -> good -> conflict(good, texts)));
    for (Field field : List.of(Field.SESSION, Field.TASK, Field.PARENT)) {
      all.add(
          new Comparison(
              "put, the repetition", field, texts -> good -> repetition(good, field, texts)));
    }
    all.add(
        new Comparison("put, the expectation", Field.ID, texts -> good -> expected(good, texts)));
    all.add(new Comparison("delete", Field.NAMESPACE, texts -> good -> delete(good, texts)));
    all.add(new Comparison("delete", Field.ID, texts -> good -> delete(good, texts)));
    all.add(
        new Comparison(
            "deleteBySession", Field.NAMESPACE, texts -> good -> deleteBySession(good, texts)));
    all.add(
        new Comparison(
            "deleteBySession", Field.SESSION, texts -> good -> deleteBySession(good, texts)));
    return all;
  }

  /** What was ever put in a store, to be found by texts that are taken for it. */
  private static final class Lookalikes {
    private final Field field;
    private final BiPredicate<String, String> matches;
    private final UnaryOperator<String> form;
    private final Map<String, Set<String>> byForm = new HashMap<>();

    private Lookalikes(
        Field field, BiPredicate<String, String> matches, UnaryOperator<String> form) {
      this.field = field;
      this.matches = matches;
      this.form = form;
    }

    static Lookalikes of(Field field, TextKind.Relation pattern) {
      return new Lookalikes(field, pattern.matches(), text -> "");
    }

    static Lookalikes of(Field field, TextKind kind) {
      return new Lookalikes(field, (stored, asked) -> true, kind.form());
    }

    static UnaryOperator<BackendStorage> recording(
        Function<Lookalikes, UnaryOperator<BackendStorage>> fault, Lookalikes texts) {
      UnaryOperator<BackendStorage> faulty = fault.apply(texts);
      return good -> Faulty.put(faulty.apply(good), texts::put);
    }

    private void put(BackendStorage storage, Checkpoint checkpoint, Expectation expectation) {
      synchronized (this) {
        field
            .of(checkpoint.header())
            .ifPresent(
                text ->
                    byForm
                        .computeIfAbsent(form.apply(text), key -> new LinkedHashSet<>())
                        .add(text));
      }
      storage.put(checkpoint, expectation);
    }

    /** The texts of the field that are taken for the one that is asked, which comes first. */
    synchronized List<String> of(Field asking, String asked) {
      Set<String> alike = new LinkedHashSet<>();
      alike.add(asked);
      if (asking == field) {
        byForm.getOrDefault(form.apply(asked), Set.of()).stream()
            .filter(stored -> matches.test(stored, asked))
            .forEach(alike::add);
      }
      return List.copyOf(alike);
    }

    boolean areAlike(String stored, String asked) {
      return form.apply(stored).equals(form.apply(asked)) && matches.test(stored, asked);
    }

    Stream<SessionKey> sessions(SessionKey asked) {
      return of(Field.NAMESPACE, asked.namespace()).stream()
          .flatMap(
              namespace ->
                  of(Field.SESSION, asked.sessionId()).stream()
                      .map(session -> new SessionKey(namespace, session)));
    }

    Optional<Checkpoint> checkpoint(BackendStorage storage, String namespace, String id) {
      return of(Field.NAMESPACE, namespace).stream()
          .flatMap(
              likeNamespace ->
                  of(Field.ID, id).stream()
                      .flatMap(likeId -> storage.get(likeNamespace, likeId).stream()))
          .findFirst();
    }

    Optional<Checkpoint> latest(BackendStorage storage, SessionKey session) {
      return sessions(session)
          .flatMap(like -> storage.getBySession(like).stream())
          .max(Comparator.comparingLong(Checkpoint::version));
    }
  }

  private static BackendStorage get(BackendStorage good, Lookalikes texts) {
    return Faulty.get(good, texts::checkpoint);
  }

  private static BackendStorage latest(BackendStorage good, Lookalikes texts) {
    return Faulty.latest(good, texts::latest);
  }

  private static Page<Checkpoint> list(
      BackendStorage storage, CheckpointQuery query, Field field, Lookalikes texts) {
    Optional<String> asked = asked(query, field);
    if (asked.isEmpty() || texts.of(field, asked.get()).size() == 1) {
      return storage.list(query);
    }
    Comparator<Checkpoint> byVersion = Comparator.comparingLong(Checkpoint::version);
    List<Checkpoint> found =
        texts.of(Field.NAMESPACE, query.namespace()).stream()
            .flatMap(
                namespace -> {
                  CheckpointQuery others =
                      ReadPath.copy(query, namespace, kept -> kept != field).build();
                  return Faulty.everything(storage, namespace, query.order()).stream()
                      .filter(each -> others.matches(each.header()));
                })
            .filter(
                each ->
                    field == Field.NAMESPACE
                        || field
                            .of(each.header())
                            .filter(stored -> texts.areAlike(stored, asked.get()))
                            .isPresent())
            .sorted(
                Comparator.comparing((Checkpoint each) -> each.metadata().sessionId())
                    .thenComparing(
                        query.order() == Order.OLDEST_FIRST ? byVersion : byVersion.reversed()))
            .toList();
    return Faulty.page(found, query);
  }

  private static Optional<String> asked(CheckpointQuery query, Field field) {
    return switch (field) {
      case NAMESPACE -> Optional.of(query.namespace());
      case SESSION -> query.sessionId();
      case TASK -> query.taskId();
      case PARENT -> query.parentId();
      case ID -> Optional.empty();
    };
  }

  private static BackendStorage sessions(BackendStorage good, Lookalikes texts) {
    return Faulty.sessions(
        good,
        (storage, namespace, limit, cursor) -> {
          requireLegal(storage.listSessions(namespace, limit, cursor));
          return pageOfSessions(
              texts.of(Field.NAMESPACE, namespace).stream()
                  .flatMap(like -> allSessions(storage, like).stream())
                  .sorted(Comparator.comparing(SessionKey::sessionId))
                  .toList(),
              limit,
              cursor);
        });
  }

  private static BackendStorage duplicate(BackendStorage good, Lookalikes texts) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          if (storage.get(checkpoint.namespace(), checkpoint.id()).isEmpty()
              && texts.checkpoint(storage, checkpoint.namespace(), checkpoint.id()).isPresent()) {
            throw new DuplicateCheckpointException(storage.descriptor().id(), checkpoint);
          }
          storage.put(checkpoint, expectation);
        });
  }

  private static BackendStorage conflict(BackendStorage good, Lookalikes texts) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          Optional<Checkpoint> latest = texts.latest(storage, checkpoint.sessionKey());
          if (storage.get(checkpoint.namespace(), checkpoint.id()).isEmpty()
              && latest.isPresent()
              && latest.get().version() >= checkpoint.version()) {
            throw new VersionConflictException(
                storage.descriptor().id(), checkpoint, expectation, latest.get().version());
          }
          storage.put(checkpoint, expectation);
        });
  }

  private static BackendStorage repetition(BackendStorage good, Field field, Lookalikes texts) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          Optional<Checkpoint> stored = storage.get(checkpoint.namespace(), checkpoint.id());
          Optional<String> text = stored.flatMap(each -> field.of(each.header()));
          boolean isRepeated =
              text.isPresent()
                  && field
                      .of(checkpoint.header())
                      .filter(put -> texts.areAlike(text.get(), put))
                      .isPresent()
                  && stored.get().equals(field.change(checkpoint, put -> text.get()));
          if (!isRepeated) {
            storage.put(checkpoint, expectation);
          }
        });
  }

  private static BackendStorage expected(BackendStorage good, Lookalikes texts) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) ->
            storage.put(
                checkpoint,
                expectation
                    .latestId()
                    .flatMap(
                        asked ->
                            storage
                                .getBySession(checkpoint.sessionKey())
                                .map(Checkpoint::id)
                                .filter(stored -> texts.areAlike(stored, asked)))
                    .map(Expectation::latestIs)
                    .orElse(expectation)));
  }

  private static BackendStorage delete(BackendStorage good, Lookalikes texts) {
    return Faulty.delete(
        good,
        (storage, namespace, ids) -> {
          Set<String> alike = new LinkedHashSet<>();
          ids.forEach(id -> alike.addAll(texts.of(Field.ID, id)));
          return texts.of(Field.NAMESPACE, namespace).stream()
              .mapToLong(like -> storage.delete(like, alike))
              .sum();
        });
  }

  private static BackendStorage deleteBySession(BackendStorage good, Lookalikes texts) {
    return Faulty.deleteBySession(
        good,
        (storage, session) -> texts.sessions(session).mapToLong(storage::deleteBySession).sum());
  }

  // ---- listings of names

  private static BackendStorage mergedSessions(BackendStorage good, UnaryOperator<String> form) {
    return Faulty.sessions(
        good,
        (storage, namespace, limit, cursor) -> {
          requireLegal(storage.listSessions(namespace, limit, cursor));
          Map<String, SessionKey> merged = new LinkedHashMap<>();
          allSessions(storage, namespace)
              .forEach(each -> merged.putIfAbsent(form.apply(each.sessionId()), each));
          return pageOfSessions(List.copyOf(merged.values()), limit, cursor);
        });
  }

  private static BackendStorage mergedNamespaces(BackendStorage good, UnaryOperator<String> form) {
    return Faulty.namespaces(
        good,
        (storage, limit, cursor) -> {
          requireLegal(storage.listNamespaces(limit, cursor));
          Map<String, String> merged = new LinkedHashMap<>();
          Reads.allPages(
                  "namespaces",
                  CheckpointQuery.MAX_LIMIT,
                  next -> storage.listNamespaces(CheckpointQuery.MAX_LIMIT, next))
              .forEach(each -> merged.putIfAbsent(form.apply(each), each));
          Optional<String> start = cursor.map(ListCursor::decodeNamespaces).map(ListCursor::key);
          return page(
              merged.values().stream()
                  .filter(each -> start.isEmpty() || each.compareTo(start.get()) > 0)
                  .toList(),
              limit,
              ListCursor::ofNamespace);
        });
  }

  private static Page<Checkpoint> after(
      BackendStorage storage, CheckpointQuery query, UnaryOperator<String> form) {
    if (query.cursor().isEmpty()) {
      return storage.list(query);
    }
    ListCursor start = ListCursor.decode(query.cursor().get());
    return Faulty.pageOf(
        Faulty.everything(storage, query.namespace(), query.order()).stream()
            .filter(each -> query.matches(each.header()))
            .filter(each -> isAfter(each.header(), start, query.order(), form))
            .toList(),
        query.limit());
  }

  private static boolean isAfter(
      CheckpointHeader header, ListCursor start, Order order, UnaryOperator<String> form) {
    int bySession = form.apply(header.metadata().sessionId()).compareTo(form.apply(start.key()));
    if (bySession != 0) {
      return bySession > 0;
    }
    return order == Order.OLDEST_FIRST
        ? header.version() > start.position()
        : header.version() < start.position();
  }

  private static BackendStorage sessionsAfter(BackendStorage good, UnaryOperator<String> form) {
    return Faulty.sessions(
        good,
        (storage, namespace, limit, cursor) -> {
          if (cursor.isEmpty()) {
            return storage.listSessions(namespace, limit, cursor);
          }
          String start = form.apply(ListCursor.decodeSessions(cursor.get()).key());
          return page(
              allSessions(storage, namespace).stream()
                  .filter(each -> form.apply(each.sessionId()).compareTo(start) > 0)
                  .toList(),
              limit,
              last -> ListCursor.ofSession(last.sessionId()));
        });
  }

  /** Illegal arguments are refused before the fault shows. */
  static void requireLegal(Page<?> answer) {
    Objects.requireNonNull(answer, "answer");
  }

  static List<SessionKey> allSessions(BackendStorage storage, String namespace) {
    return Reads.listSessions(storage, namespace, CheckpointQuery.MAX_LIMIT);
  }

  static Page<SessionKey> pageOfSessions(
      List<SessionKey> sessions, int limit, Optional<String> cursor) {
    Optional<String> start = cursor.map(ListCursor::decodeSessions).map(ListCursor::key);
    return page(
        sessions.stream()
            .filter(each -> start.isEmpty() || each.sessionId().compareTo(start.get()) > 0)
            .toList(),
        limit,
        last -> ListCursor.ofSession(last.sessionId()));
  }

  static <T> Page<T> page(List<T> left, int limit, Function<T, ListCursor> position) {
    return left.size() <= limit
        ? Page.of(left, null)
        : Page.of(left.subList(0, limit), position.apply(left.get(limit - 1)).encode());
  }
}
