package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/** A history on a backend and on the reference at the same time. */
final class ModelRun {

  /** How many of the ids that a call deletes are read afterwards. */
  private static final int MOST_READ = 5;

  /** How many puts a step goes back: counted from the last, for those before it may be left out. */
  private static final int MOST_BACK = 12;

  /** More than one request of some media takes. */
  private static final int MANY_IDS = 1_200;

  /** Where the backend's handles come from. */
  interface Handles {
    BackendStorage get(int index);

    /** Closes all handles and opens new ones; {@code false} if they stay open. */
    boolean reopen();
  }

  /**
   * The first answer that is not that of the reference.
   *
   * @param steps how many steps were begun until then
   * @param text the calls that were made, and how the last one disagreed
   */
  record Disagreement(int steps, String text) {}

  private final String prefix;
  private final Handles handles;
  private final boolean attributeQuery;
  private final ModelPools pools;
  private final ReferenceBackend reference = new ReferenceBackend();
  private final ModelComparison comparison;
  private final List<Checkpoint> everPut = new ArrayList<>();
  private final Set<String> everUsed = new LinkedHashSet<>();

  /**
   * A run that was not started.
   *
   * @param prefix of the namespaces, which no other run uses
   * @param attributeQuery whether queries may have conditions on attributes
   */
  ModelRun(
      ModelTheme theme, String prefix, Handles handles, boolean attributeQuery, ModelTally tally) {
    this.prefix = prefix;
    this.handles = handles;
    this.attributeQuery = attributeQuery;
    pools = new ModelPools(theme, prefix);
    comparison = new ModelComparison(reference, prefix, handles, tally);
  }

  /** Runs the steps and reads everything; leaves nothing in the store. */
  Optional<Disagreement> firstDisagreement(List<ModelStep> steps) {
    int begun = 0;
    String disagreement = "";
    try {
      while (disagreement.isEmpty() && begun < steps.size()) {
        disagreement = disagreement(steps.get(begun++));
      }
      if (disagreement.isEmpty()) {
        disagreement = disagreementOfTheEnd(pools.choicesOfTheEnd());
      }
    } catch (RuntimeException | AssertionError e) {
      disagreement = Call.failure(e);
    }
    if (disagreement.isEmpty()) {
      return Optional.empty();
    }
    removeWhatIsLeft();
    return Optional.of(
        new Disagreement(begun, comparison.calls() + "\n   " + disagreement.strip()));
  }

  /** So that listings of the next run are short; the store is known to be wrong by now. */
  private void removeWhatIsLeft() {
    for (SessionKey session : pools.sessions()) {
      try {
        handles.get(0).deleteBySession(session);
      } catch (RuntimeException e) {
        return;
      }
    }
  }

  private String disagreement(ModelStep step) {
    Random choices = step.choices();
    int handle = step.handle();
    String namespace = namespace(choices);
    return switch (step.kind()) {
      case PUT_NEXT -> put(handle, next(choices), choices);
      case PUT_STALE -> put(handle, stale(choices), choices);
      case PUT_AGAIN -> put(handle, again(earlier(choices), choices), choices);
      case PUT_CHANGED -> put(handle, pools.changed(earlier(choices), choices), choices);
      case DELETE -> delete(handle, namespace, choices);
      case DELETE_SESSION -> deleteSession(handle, session(choices), choices);
      case GET -> comparison.compare(handle, Call.get(namespace, id(choices)));
      case GET_LATEST -> comparison.compare(handle, Call.getBySession(session(choices)));
      case LIST -> comparison.compare(handle, Call.list(query(choices)));
      case LIST_HEADERS -> comparison.compare(handle, Call.listHeaders(query(choices)));
      case LIST_SESSIONS ->
          comparison.compare(handle, Call.listSessions(namespace, pools.limit(choices)));
      case LIST_NAMESPACES ->
          comparison.compare(handle, Call.listNamespaces(prefix, pools.limit(choices)));
      case START_LISTING -> comparison.startListing(handle, longQuery(choices), choices);
      case CONTINUE_LISTING -> comparison.continueListing(handle, pools.limit(choices), choices);
      case REOPEN -> comparison.reopen();
    };
  }

