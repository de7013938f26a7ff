package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A few sessions and namespaces, every way to read them, and changes that each of these ways shows.
 * The changes concern the sessions and namespaces that are listed last, so that the first page of a
 * listing stays the same and its cursor leads to what changes.
 */
final class ReadSample {

  /** The same read on any handle; listings are in an order that does not depend on the backend. */
  record Read(String operation, String text, Function<BackendStorage, Object> answer) {}

  /** The same change on any handle. */
  record Change(String text, Consumer<BackendStorage> make) {}

  private static final int GROUPS = 5;
  private static final int VERSIONS = 3;

  /**
   * The first page holds two sessions that do not change, which have one version each. A third one
   * is on the second page, which is never empty.
   */
  private static final int PAGE = GROUPS - 3;

  private static final String TASK = "task";
  private static final String PARENT = "parent";
  private static final String ATTRIBUTE = "attribute";

  private final String namespace;
  private final BiFunction<CheckpointMetadata, Long, Checkpoint.Builder> drafts;
  private final boolean hasAttributeQuery;
  private final ReferenceBackend model = new ReferenceBackend();
  private final List<Checkpoint> lastSession = new ArrayList<>();
  private final List<Checkpoint> sessionBefore = new ArrayList<>();
  private final Checkpoint lastNamespace;
  private final Checkpoint namespaceBefore;
  private final int pageOfNamespaces;

  /**
   * Stores the sample; its last session and its last namespace are empty.
   *
   * @param namespace also the beginning of the names of further namespaces
   * @param drafts makes checkpoints of metadata and a version
   */
  ReadSample(
      String namespace,
      BackendStorage writer,
      BiFunction<CheckpointMetadata, Long, Checkpoint.Builder> drafts) {
    this.namespace = namespace;
    this.drafts = drafts;
    hasAttributeQuery = writer.descriptor().capabilities().contains(Capability.ATTRIBUTE_QUERY);
    List<Checkpoint> ofSessions = new ArrayList<>();
    for (int i = 0; i < GROUPS; i++) {
      ofSessions.add(put(writer, checkpoint(namespace, "s" + i, 1)));
    }
    List<Checkpoint> ofNamespaces = new ArrayList<>();
    for (int i = 0; i < GROUPS; i++) {
      ofNamespaces.add(put(writer, checkpoint(namespace + "-" + i, "s", 1)));
    }
    List<SessionKey> sessions = Reads.listSessions(writer, namespace, CheckpointQuery.MAX_LIMIT);
    assertThat(sessions).as("sessions").hasSize(GROUPS);
    ofSessions.sort(Comparator.comparing(each -> sessions.indexOf(each.sessionKey())));
    List<String> namespaces =
        Reads.allPages(
            "listNamespaces",
            CheckpointQuery.MAX_LIMIT,
            cursor -> writer.listNamespaces(CheckpointQuery.MAX_LIMIT, cursor));
    ofNamespaces.sort(Comparator.comparing(each -> namespaces.indexOf(each.namespace())));
    assertThat(namespaces)
        .as("namespaces")
        .containsAll(ofNamespaces.stream().map(Checkpoint::namespace).toList());
    lastSession.add(ofSessions.get(GROUPS - 1));
    sessionBefore.add(ofSessions.get(GROUPS - 2));
    lastNamespace = ofNamespaces.get(GROUPS - 1);
    namespaceBefore = ofNamespaces.get(GROUPS - 2);
    pageOfNamespaces =
        Math.max(
            1,
            Math.min(
                namespaces.indexOf(ofNamespaces.get(GROUPS - 3).namespace()),
                CheckpointQuery.MAX_LIMIT));
    sessionBefore.add(put(writer, next(sessionBefore)));
    while (lastSession.size() < VERSIONS) {
      lastSession.add(next(lastSession));
    }
    make(writer, deletionOfSession("emptying the last session", lastSession.get(0), 1));
    make(writer, deletionOfSession("emptying the last namespace", lastNamespace, 1));
  }

  private Checkpoint checkpoint(String namespace, String sessionId, long version) {
    return matching(drafts.apply(metadata(sessionId), version)).namespace(namespace).build();
  }

  private Checkpoint next(List<Checkpoint> session) {
    return checkpoint(namespace, session.get(0).sessionKey().sessionId(), session.size() + 1L);
  }

  private Checkpoint put(BackendStorage writer, Checkpoint checkpoint) {
    make(writer, new Change("a put", handle -> handle.put(checkpoint, Expectation.any())));
    return checkpoint;
  }

  /** Metadata that every query of {@link #queries} matches, together with the parent. */
  static CheckpointMetadata metadata(String sessionId) {
    return CheckpointMetadata.builder(sessionId).taskId(TASK).attribute(ATTRIBUTE, true).build();
  }

  /** A checkpoint of the session that the queries of {@link #queries} match. */
  static Checkpoint.Builder matching(Checkpoint.Builder draft) {
    return draft.parentId(PARENT);
  }

