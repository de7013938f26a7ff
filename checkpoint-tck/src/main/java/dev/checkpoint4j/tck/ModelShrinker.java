package dev.checkpoint4j.tck;

import dev.checkpoint4j.tck.ModelRun.Disagreement;
import java.util.Optional;
import java.util.function.Function;

/** Looks for the shortest and tamest history that still disagrees. */
final class ModelShrinker {

  private final Function<ModelHistory, Optional<Disagreement>> run;
  private final StepShrinker<ModelStep> steps;
  private ModelTheme theme;

  private ModelShrinker(
      ModelHistory failing,
      Disagreement disagreement,
      Function<ModelHistory, Optional<Disagreement>> run) {
    this.run = run;
    steps = new StepShrinker<>(failing.steps(), disagreement);
    theme = failing.theme();
  }

  /** How the shortest history that was found disagrees. */
  static Disagreement shrink(
      ModelHistory failing,
      Disagreement disagreement,
      Function<ModelHistory, Optional<Disagreement>> run) {
    ModelShrinker shrinker = new ModelShrinker(failing, disagreement, run);
    shrinker.leaveOut();
    if (shrinker.tame()) {
      shrinker.leaveOut();
    }
    return shrinker.steps.disagreement();
  }

  private void leaveOut() {
    steps.leaveOut(shorter -> run.apply(new ModelHistory(theme, shorter)));
  }

  private boolean tame() {
    boolean tamed = false;
    for (boolean again = true; again; ) {
      again = false;
      for (ModelTheme tamer : theme.tamer()) {
        if (!again
            && steps.mayTry()
            && steps.stillDisagree(
                steps.steps(), same -> run.apply(new ModelHistory(tamer, same)))) {
          theme = tamer;
          again = true;
          tamed = true;
        }
      }
    }
    return tamed;
  }
}