  // ---- what a step is about

  private Optional<Checkpoint> latest(SessionKey session) {
    return reference.getBySession(session);
  }

  private static long version(Optional<Checkpoint> latest) {
    return latest.map(Checkpoint::version).orElse(0L);
  }

  private Checkpoint next(Random choices) {
    SessionKey session = pools.session(choices);
    long version = pools.versionAfter(version(latest(session)), choices);
    return pools.checkpoint(session, freeId(session.namespace(), choices), version, choices);
  }

  private String freeId(String namespace, Random choices) {
    int start = choices.nextInt(pools.ids().size());
    for (int i = 0; i < pools.ids().size(); i++) {
      String id = pools.ids().get((start + i) % pools.ids().size());
      if (reference.get(namespace, id).isEmpty()) {
        return id;
      }
    }
    return pools.id(choices);
  }

  private Checkpoint stale(Random choices) {
    SessionKey session = session(choices);
    long version = pools.versionUpTo(version(latest(session)), choices);
    return pools.checkpoint(session, freeId(session.namespace(), choices), version, choices);
  }

  /** One that was put before, whether it was refused, is stored or was deleted. */
  private Checkpoint earlier(Random choices) {
    int back = choices.nextInt(MOST_BACK);
    return everPut.isEmpty()
        ? next(choices)
        : everPut.get(everPut.size() - 1 - back % everPut.size());
  }

  /** Mostly one to which something was put. */
  private SessionKey session(Random choices) {
    SessionKey any = pools.session(choices);
    return choices.nextInt(3) == 0 ? any : earlier(choices).sessionKey();
  }

  private static Checkpoint again(Checkpoint checkpoint, Random choices) {
    return choices.nextInt(3) == 0 ? checkpoint : ModelPools.reordered(checkpoint);
  }

  /** Mostly one that was put, to this or another namespace, or one that is similar. */
  private String id(Random choices) {
    String any = pools.id(choices);
    String earlier = earlier(choices).id();
    String similar = pools.similarId(earlier, choices);
    return switch (choices.nextInt(5)) {
      case 0 -> any;
      case 1, 2 -> similar;
      default -> earlier;
    };
  }

  /** Mostly one to which something was put. */
  private String namespace(Random choices) {
    String any = pools.namespace(choices);
    return choices.nextInt(3) == 0 ? any : earlier(choices).namespace();
  }

  private CheckpointQuery query(Random choices) {
    Checkpoint earlier = earlier(choices);
    return pools.query(
        choices.nextInt(4) == 0 ? pools.namespace(choices) : earlier.namespace(),
        reference.get(earlier.namespace(), earlier.id()),
        attributeQuery,
        choices);
  }

  /** Mostly of everything, so that there is more than one page. */
  private CheckpointQuery longQuery(Random choices) {
    CheckpointQuery any = query(choices);
    return choices.nextInt(3) == 0
        ? any
        : CheckpointQuery.builder(fullestNamespace()).order(any.order()).build();
  }

  // ---- changes

  private String put(int handle, Checkpoint checkpoint, Random choices) {
    Expectation expectation = expectation(checkpoint, choices);
    everPut.add(checkpoint);
    everUsed.add(checkpoint.id());
    String disagreement = comparison.change(handle, Call.put(checkpoint, expectation));
    return disagreement.isEmpty()
        ? readBack(checkpoint.sessionKey(), Set.of(checkpoint.id()), choices)
        : disagreement;
  }

