package dev.checkpoint4j.tck;

import java.util.concurrent.atomic.AtomicLong;

/** How much the rules MODEL have done. Thread-safe. */
final class ModelTally {

  private final AtomicLong histories = new AtomicLong();
  private final AtomicLong operations = new AtomicLong();
  private final AtomicLong comparisons = new AtomicLong();

  /** A history was run to its end. */
  void history() {
    histories.incrementAndGet();
  }

  /** A call that may change something was made, or the store was opened again. */
  void operation() {
    operations.incrementAndGet();
  }

  /** An answer was compared with that of the reference. */
  void comparison() {
    comparisons.incrementAndGet();
  }

  long histories() {
    return histories.get();
  }

  long operations() {
    return operations.get();
  }

  long comparisons() {
    return comparisons.get();
  }
}
