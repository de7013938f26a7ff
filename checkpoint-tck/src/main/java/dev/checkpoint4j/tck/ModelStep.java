package dev.checkpoint4j.tck;

import java.util.Arrays;
import java.util.Random;

/**
 * One step of a history: what to do, with a seed to choose what with. What it chooses among is what
 * the store holds when the step's turn comes, so that a step keeps a meaning when others before it
 * are left out.
 *
 * @param kind what to do
 * @param handle which of two handles
 * @param seed of its choices
 */
record ModelStep(Kind kind, int handle, long seed) {

  enum Kind {
    PUT_NEXT(10),
    PUT_STALE(1),
    PUT_AGAIN(3),
    PUT_CHANGED(4),
    DELETE(4),
    DELETE_SESSION(2),
    GET(4),
    GET_LATEST(3),
    LIST(8),
    LIST_HEADERS(8),
    LIST_SESSIONS(2),
    LIST_NAMESPACES(1),
    START_LISTING(3),
    CONTINUE_LISTING(5),
    REOPEN(1);

    private static final int TOTAL = Arrays.stream(values()).mapToInt(kind -> kind.weight).sum();

    private final int weight;

    Kind(int weight) {
      this.weight = weight;
    }

    private static Kind random(Random random) {
      int ticket = random.nextInt(TOTAL);
      for (Kind kind : values()) {
        ticket -= kind.weight;
        if (ticket < 0) {
          return kind;
        }
      }
      throw new AssertionError("the weights add up to their total");
    }
  }

  static ModelStep random(Random random) {
    return new ModelStep(Kind.random(random), random.nextInt(2), random.nextLong());
  }

  /** The numbers that the step chooses with. */
  Random choices() {
    return new Random(seed);
  }
}
