package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.tck.ModelStep.Choices;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A sequence of steps on a backend and on the reference at the same time. */
final class ModelRun {

  /** A walk over more entries than were ever put is going round in circles. */
  private static final int MAX_SEEN = 10_000;

  private static final Instant TS = Instant.parse("2026-01-01T00:00:00Z");

  /** Where the backend's handles come from. */
  interface Handles {
    BackendStorage get(int index);

    /** Closes all handles and opens new ones, or does nothing if that would lose what is stored. */
    void reopen();
  }

  /** A listing that was started and is to be continued later. */
  private record Walk(CheckpointQuery query, Set<String> throughout, Page<Checkpoint> first) {}

  private final List<String> namespaces;
  private final Handles handles;
  private final boolean attributeQuery;
  private final ReferenceBackend reference = new ReferenceBackend();
  private final List<Checkpoint> everPut = new ArrayList<>();
  private final List<String> done = new ArrayList<>();
  private @Nullable Walk walk;

  ModelRun(String namespace, Handles handles, boolean attributeQuery) {
    this.namespaces = List.of(namespace, namespace + "-2");
    this.handles = handles;
    this.attributeQuery = attributeQuery;
  }

  /** The steps so far, and how the last one disagreed with the reference; empty if none did. */
  Optional<String> firstDisagreement(List<ModelStep> steps) {
    String disagreement;
    try {
      disagreement = run(steps);
    } catch (RuntimeException e) {
      disagreement = "unexpected " + e;
    }
    return disagreement.isEmpty()
        ? Optional.empty()
        : Optional.of(String.join("\n", done) + "\n   " + disagreement);
  }

  private String run(List<ModelStep> steps) {
    for (ModelStep step : steps) {
      String disagreement = disagreement(step);
      if (!disagreement.isEmpty()) {
        return disagreement;
      }
    }
    return disagreementOfTheEnd();
  }

  /** All that is left, on both handles. */
  private String disagreementOfTheEnd() {
    for (String namespace : namespaces) {
      for (int handle = 0; handle < 2; handle++) {
        CheckpointQuery everything = CheckpointQuery.builder(namespace).build();
        String disagreement = compare(handle, Call.list(everything));
        if (!disagreement.isEmpty()) {
          return disagreement;
        }
      }
    }
    return "";
  }

  private String disagreement(ModelStep step) {
    Choices choices = step.choices();
    int handle = step.handle();
    return switch (step.kind()) {
      case PUT_NEXT -> put(step, made(step, latest(choices) + 1 + choices.other() % 3));
      case PUT_STALE -> put(step, made(step, Math.max(1, latest(choices) - choices.other() % 3)));
      case PUT_AGAIN -> put(step, earlier(step));
      case PUT_CHANGED ->
          put(step, earlier(step).toBuilder().values(Map.of("changed", step.number())).build());
      case PUT_ELSEWHERE -> put(step, made(step, 1).toBuilder().id(earlier(step).id()).build());
      case GET -> compare(handle, Call.get(namespace(choices), earlier(step).id()));
      case GET_LATEST -> compare(handle, Call.getBySession(session(choices)));
      case LIST -> compare(handle, Call.list(query(choices)));
      case LIST_HEADERS -> compare(handle, Call.listHeaders(query(choices)));
      case LIST_SESSIONS -> compare(handle, Call.listSessions(namespace(choices), choices.limit()));
      case LIST_NAMESPACES ->
          compare(handle, Call.listNamespaces(namespaces.get(0), choices.limit()));
      case START_WALK -> startWalk(handle, query(choices));
      case END_WALK -> endWalk(handle);
      case DELETE -> compare(handle, Call.delete(namespace(choices), doomed(step)));
      case DELETE_SESSION -> compare(handle, Call.deleteBySession(session(choices)));
      case REOPEN -> reopen();
    };
  }

  // ---- what a step is about

  private String namespace(Choices choices) {
    return namespaces.get(choices.session() % 5 == 0 ? 1 : 0);
  }

  private SessionKey session(Choices choices) {
    List<String> sessions = List.of("s", "s1", "S");
    return new SessionKey(namespace(choices), sessions.get(choices.session() / 5 % 3));
  }

  private long latest(Choices choices) {
    return reference.getBySession(session(choices)).map(Checkpoint::version).orElse(0L);
  }

  /** A new checkpoint, its fields of few different values so that queries find several. */
  private Checkpoint made(ModelStep step, long version) {
    Choices choices = step.choices();
    SessionKey session = session(choices);
    CheckpointMetadata.Builder metadata =
        CheckpointMetadata.builder(session.sessionId()).attribute("a", choices.one() % 2);
    if (choices.one() % 3 > 0) {
      metadata.taskId("t" + choices.one() % 3);
    }
    return Checkpoint.builder(metadata.build())
        .namespace(session.namespace())
        .id("i" + step.number())
        .ts(TS.plus(choices.other() % 7, ChronoUnit.MICROS))
        .version(version)
        .parentId(choices.one() % 4 > 0 ? "p" + choices.one() % 4 : null)
        .values(Map.of("number", step.number()))
        .build();
  }

