package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;

/** RACE: the answers of concurrent calls have an order that explains them. */
abstract class LinearizabilityRules extends ExpectationRaceRules {

  @Rule(id = "RACE-13", level = Level.MUST)
  protected final void callsOfASessionAreLinearizable() {
    List<BackendStorage> handles = twoHandles();
    for (int round = 0; round < 30; round++) {
      CallHistory history = new CallHistory();
      SessionKey session = session("s" + round);
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
    }
  }

  private void callAnything(
      CallHistory history,
      String thread,
      BackendStorage handle,
      SessionKey session,
      List<String> ids,
      Random choices) {
    int kind = choices.nextInt(10);
    String known = ids.get(choices.nextInt(ids.size()));
    if (kind < 5) {
      long latest = history.latest(thread, handle, session);
      Checkpoint next = checkpoint(session.sessionId(), latest + 1 + choices.nextInt(2));
      ids.add(next.id());
      history.put(thread, handle, next);
    } else if (kind < 7) {
      history.latest(thread, handle, session);
    } else if (kind < 9) {
      history.get(thread, handle, session.namespace(), known);
    } else {
      history.delete(thread, handle, session.namespace(), known);
    }
  }
}
