package dev.checkpoint4j.tck;

import java.time.Duration;
import java.util.List;

/**
 * What a {@link ChaosSuite} did and found.
 *
 * @param store the name of the store
 * @param seed repeats the choices of the run, though not the order in which its threads meet
 * @param rounds how many rounds were run
 * @param operations calls made
 * @param disturbed calls that something happened to: an interrupt, a failing codec, a deadline, the
 *     end of the stack
 * @param interrupts threads interrupted in a call
 * @param failed calls that failed, as most of those disturbed may
 * @param acknowledged puts and deletions that were acknowledged
 * @param lost checkpoints that were acknowledged and are gone
 * @param wrong answers, counts and failures that no order of the calls explains
 * @param damage findings of the store's verification
 * @param time how long it took
 * @param findings the first of all that was found wrong, in words; empty if nothing was
 */
public record ChaosReport(
    String store,
    long seed,
    int rounds,
    long operations,
    long disturbed,
    long interrupts,
    long failed,
    long acknowledged,
    long lost,
    long wrong,
    long damage,
    Duration time,
    List<String> findings) {

  /** Copies the list. */
  public ChaosReport {
    findings = List.copyOf(findings);
  }

  /** The figures in one line, without the findings. */
  @Override
  public String toString() {
    return ("chaos: store=%s operations=%d disturbed=%d interrupts=%d failed=%d acknowledged=%d"
            + " lost=%d wrong=%d damage=%d rounds=%d seconds=%.1f seed=%d")
        .formatted(
            store,
            operations,
            disturbed,
            interrupts,
            failed,
            acknowledged,
            lost,
            wrong,
            damage,
            rounds,
            time.toMillis() / 1000.0,
            seed);
  }
}