  /** Nothing, mostly; else something that is true, or was, or never. */
  private Expectation expectation(Checkpoint checkpoint, Random choices) {
    Optional<String> latest = latest(checkpoint.sessionKey()).map(Checkpoint::id);
    String other = id(choices);
    String similar = pools.similarId(latest.orElse(other), choices);
    return switch (choices.nextInt(12)) {
      case 0 -> Expectation.noSession();
      case 1, 2 -> latest.map(Expectation::latestIs).orElse(Expectation.noSession());
      case 3, 4, 5 -> Expectation.latestIs(similar);
      case 6 -> Expectation.latestIs(other);
      default -> Expectation.any();
    };
  }

  private String delete(int handle, String namespace, Random choices) {
    List<String> ids = new ArrayList<>();
    for (int i = 1 + choices.nextInt(3); i > 0; i--) {
      ids.add(id(choices));
    }
    int kind = choices.nextInt(12);
    if (kind == 0) {
      IntStream.range(0, MANY_IDS).mapToObj(i -> "absent" + i).forEach(ids::add);
    }
    if (kind < 6) {
      ids.add(ids.get(0));
    }
    String disagreement = comparison.change(handle, Call.delete(namespace, ids));
    return disagreement.isEmpty()
        ? readBack(session(choices), new LinkedHashSet<>(ids), choices)
        : disagreement;
  }

  private String deleteSession(int handle, SessionKey session, Random choices) {
    String disagreement = comparison.change(handle, Call.deleteBySession(session));
    return disagreement.isEmpty()
        ? comparison.read(List.of(Call.getBySession(session)), choices)
        : disagreement;
  }

  // ---- reading

  /** What a change is about, by every method. */
  private String readBack(SessionKey session, Set<String> ids, Random choices) {
    List<Call> calls = new ArrayList<>();
    ids.stream().limit(MOST_READ).forEach(id -> calls.add(Call.get(session.namespace(), id)));
    calls.add(Call.getBySession(session));
    CheckpointQuery query =
        CheckpointQuery.builder(session)
            .order(pools.order(choices))
            .limit(pools.limit(choices))
            .build();
    calls.add(choices.nextBoolean() ? Call.list(query) : Call.listHeaders(query));
    calls.add(Call.listSessions(session.namespace(), query.limit()));
    return comparison.read(calls, choices);
  }

  /** Everything by every method; then deletes it, and everything is gone. */
  private String disagreementOfTheEnd(Random choices) {
    List<Call> calls = new ArrayList<>();
    for (String namespace : pools.namespaces()) {
      everUsed.forEach(id -> calls.add(Call.get(namespace, id)));
    }
    pools.sessions().forEach(session -> calls.add(Call.getBySession(session)));
    calls.addAll(listings(choices));
    for (CheckpointQuery query :
        pools.queriesOfOneField(fullestNamespace(), attributeQuery, choices)) {
      calls.add(choices.nextBoolean() ? Call.list(query) : Call.listHeaders(query));
    }
    String disagreement = comparison.read(calls, choices);
    for (SessionKey session : pools.sessions()) {
      if (disagreement.isEmpty() && latest(session).isPresent()) {
        disagreement = comparison.change(choices.nextInt(2), Call.deleteBySession(session));
      }
    }
    return disagreement.isEmpty() ? comparison.read(listings(choices), choices) : disagreement;
  }

  private String fullestNamespace() {
    return Collections.max(
        pools.namespaces(),
        Comparator.comparing(
            namespace ->
                Reads.listAllHeaders(
                        reference,
                        CheckpointQuery.builder(namespace).limit(CheckpointQuery.MAX_LIMIT).build())
                    .size()));
  }

  private List<Call> listings(Random choices) {
    List<Call> listings = new ArrayList<>();
    for (String namespace : pools.namespaces()) {
      for (Order order : Order.values()) {
        CheckpointQuery everything =
            CheckpointQuery.builder(namespace).order(order).limit(pools.limit(choices)).build();
        listings.add(Call.list(everything));
        listings.add(Call.listHeaders(everything));
      }
      listings.add(Call.listSessions(namespace, pools.limit(choices)));
    }
    listings.add(Call.listNamespaces(prefix, CheckpointQuery.MAX_LIMIT));
    return listings;
  }
}