  /** Queries with each condition, all of which match, and in both orders. */
  static List<CheckpointQuery> queries(SessionKey session, boolean hasAttributeQuery) {
    CheckpointQuery all = CheckpointQuery.builder(session.namespace()).build();
    CheckpointQuery ofSession = CheckpointQuery.builder(session).build();
    List<CheckpointQuery> queries =
        new ArrayList<>(
            List.of(
                all,
                all.toBuilder().order(Order.OLDEST_FIRST).build(),
                ofSession,
                ofSession.toBuilder().order(Order.OLDEST_FIRST).build(),
                all.toBuilder().taskId(TASK).build(),
                all.toBuilder().parentId(PARENT).build(),
                all.toBuilder().versions(1, VERSIONS).build(),
                all.toBuilder().tsFrom(Instant.EPOCH).build()));
    if (hasAttributeQuery) {
      queries.add(all.toBuilder().attribute(ATTRIBUTE, true).build());
    }
    return queries;
  }

  // ---- reads

  /** What a correct handle answers now. */
  Object expected(Read read) {
    return read.answer().apply(model);
  }

  /** Every way to read what changes, and what does not. */
  List<Read> reads() {
    List<Read> reads = new ArrayList<>();
    List<Checkpoint> changing = new ArrayList<>(lastSession);
    changing.addAll(sessionBefore);
    changing.addAll(List.of(lastNamespace, namespaceBefore));
    for (Checkpoint each : changing) {
      reads.add(
          new Read(
              "get",
              "get of version %d of %s".formatted(each.version(), each.sessionKey()),
              handle -> handle.get(each.namespace(), each.id())));
    }
    for (SessionKey session : changing.stream().map(Checkpoint::sessionKey).distinct().toList()) {
      reads.add(
          new Read(
              "getBySession",
              "getBySession of " + session,
              handle -> handle.getBySession(session)));
    }
    for (CheckpointQuery query : queries(lastSession.get(0).sessionKey(), hasAttributeQuery)) {
      addListings(reads, query.toBuilder().limit(CheckpointQuery.MAX_LIMIT).build());
    }
    for (CheckpointQuery query : queries(lastSession.get(0).sessionKey(), false).subList(0, 4)) {
      int page = query.sessionId().isPresent() ? 1 : PAGE;
      addListings(reads, query.toBuilder().limit(page).build());
    }
    for (int limit : List.of(CheckpointQuery.MAX_LIMIT, PAGE)) {
      reads.add(
          new Read(
              "listSessions",
              "listSessions in pages of " + limit,
              handle ->
                  Reads.listSessions(handle, namespace, limit).stream()
                      .map(SessionKey::sessionId)
                      .sorted()
                      .toList()));
    }
    for (int limit : List.of(CheckpointQuery.MAX_LIMIT, pageOfNamespaces)) {
      reads.add(
          new Read(
              "listNamespaces",
              "listNamespaces in pages of " + limit,
              handle ->
                  Reads.allPages(
                          "listNamespaces", limit, cursor -> handle.listNamespaces(limit, cursor))
                      .stream()
                      .filter(name -> name.startsWith(namespace))
                      .sorted()
                      .toList()));
    }
    return reads;
  }

  private static void addListings(List<Read> reads, CheckpointQuery query) {
    reads.add(
        new Read(
            "list",
            "list by " + query,
            handle -> {
              List<Checkpoint> listed = new ArrayList<>(Reads.listAll(handle, query));
              // Versions stay in the order of the query.
              listed.sort(Comparator.comparing(each -> each.metadata().sessionId()));
              return listed;
            }));
    reads.add(
        new Read(
            "listHeaders",
            "listHeaders by " + query,
            handle -> {
              List<CheckpointHeader> listed = new ArrayList<>(Reads.listAllHeaders(handle, query));
              listed.sort(Comparator.comparing(each -> each.metadata().sessionId()));
              return listed;
            }));
  }

  // ---- changes

  /** Makes a change of the store and of the model. */
  void make(BackendStorage writer, Change change) {
    change.make().accept(writer);
    change.make().accept(model);
  }

  /** Puts that start a namespace, start a session, and continue it. */
  List<Change> puts() {
    List<Change> puts = new ArrayList<>();
    List<Checkpoint> all = new ArrayList<>(List.of(lastNamespace));
    all.addAll(lastSession);
    for (Checkpoint each : all) {
      puts.add(
          new Change(
              "a put of version %d of %s".formatted(each.version(), each.sessionKey()),
              handle -> handle.put(each, Expectation.any())));
    }
    return puts;
  }

  /** After {@link #puts}: deletions of a version, of a session and of a namespace, in two ways. */
  List<Change> deletions() {
    return List.of(
        deletion("a delete of a version that is not the latest", lastSession.get(1)),
        deletion("a delete of the latest version", lastSession.get(2)),
        deletion("a delete of the only version", lastSession.get(0)),
        deletionOfSession("a deleteBySession", sessionBefore.get(0), sessionBefore.size()),
        deletion("a delete of the only checkpoint of a namespace", lastNamespace),
        deletionOfSession(
            "a deleteBySession of the only session of a namespace", namespaceBefore, 1));
  }

  private static Change deletion(String text, Checkpoint unwanted) {
    return new Change(
        text,
        handle ->
            assertThat(handle.delete(unwanted.namespace(), List.of(unwanted.id())))
                .as("what %s returned", text)
                .isEqualTo(1));
  }

  private static Change deletionOfSession(String text, Checkpoint unwanted, int count) {
    return new Change(
        text,
        handle ->
            assertThat(handle.deleteBySession(unwanted.sessionKey()))
                .as("what %s returned", text)
                .isEqualTo(count));
  }
}
