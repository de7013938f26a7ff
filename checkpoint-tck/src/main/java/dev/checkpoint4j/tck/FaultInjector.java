package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import java.util.Random;
import java.util.Set;

/**
 * Makes the medium of one store fail, below the backend: between it and its file, connection or
 * client. Offered by the test class of a backend that overrides {@link
 * BackendStorageTck#faultInjector}; the rules FAULT use it, and say of a fault that it does not
 * know that it was not injected. Called by one thread at a time, other than those that use the
 * store.
 */
public interface FaultInjector {

  /** The faults it can inject. */
  Set<Fault> faults();

  /**
   * From now on and until {@link #disarm()} every write or read of the medium, as the fault says,
   * on every handle of the store fails, after the first {@code passes} were let through. Fails as
   * the medium does, with the exceptions of its driver.
   *
   * @param fault any of {@link #faults()} but {@link Fault#FLIPPED_BYTE} and {@link
   *     Fault#COPIED_RECORD}
   * @param passes how many writes or reads are let through first
   */
  void arm(Fault fault, int passes);

  /** The medium works again. Does nothing if it does. */
  void disarm();

  /**
   * Changes one byte, chosen at random, of what the medium holds of a stored checkpoint. No handle
   * is open. Called only if {@link #faults()} holds {@link Fault#FLIPPED_BYTE}.
   */
  void flipByte(Checkpoint stored, Random random);

  /**
   * Replaces what the medium holds of one stored checkpoint by an exact copy of what it holds of
   * another: the document, and whatever else the medium stores with it and under its key. What
   * leads to it, such as a key or an index, stays as it is. No handle is open. Called only if
   * {@link #faults()} holds {@link Fault#COPIED_RECORD}.
   *
   * @param source the checkpoint whose record is copied; its record stays as it is
   * @param target the checkpoint whose record is replaced; both have documents of the same length
   */
  default void copyRecord(Checkpoint source, Checkpoint target) {
    throw new UnsupportedOperationException("this injector does not declare COPIED_RECORD");
  }
}
