package dev.checkpoint4j.tck;

import dev.checkpoint4j.tck.ModelRun.Disagreement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Leaves out steps for as long as the rest still disagrees. */
final class StepShrinker<S> {

  private static final int MOST_ATTEMPTS = 500;

  /** It is only the message that suffers. */
  private static final Duration LIMIT = Duration.ofSeconds(15);

  private final long start = System.nanoTime();
  private List<S> steps;
  private Disagreement disagreement;
  private int attempts;

  /** Steps that were not begun play no part. */
  StepShrinker(List<S> steps, Disagreement disagreement) {
    this.steps = steps.subList(0, disagreement.steps());
    this.disagreement = disagreement;
  }

  List<S> steps() {
    return steps;
  }

  Disagreement disagreement() {
    return disagreement;
  }

  boolean mayTry() {
    return attempts < MOST_ATTEMPTS && System.nanoTime() - start < LIMIT.toNanos();
  }

  /** Whether the steps still disagree; if so, they are the shortest from now on. */
  boolean stillDisagree(List<S> candidate, Function<List<S>, Optional<Disagreement>> run) {
    attempts++;
    Optional<Disagreement> result = run.apply(candidate);
    result.ifPresent(
        found -> {
          steps = candidate;
          disagreement = found;
        });
    return result.isPresent();
  }

  /** Leaves out what can be left out, halves first, then ever smaller parts. */
  void leaveOut(Function<List<S>, Optional<Disagreement>> run) {
    int before;
    do {
      before = steps.size();
      for (int part = Math.max(1, before / 2); part > 0; part /= 2) {
        leaveOutParts(part, run);
      }
    } while (steps.size() < before && mayTry());
  }

  private void leaveOutParts(int size, Function<List<S>, Optional<Disagreement>> run) {
    for (int first = 0; first < steps.size() && mayTry(); ) {
      List<S> shorter = new ArrayList<>(steps);
      shorter.subList(first, Math.min(first + size, shorter.size())).clear();
      if (!stillDisagree(shorter, run)) {
        first += size;
      }
    }
  }
}
