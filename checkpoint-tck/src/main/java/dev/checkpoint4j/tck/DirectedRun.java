package dev.checkpoint4j.tck;

import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.tck.DirectedHistory.Step;
import dev.checkpoint4j.tck.ModelRun.Disagreement;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** A directed history on a backend and on the reference at the same time. */
final class DirectedRun {

  private final DirectedHistory history;
  private final Supplier<String> prefixes;
  private final ModelRun.Handles handles;
  private final ModelTally tally;

  /** A run that was not started; each run uses another prefix of namespaces. */
  DirectedRun(
      DirectedHistory history,
      Supplier<String> prefixes,
      ModelRun.Handles handles,
      ModelTally tally) {
    this.history = history;
    this.prefixes = prefixes;
    this.handles = handles;
    this.tally = tally;
  }

  /** How the shortest part of the history that was found disagrees, if the history does. */
  Optional<Disagreement> shortestDisagreement() {
    List<Integer> all =
        IntStream.range(0, history.steps().apply(prefixes.get()).size()).boxed().toList();
    return firstDisagreement(all, tally).map(disagreement -> shortest(all, disagreement));
  }

  private Disagreement shortest(List<Integer> all, Disagreement disagreement) {
    StepShrinker<Integer> shrinker = new StepShrinker<>(all, disagreement);
    shrinker.leaveOut(steps -> firstDisagreement(steps, new ModelTally()));
    return shrinker.disagreement();
  }

  /** Runs the steps with these numbers; each handle gets calls of each kind. */
  private Optional<Disagreement> firstDisagreement(List<Integer> numbers, ModelTally counted) {
    String prefix = prefixes.get();
    List<Step> steps = history.steps().apply(prefix);
    ReferenceBackend reference = new ReferenceBackend();
    ModelComparison comparison = new ModelComparison(reference, prefix, handles, counted);
    int begun = 0;
    String disagreement = "";
    try {
      while (disagreement.isEmpty() && begun < numbers.size()) {
        int number = numbers.get(begun++);
        Step step = steps.get(number);
        int handle = Integer.bitCount(number) % 2;
        disagreement =
            step.isChange()
                ? comparison.change(handle, step.call())
                : comparison.read(handle, step.call());
      }
    } catch (RuntimeException | AssertionError e) {
      disagreement = Call.failure(e);
    }
    removeWhatIsLeft(reference, disagreement.isEmpty());
    return disagreement.isEmpty()
        ? Optional.empty()
        : Optional.of(new Disagreement(begun, comparison.calls() + "\n   " + disagreement.strip()));
  }

  /** So that listings of the next run are short; a store that is known to be wrong may fail. */
  private void removeWhatIsLeft(ReferenceBackend reference, boolean isCorrect) {
    BackendStorage storage = handles.get(0);
    for (String namespace :
        reference.listNamespaces(CheckpointQuery.MAX_LIMIT, Optional.empty()).items()) {
      for (SessionKey session :
          Reads.listSessions(reference, namespace, CheckpointQuery.MAX_LIMIT)) {
        try {
          storage.deleteBySession(session);
        } catch (RuntimeException e) {
          if (isCorrect) {
            throw e;
          }
          return;
        }
      }
    }
  }
}
