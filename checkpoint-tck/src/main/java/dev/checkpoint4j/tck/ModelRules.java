package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/** MODEL: random sequences of calls, whose answers are those of the reference. */
abstract class ModelRules extends CloseRules {

  private static final int SEQUENCES = 30;
  private static final int STEPS = 60;

  /** How many shorter sequences are tried in search of the shortest that fails. */
  private static final int MAX_ATTEMPTS = 400;

  private int runs;

  @Rule(id = "MODEL-01", level = Level.MUST)
  protected final void anySequenceOfCallsAnswersAsTheReference() {
    checkSequences(new TwoHandles());
  }

  @Rule(id = "MODEL-02", level = Level.MUST)
  protected final void anySequenceOfCallsAnswersAsTheReferenceAcrossReopenings() {
    requireDurability();
    checkSequences(
        new TwoHandles() {
          @Override
          public void reopen() {
            closeHandles();
            first = storage();
            second = openHandle();
          }
        });
  }

  /** Two handles that stay open. */
  private class TwoHandles implements ModelRun.Handles {
    BackendStorage first = storage();
    BackendStorage second = openHandle();

    @Override
    public BackendStorage get(int index) {
      return index == 0 ? first : second;
    }

    @Override
    public void reopen() {
      // A volatile store may be gone with its last handle.
    }
  }

  private void checkSequences(ModelRun.Handles handles) {
    Function<List<ModelStep>, Optional<String>> run =
        steps ->
            new ModelRun(
                    "%s-%d".formatted(namespace(), ++runs),
                    handles,
                    declares(Capability.ATTRIBUTE_QUERY))
                .firstDisagreement(steps);
    for (int sequence = 1; sequence <= SEQUENCES; sequence++) {
      List<ModelStep> steps =
          IntStream.range(0, STEPS).mapToObj(i -> ModelStep.random(i, random())).toList();
      Optional<String> disagreement = run.apply(steps);
      if (disagreement.isPresent()) {
        throw new AssertionError(
            "sequence %d of %d does not answer as the reference; the shortest part of it that does not:\n%s"
                .formatted(sequence, SEQUENCES, shortest(steps, disagreement.get(), run)));
      }
    }
  }

  /** Leaves out what can be left out, halves first, then ever smaller parts. */
  private static String shortest(
      List<ModelStep> failing,
      String disagreement,
      Function<List<ModelStep>, Optional<String>> run) {
    List<ModelStep> steps = failing;
    String shown = disagreement;
    int attempts = 0;
    for (int part = failing.size() / 2; part > 0; part = part == 1 ? 0 : (part + 1) / 2) {
      for (int start = 0; start < steps.size() && attempts < MAX_ATTEMPTS; attempts++) {
        List<ModelStep> shorter = new ArrayList<>(steps);
        shorter.subList(start, Math.min(start + part, shorter.size())).clear();
        Optional<String> result = run.apply(shorter);
        if (result.isPresent()) {
          steps = shorter;
          shown = result.get();
        } else {
          start += part;
        }
      }
    }
    return shown;
  }
}
