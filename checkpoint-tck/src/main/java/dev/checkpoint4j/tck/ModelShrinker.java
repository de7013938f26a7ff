package dev.checkpoint4j.tck;

import dev.checkpoint4j.tck.ModelRun.Disagreement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Looks for the shortest and tamest history that still disagrees. */
final class ModelShrinker {

  private static final int MOST_ATTEMPTS = 500;

  /** It is only the message that suffers. */
  private static final Duration LIMIT = Duration.ofSeconds(15);

  private final Function<ModelHistory, Optional<Disagreement>> run;
  private final long start = System.nanoTime();
  private ModelHistory shortest;
  private Disagreement disagreement;
  private int attempts;

  private ModelShrinker(
      ModelHistory failing,
      Disagreement disagreement,
      Function<ModelHistory, Optional<Disagreement>> run) {
    this.shortest = failing;
    this.disagreement = disagreement;
    this.run = run;
  }

  /** How the shortest history that was found disagrees. */
  static Disagreement shrink(
      ModelHistory failing,
      Disagreement disagreement,
      Function<ModelHistory, Optional<Disagreement>> run) {
    ModelShrinker shrinker = new ModelShrinker(failing, disagreement, run);
    shrinker.leaveOutEnd();
    shrinker.leaveOut();
    if (shrinker.tame()) {
      shrinker.leaveOut();
    }
    return shrinker.disagreement;
  }

  private boolean mayTry() {
    return attempts < MOST_ATTEMPTS && System.nanoTime() - start < LIMIT.toNanos();
  }

  private boolean stillDisagrees(ModelHistory candidate) {
    attempts++;
    Optional<Disagreement> result = run.apply(candidate);
    result.ifPresent(
        found -> {
          shortest = candidate;
          disagreement = found;
        });
    return result.isPresent();
  }

  private ModelHistory withSteps(List<ModelStep> steps) {
    return new ModelHistory(shortest.theme(), steps);
  }

  /** Steps that were not begun play no part. */
  private void leaveOutEnd() {
    shortest = withSteps(shortest.steps().subList(0, disagreement.steps()));
  }

  /** Leaves out what can be left out, halves first, then ever smaller parts. */
  private void leaveOut() {
    int before;
    do {
      before = shortest.steps().size();
      for (int part = Math.max(1, before / 2); part > 0; part /= 2) {
        leaveOutParts(part);
      }
    } while (shortest.steps().size() < before && mayTry());
  }

  private void leaveOutParts(int size) {
    for (int start = 0; start < shortest.steps().size() && mayTry(); ) {
      List<ModelStep> shorter = new ArrayList<>(shortest.steps());
      shorter.subList(start, Math.min(start + size, shorter.size())).clear();
      if (!stillDisagrees(withSteps(shorter))) {
        start += size;
      }
    }
  }

  private boolean tame() {
    boolean tamed = false;
    for (boolean again = true; again; ) {
      again = false;
      for (ModelTheme theme : shortest.theme().tamer()) {
        if (!again && mayTry() && stillDisagrees(new ModelHistory(theme, shortest.steps()))) {
          again = true;
          tamed = true;
        }
      }
    }
    return tamed;
  }
}
