package dev.checkpoint4j.tck;

import java.util.Arrays;
import java.util.Random;

/**
 * One step of a random sequence: what to do, with numbers to choose what with. What they choose
 * among is what the store holds when the step's turn comes, so that a step keeps a meaning when
 * others before it are left out.
 *
 * @param kind what to do
 * @param number unlike that of every other step of the sequence
 * @param handle which of two handles
 * @param choices numbers to choose with, none negative
 */
record ModelStep(Kind kind, int number, int handle, Choices choices) {

  enum Kind {
    PUT_NEXT(6),
    PUT_STALE(2),
    PUT_AGAIN(2),
    PUT_CHANGED(1),
    PUT_ELSEWHERE(1),
    GET(2),
    GET_LATEST(2),
    LIST(3),
    LIST_HEADERS(2),
    LIST_SESSIONS(1),
    LIST_NAMESPACES(1),
    START_WALK(1),
    END_WALK(1),
    DELETE(2),
    DELETE_SESSION(1),
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

  record Choices(int session, int one, int other, int limit) {}

  static ModelStep random(int number, Random random) {
    return new ModelStep(
        Kind.random(random),
        number,
        random.nextInt(2),
        new Choices(
            random.nextInt(1 << 16),
            random.nextInt(1 << 16),
            random.nextInt(1 << 16),
            1 + random.nextInt(6)));
  }
}
