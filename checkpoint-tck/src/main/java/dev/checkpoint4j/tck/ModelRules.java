package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.tck.ModelRun.Disagreement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** MODEL: random histories, in which every answer is that of the reference. */
abstract class ModelRules extends CloseRules {

  private static final Duration TIME = Duration.ofSeconds(10);
  private static final Duration TIME_WITH_REOPENINGS = Duration.ofSeconds(5);
  private static final Duration TIME_OF_DIRECTED_HISTORIES = Duration.ofSeconds(10);

  /** However long they take. */
  private static final int LEAST_REOPENINGS = 3;

  /** Documents of this size hold long texts. */
  private static final long LONG_TEXTS = 4 << 20;

  private int runs;

  @Rule(id = "MODEL-01", level = Level.MUST)
  protected final void anySequenceOfCallsAnswersAsTheReference() {
    TwoHandles handles = new TwoHandles();
    checkDirectedHistories(handles);
    checkHistories(handles, TIME);
  }

  @Rule(id = "MODEL-02", level = Level.MUST)
  protected final void anySequenceOfCallsAnswersAsTheReferenceAcrossReopenings() {
    requireDurability();
    checkHistories(
        new TwoHandles() {
          private final long start = nanoTime();
          private int reopenings;

          @Override
          public boolean reopen() {
            // Each opens two handles, and an open may take half a minute.
            if (reopenings++ >= LEAST_REOPENINGS
                && nanoTime() - start > TimeUnit.SECONDS.toNanos(Race.WAIT_SECONDS)) {
              return false;
            }
            closeHandles();
            first = storage();
            second = openHandle();
            return true;
          }
        },
        TIME_WITH_REOPENINGS);
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
    public boolean reopen() {
      return false;
    }
  }

  private boolean storesLongTexts() {
    return storage().descriptor().maxDocumentBytes() >= LONG_TEXTS;
  }

  /** All of them on a fast medium; on a slow one as many as begin in their time. */
  private void checkDirectedHistories(ModelRun.Handles handles) {
    HistoryBudget.Clock clock = run().histories().startList(TIME_OF_DIRECTED_HISTORIES);
    for (DirectedHistory history : directedHistories()) {
      if (!clock.isOneMore()) {
        return;
      }
      DirectedRun run = new DirectedRun(history, this::newPrefix, handles, run().tally());
      run.shortestDisagreement()
          .ifPresent(
              disagreement -> {
                throw new AssertionError(
                    "history '%s' does not answer as the reference; the shortest part of it that does not:\n%s"
                        .formatted(history.name(), disagreement.text()));
              });
      run().tally().history();
    }
  }

  List<DirectedHistory> directedHistories() {
    return DirectedHistory.all(random(), declares(Capability.ATTRIBUTE_QUERY), storesLongTexts());
  }

  /** Of namespaces that no other history uses. */
  private String newPrefix() {
    return "%s-%d-".formatted(namespace(), ++runs);
  }

  private void checkHistories(ModelRun.Handles handles, Duration time) {
    ModelHistory.Generator generator = new ModelHistory.Generator(random(), storesLongTexts());
    HistoryBudget.Clock clock = run().histories().start(time);
    while (clock.isOneMore()) {
      ModelHistory history = generator.next();
      Optional<Disagreement> disagreement = run(handles, run().tally()).apply(history);
      if (disagreement.isPresent()) {
        throw new AssertionError(
            "history %d (on a slower machine, set checkpoint.tck.histories to reach it) does not answer as the reference; the shortest part of it that does not:\n%s"
                .formatted(
                    clock.begun(),
                    ModelShrinker.shrink(
                            history, disagreement.get(), run(handles, new ModelTally()))
                        .text()));
      }
      run().tally().history();
    }
  }

  private Function<ModelHistory, Optional<Disagreement>> run(
      ModelRun.Handles handles, ModelTally tally) {
    boolean attributeQuery = declares(Capability.ATTRIBUTE_QUERY);
    return history ->
        new ModelRun(history.theme(), newPrefix(), handles, attributeQuery, tally)
            .firstDisagreement(history.steps());
  }
}
