package dev.checkpoint4j.store.s3.internal.verify;

import dev.checkpoint4j.store.s3.S3StoreVerification.Problem;
import java.util.List;

/**
 * What a verification has found in the end. Immutable.
 *
 * @param problemCount the number of problems, without leftovers
 * @param problems the first findings, leftovers included
 */
public record Totals(
    long namespaces,
    long sessions,
    long checkpoints,
    long bytes,
    long problemCount,
    long leftovers,
    long removed,
    List<Problem> problems) {

  /** Copies the list. */
  public Totals {
    problems = List.copyOf(problems);
  }
}
