package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/**
 * Two short programs on one session, each on a handle of its own, in every order in which their
 * steps can meet: one step at a time, so that each run is the same.
 */
final class Interleavings {

  private static final int STEPS = 3;

  /** What one of the programs has read and put so far. */
  private static final class Actor {
    final String name;
    final SessionKey session;
    Optional<Checkpoint> read = Optional.empty();

    Actor(String name, SessionKey session) {
      this.name = name;
      this.session = session;
    }

    /** A checkpoint of this actor, so many versions after the one that it has read. */
    Checkpoint after(long versions) {
      long version = read.map(Checkpoint::version).orElse(0L) + versions;
      return Checkpoint.builder(session.sessionId())
          .namespace(session.namespace())
          .id("%s-%s-%d".formatted(session.sessionId(), name, version))
          .ts(Instant.EPOCH)
          .version(version)
          .parentId(read.map(Checkpoint::id).orElse(null))
          .values(Map.of("by", name))
          .build();
    }

    Call readLatest() {
      return new Call(
          Call.getBySession(session).lazyText(),
          storage -> {
            read = storage.getBySession(session);
            return read;
          });
    }

    CheckpointQuery query() {
      return CheckpointQuery.builder(session).limit(2).build();
    }
  }

  /** Steps that are worked out when their turn comes, from what was read until then. */
  private record Program(String name, List<Function<Actor, Call>> steps) {}

  private static final List<Program> PROGRAMS =
      List.of(
          new Program(
              "write",
              List.of(
                  Actor::readLatest,
                  actor -> Call.put(actor.after(1)),
                  actor -> Call.put(actor.after(2)))),
          new Program(
              "retry",
              List.of(
                  Actor::readLatest,
                  actor -> Call.put(actor.after(1)),
                  actor -> Call.put(actor.after(1)))),
          new Program(
              "restart",
              List.of(
                  actor -> Call.deleteBySession(actor.session),
                  actor -> Call.put(actor.after(1)),
                  actor -> Call.get(actor.session.namespace(), actor.after(1).id()))),
          new Program(
              "remove",
              List.of(
                  Actor::readLatest,
                  actor ->
                      Call.delete(
                          actor.session.namespace(),
                          List.of(actor.read.map(Checkpoint::id).orElse("none"))),
                  actor -> Call.put(actor.after(1)))),
          new Program(
              "read",
              List.of(
                  actor -> Call.list(actor.query()),
                  Actor::readLatest,
                  actor -> Call.listSessions(actor.session.namespace(), 1000))));

  private Interleavings() {}

  /** Every pair of programs in every order, each on a session of its own. */
  static void check(String namespace, BackendStorage first, BackendStorage second) {
    check(all(), namespace, first, second);
  }

  /** As {@link #check}, so many of them, chosen at random. */
  static void checkSome(
      int count, Random random, String namespace, BackendStorage first, BackendStorage second) {
    List<Meeting> some = all();
    Collections.shuffle(some, random);
    check(some.subList(0, count), namespace, first, second);
  }

  /** Two programs; bit i of {@code order} says which of the two makes step i. */
  private record Meeting(Program one, Program other, int order) {}

  private static List<Meeting> all() {
    List<Meeting> all = new ArrayList<>();
    for (int one = 0; one < PROGRAMS.size(); one++) {
      for (int other = one; other < PROGRAMS.size(); other++) {
        for (int order = 0; order < 1 << (2 * STEPS); order++) {
          if (Integer.bitCount(order) == STEPS) {
            all.add(new Meeting(PROGRAMS.get(one), PROGRAMS.get(other), order));
          }
        }
      }
    }
    return all;
  }

  private static void check(
      List<Meeting> meetings, String namespace, BackendStorage first, BackendStorage second) {
    ReferenceBackend reference = new ReferenceBackend();
    for (int i = 0; i < meetings.size(); i++) {
      SessionKey session = new SessionKey(namespace, "s" + i);
      new Run(session, reference, List.of(first, second)).check(meetings.get(i));
    }
  }

  private static final class Run {
    private final SessionKey session;
    private final ReferenceBackend reference;
    private final List<BackendStorage> handles;
    private final List<String> done = new ArrayList<>();

    Run(SessionKey session, ReferenceBackend reference, List<BackendStorage> handles) {
      this.session = session;
      this.reference = reference;
      this.handles = handles;
    }

    void check(Meeting meeting) {
      for (long version = 1; version <= 2; version++) {
        step(0, Call.put(new Actor("start", session).after(version)));
      }
      List<Program> programs = List.of(meeting.one(), meeting.other());
      // The names differ even if both run the same program.
      List<Actor> actors =
          List.of(
              new Actor(meeting.one().name() + 1, session),
              new Actor(meeting.other().name() + 2, session));
      int[] next = new int[2];
      for (int i = 0; i < 2 * STEPS; i++) {
        int turn = meeting.order() >> i & 1;
        Function<Actor, Call> step = programs.get(turn).steps().get(next[turn]++);
        step(turn, step.apply(actors.get(turn)));
      }
      for (int handle = 0; handle < 2; handle++) {
        step(handle, Call.getBySession(session));
        step(handle, Call.list(CheckpointQuery.builder(session).build()));
      }
    }

    private void step(int handle, Call call) {
      done.add("%d. handle %d: %s".formatted(done.size() + 1, handle + 1, call.text()));
      // The storage second: an actor remembers what the storage answered.
      String disagreement = call.disagreement(reference, handles.get(handle));
      if (!disagreement.isEmpty()) {
        throw new AssertionError(String.join("\n", done) + "\n   " + disagreement);
      }
    }
  }
}
