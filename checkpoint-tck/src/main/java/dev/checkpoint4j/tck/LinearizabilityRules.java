package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;

/** RACE: the answers of concurrent calls have an order that explains them. */
abstract class LinearizabilityRules extends ExpectationRaceRules {

  private static final List<String> HOSTILE = List.copyOf(HostileIds.all());

  @Rule(id = "RACE-13", level = Level.MUST)
  protected final void callsOfASessionAreLinearizable() {
    List<BackendStorage> handles = twoHandles();
    for (int round = 0; round < 30; round++) {
      CallHistory history = new CallHistory();
      SessionKey session = session(hostile() + round);
      List<String> ids = new CopyOnWriteArrayList<>(List.of("absent-" + round));
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String thread = "thread " + i;
        Random choices = new Random(random().nextLong());
        BackendStorage handle = handles.get(i % handles.size());
        tasks.add(
            () -> {
              for (int step = 0; step < 7; step++) {
                callAnything(history, thread, handle, session, ids, choices);
              }
              return true;
            });
      }
      String what = "four threads that put, get, and delete in one session on two handles";
      assertThat(Race.results(what, tasks)).as("%s: how they ended", what).containsOnly(true);
      assertThat(history.isLinearizable())
          .as(
              "%s: whether there is an order in which one call after the other could have been"
                  + " answered so. [start, end] of the calls:%n%s",
              what, history)
          .isTrue();
      assertThat(history.wrongListing())
          .as("%s: a listing that is wrong; [start, end] of the calls:%n%s", what, history)
          .isEmpty();
    }
  }

  private String hostile() {
    return HOSTILE.get(random().nextInt(HOSTILE.size()));
  }

  private void callAnything(
      CallHistory history,
      String thread,
      BackendStorage handle,
      SessionKey session,
      List<String> ids,
      Random choices) {
    String namespace = session.namespace();
    String known = ids.get(choices.nextInt(ids.size()));
    switch (choices.nextInt(16)) {
      case 0, 1, 2, 3, 4 -> putNext(history, thread, handle, session, ids, choices);
      case 5 -> history.putAgain(thread, handle, known);
      case 6, 7 -> history.latest(thread, handle, session);
      case 8, 9 -> history.get(thread, handle, namespace, known);
      case 10 -> history.delete(thread, handle, namespace, known);
      case 11 -> {
        String other = ids.get(choices.nextInt(ids.size()));
        history.delete(thread, handle, namespace, List.of(known, other, known));
      }
      case 12, 13 ->
          history.list(
              thread,
              "list",
              () -> idsOf(listAll(handle, CheckpointQuery.builder(session).limit(3).build())));
      default ->
          history.list(
              thread,
              "listHeaders",
              () ->
                  listAllHeaders(handle, CheckpointQuery.builder(session).limit(3).build()).stream()
                      .map(CheckpointHeader::id)
                      .toList());
    }
  }

  private void putNext(
      CallHistory history,
      String thread,
      BackendStorage handle,
      SessionKey session,
      List<String> ids,
      Random choices) {
    Optional<Checkpoint> latest = history.latestCheckpoint(thread, handle, session);
    long version = latest.map(Checkpoint::version).orElse(0L) + 1 + choices.nextInt(2);
    Checkpoint next =
        draft(session.sessionId(), version)
            .id(HOSTILE.get(choices.nextInt(HOSTILE.size())) + "-" + choices.nextLong())
            .build();
    ids.add(next.id());
    Expectation expectation =
        choices.nextBoolean()
            ? Expectation.any()
            : latest
                .map(found -> Expectation.latestIs(found.id()))
                .orElseGet(Expectation::noSession);
    history.put(thread, handle, next, expectation);
  }
}