  /** One that was put before, whether it was refused, is stored or was deleted. */
  private Checkpoint earlier(ModelStep step) {
    return everPut.isEmpty() ? made(step, 1) : everPut.get(step.choices().one() % everPut.size());
  }

  private List<String> doomed(ModelStep step) {
    return step.choices().other() % 3 == 0
        ? List.of(earlier(step).id(), "absent", "i" + step.choices().other() % 20)
        : List.of(earlier(step).id());
  }

  private CheckpointQuery query(Choices choices) {
    CheckpointQuery.Builder query =
        CheckpointQuery.builder(namespace(choices))
            .limit(choices.limit())
            .order(choices.one() % 2 == 0 ? Order.NEWEST_FIRST : Order.OLDEST_FIRST);
    int conditions = choices.other();
    if (conditions % 3 == 0) {
      query.sessionId(session(choices).sessionId());
    }
    if (conditions / 3 % 4 == 0) {
      query.taskId("t" + (1 + choices.one() % 2));
    }
    if (conditions / 12 % 4 == 0) {
      query.parentId("p" + (1 + choices.one() % 3));
    }
    if (conditions / 48 % 4 == 0) {
      query.versions(2, 2 + choices.one() % 6);
    }
    if (conditions / 192 % 4 == 0) {
      query.tsFrom(TS.plus(2, ChronoUnit.MICROS)).tsBefore(TS.plus(6, ChronoUnit.MICROS));
    }
    if (attributeQuery && conditions / 768 % 4 == 0) {
      query.attribute("a", choices.one() / 2 % 2);
    }
    return query.build();
  }

  // ---- doing it

  private String put(ModelStep step, Checkpoint checkpoint) {
    Expectation expectation = expectation(step, checkpoint);
    everPut.add(checkpoint);
    return compare(step.handle(), Call.put(checkpoint, expectation));
  }

  /** Nothing, mostly; else something that is true, or was, or never. */
  private Expectation expectation(ModelStep step, Checkpoint checkpoint) {
    return switch (step.choices().one() % 8) {
      case 0 -> Expectation.noSession();
      case 1, 2 ->
          reference
              .getBySession(checkpoint.sessionKey())
              .map(latest -> Expectation.latestIs(latest.id()))
              .orElse(Expectation.noSession());
      case 3 -> Expectation.latestIs(earlier(step).id());
      default -> Expectation.any();
    };
  }

  private String compare(int handle, Call call) {
    log(handle, call.text());
    String disagreement = call.disagreement(reference, handles.get(handle));
    if (walk != null) {
      walk.throughout().retainAll(stored(walk.query()));
    }
    return disagreement;
  }

  private void log(int handle, String what) {
    done.add("%d. handle %d: %s".formatted(done.size() + 1, handle + 1, what));
  }

  private Set<String> stored(CheckpointQuery query) {
    CheckpointQuery all = query.toBuilder().limit(CheckpointQuery.MAX_LIMIT).build();
    return new HashSet<>(Reads.idsOf(reference.list(all).items()));
  }

  private String startWalk(int handle, CheckpointQuery query) {
    log(handle, "first page of list(" + query + ")");
    walk = new Walk(query, stored(query), handles.get(handle).list(query));
    return "";
  }

  /** The other pages: together with the first they hold what was stored throughout, once. */
  private String endWalk(int handle) {
    Walk ended = walk;
    if (ended == null) {
      return "";
    }
    log(handle, "the other pages of list(" + ended.query() + ")");
    walk = null;
    Page<Checkpoint> page = ended.first();
    List<String> seen = new ArrayList<>(Reads.idsOf(page.items()));
    while (page.nextCursor().isPresent() && seen.size() <= MAX_SEEN) {
      page =
          handles
              .get(handle)
              .list(ended.query().toBuilder().cursor(page.nextCursor().get()).build());
      seen.addAll(Reads.idsOf(page.items()));
    }
    List<String> seenOfThose = new ArrayList<>(seen);
    seenOfThose.retainAll(ended.throughout());
    return new HashSet<>(seenOfThose).equals(ended.throughout())
            && seenOfThose.size() == ended.throughout().size()
        ? ""
        : "expected each of %s once among what existed throughout, but all pages hold %s"
            .formatted(ended.throughout(), seen);
  }

  private String reopen() {
    done.add("%d. all handles are closed and opened again".formatted(done.size() + 1));
    handles.reopen();
    return "";
  }
}
