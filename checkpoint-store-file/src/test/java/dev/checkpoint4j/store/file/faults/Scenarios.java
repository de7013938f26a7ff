package dev.checkpoint4j.store.file.faults;

import static dev.checkpoint4j.store.file.faults.Step.put;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What is done to stores that crash or fail. */
final class Scenarios {

  private static final String DEFAULT = Checkpoint.DEFAULT_NAMESPACE;
  private static final String OTHER = "other";

  private static final Step OPEN = new Step.Open();
  private static final Step CLOSE = new Step.Close();
  private static final Step READ = new Step.Read();

  private Scenarios() {}

  private static Step delete(String... ids) {
    return new Step.Delete(DEFAULT, List.of(ids));
  }

  private static Step deleteSession(String session) {
    return new Step.DeleteSession(new SessionKey(DEFAULT, session));
  }

  /** Two namespaces, deletions, ids that move, reopening. */
  static List<Step> everyday() {
    return List.of(
        OPEN,
        put(DEFAULT, "a", "a1", 1, 10),
        put(DEFAULT, "a", "a2", 2, 10),
        put(DEFAULT, "b", "b1", 1, 10),
        put(OTHER, "a", "a1", 1, 10),
        put(DEFAULT, "a", "a3", 3, 1500),
        READ,
        delete("a1"),
        put(DEFAULT, "b", "a1", 2, 10),
        put(DEFAULT, "a", "a3", 3, 1500),
        // The last of "b", then one of several of "a".
        delete("b1", "a1", "a2"),
        put(DEFAULT, "c", "b1", 5, 700),
        put(DEFAULT, "c", "c2", 6, 10),
        CLOSE,
        OPEN,
        deleteSession("c"),
        put(DEFAULT, "c", "c1", 1, 10),
        put(DEFAULT, "b", "b1", 1, 10),
        put(DEFAULT, "a", "a4", 4, 10),
        READ,
        CLOSE);
  }

  /** A log that is rewritten, since most of it is deleted. */
  static List<Step> compacting() {
    return List.of(
        OPEN,
        put(DEFAULT, "r", "r1", 1, 30_000),
        put(DEFAULT, "r", "r2", 2, 40_000),
        put(DEFAULT, "r", "r3", 3, 600),
        delete("r1", "r2"),
        READ,
        put(DEFAULT, "r", "r4", 4, 10),
        put(DEFAULT, "q", "r1", 1, 10),
        CLOSE,
        OPEN,
        put(DEFAULT, "r", "r5", 5, 10),
        deleteSession("r"),
        READ,
        CLOSE);
  }

  /** Many steps of all kinds on few sessions and ids. */
  static List<Step> random(long seed, int count) {
    Random random = new Random(seed);
    List<Step> steps = new ArrayList<>(List.of(OPEN));
    long version = 0;
    for (int i = 0; i < count; i++) {
      String namespace = random.nextInt(4) == 0 ? OTHER : DEFAULT;
      String session = "s" + random.nextInt(3);
      switch (random.nextInt(12)) {
        case 0 -> steps.add(deleteSession(session));
        case 1, 2 ->
            steps.add(
                new Step.Delete(
                    namespace, List.of("i" + random.nextInt(6), "i" + random.nextInt(6, 9))));
        case 3 -> steps.addAll(List.of(CLOSE, OPEN));
        case 4 -> steps.add(READ);
        default -> {
          // An id may be stored already: it is deleted first, so that the put is accepted.
          String id = "i" + random.nextInt(9);
          steps.add(new Step.Delete(namespace, List.of(id)));
          steps.add(put(namespace, session, id, ++version, random.nextInt(4) == 0 ? 1200 : 10));
        }
      }
    }
    steps.add(CLOSE);
    return steps;
  }
}
