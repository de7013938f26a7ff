package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.tck.DirectedHistory.Step;
import dev.checkpoint4j.tck.DirectedListings.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Both texts of a pair as namespaces, sessions, tasks, parents, ids and names of attributes. Each
 * index of a field is 0 or 1: the text of the pair.
 */
final class NameSweep {

  private static final int ID_BYTES = 255;
  private static final int SESSION_BYTES = 512;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** Versions of which some match. */
  private static final long FROM_VERSION = 11;

  private static final long TO_VERSION = 94;

  private static final int SETS_OF_IDS = 5;

  private final String prefix;
  private final boolean attributeQuery;
  private final List<String> namespaces;
  private final List<String> sessions;
  private final List<String> tasks;
  private final List<String> parents;
  private final List<String> names;
  private final List<List<String>> ids = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();

  NameSweep(LookalikePair pair, String prefix, boolean attributeQuery) {
    this.prefix = prefix;
    this.attributeQuery = attributeQuery;
    namespaces = pair.after(prefix, ID_BYTES);
    sessions = pair.after("", SESSION_BYTES);
    tasks = sessions;
    parents = pair.after("", ID_BYTES);
    names = sessions;
    ids.add(parents);
    for (int set = 1; set < SETS_OF_IDS; set++) {
      ids.add(pair.after(set + "-", ID_BYTES));
    }
  }

  List<Step> steps() {
    putVersionsInBothOrders();
    Checkpoint first = checkpoint(0, 0, 95, ids.get(2).get(0), 0);
    Checkpoint second = checkpoint(1, 1, 95, ids.get(2).get(1), 1);
    put(first);
    put(second);
    readEverything();
    putStaleVersions();
    putRepetitions(first, second);
    putRepetitions(second, first);
    putExpectations();
    deleteIds();
    readLatestAndAll();
    deleteSession(0, 0);
    deleteSession(1, 1);
    readLatestAndAll();
    deleteSession(0, 1);
    deleteSession(1, 0);
    read(Call.listNamespaces(prefix, 1));
    return steps;
  }

  /** Each name meets greater versions of the other, as a namespace and as a session. */
  private void putVersionsInBothOrders() {
    put(checkpoint(0, 0, 40, ids.get(0).get(0), 0));
    put(checkpoint(0, 1, 30, ids.get(0).get(1), 1));
    put(checkpoint(1, 0, 20, ids.get(0).get(0), 1));
    put(checkpoint(1, 1, 10, ids.get(0).get(1), 0));
    put(checkpoint(1, 1, 80, ids.get(1).get(1), 1));
    put(checkpoint(1, 0, 70, ids.get(1).get(0), 0));
    put(checkpoint(0, 1, 60, ids.get(1).get(1), 0));
    put(checkpoint(0, 0, 50, ids.get(1).get(0), 1));
  }

  private void putStaleVersions() {
    for (int namespace = 0; namespace < 2; namespace++) {
      for (int session = 0; session < 2; session++) {
        put(checkpoint(namespace, session, 1, ids.get(3).get(session), 0));
      }
    }
  }

  /** Equal ones, and ones of which one field is that of another. */
  private void putRepetitions(Checkpoint stored, Checkpoint other) {
    CheckpointMetadata metadata = stored.metadata();
    put(ModelPools.reordered(stored));
    put(stored.toBuilder().parentId(other.parentId().orElseThrow()).build());
    put(
        stored.toBuilder()
            .metadata(metadata.toBuilder().taskId(other.metadata().taskId().orElseThrow()).build())
            .build());
    put(
        stored.toBuilder()
            .metadata(metadata.toBuilder().attributes(other.metadata().attributes()).build())
            .build());
    put(stored.toBuilder().values(other.values()).build());
    put(
        stored.toBuilder()
            .metadata(
                CheckpointMetadata.builder(other.metadata().sessionId())
                    .taskId(metadata.taskId().orElseThrow())
                    .attributes(metadata.attributes())
                    .build())
            .build());
  }

  /** Two sessions continue; the first attempts expect the latest checkpoint of the other one. */
  private void putExpectations() {
    for (int index = 0; index < 2; index++) {
      Checkpoint next = checkpoint(index, index, 96, ids.get(4).get(index), index);
      change(Call.put(next, Expectation.noSession()));
      change(Call.put(next, Expectation.latestIs(ids.get(2).get(1 - index))));
      change(Call.put(next, Expectation.latestIs(ids.get(2).get(index))));
    }
  }

  /** Ids that the namespace lacks while the other one has them, and one that both have. */
  private void deleteIds() {
    change(Call.delete(namespaces.get(0), List.of(ids.get(2).get(1))));
    change(Call.delete(namespaces.get(1), List.of(ids.get(2).get(0))));
    change(Call.delete(namespaces.get(0), List.of(ids.get(1).get(0))));
    change(Call.delete(namespaces.get(1), List.of(ids.get(1).get(1))));
  }

  private Checkpoint checkpoint(int namespace, int session, long version, String id, int index) {
    return Checkpoint.builder(
            CheckpointMetadata.builder(sessions.get(session))
                .taskId(tasks.get(index))
                .attribute(names.get(index), "v")
                .build())
        .namespace(namespaces.get(namespace))
        .id(id)
        .version(version)
        .ts(START.plus(version, ChronoUnit.MICROS))
        .parentId(parents.get(1 - index))
        .values(Map.of(names.get(index), version, "text", names.get(1 - index)))
        .build();
  }

  private void change(Call call) {
    steps.add(Step.change(call));
  }

  private void read(Call call) {
    steps.add(Step.read(call));
  }

  private void put(Checkpoint checkpoint) {
    change(Call.put(checkpoint));
  }

  private SessionKey session(int namespace, int session) {
    return new SessionKey(namespaces.get(namespace), sessions.get(session));
  }

  private void deleteSession(int namespace, int session) {
    change(Call.deleteBySession(session(namespace, session)));
  }

  private void readEverything() {
    readById();
    for (String namespace : namespaces) {
      steps.addAll(new DirectedListings(namespace, 1).by(conditions()));
      read(Call.listSessions(namespace, 1));
    }
    read(Call.listNamespaces(prefix, 1));
    readLatestAndAll();
  }

  private void readById() {
    for (String namespace : namespaces) {
      ids.forEach(set -> set.forEach(id -> read(Call.get(namespace, id))));
    }
  }

  private void readLatestAndAll() {
    for (int namespace = 0; namespace < 2; namespace++) {
      for (int session = 0; session < 2; session++) {
        read(Call.getBySession(session(namespace, session)));
      }
      steps.addAll(
          new DirectedListings(namespaces.get(namespace), CheckpointQuery.MAX_LIMIT)
              .by(List.of(query -> query)));
    }
    read(Call.listNamespaces(prefix, CheckpointQuery.MAX_LIMIT));
  }

  private List<Condition> conditions() {
    List<Condition> conditions = new ArrayList<>();
    conditions.add(query -> query);
    conditions.add(query -> query.versions(FROM_VERSION, TO_VERSION));
    conditions.add(query -> query.tsFrom(START.plus(FROM_VERSION, ChronoUnit.MICROS)));
    for (int index = 0; index < 2; index++) {
      String session = sessions.get(index);
      String task = tasks.get(index);
      String parent = parents.get(index);
      String name = names.get(index);
      conditions.add(query -> query.sessionId(session));
      conditions.add(query -> query.taskId(task));
      conditions.add(query -> query.parentId(parent));
      if (attributeQuery) {
        conditions.add(query -> query.attribute(name, "v"));
      }
    }
    return conditions;
  }
}
