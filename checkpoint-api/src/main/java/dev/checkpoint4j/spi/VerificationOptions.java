package dev.checkpoint4j.spi;

import java.util.Objects;

/**
 * What a verification does beside reading. Immutable.
 *
 * <pre>{@code
 * VerificationOptions options =
 *     VerificationOptions.defaults().withListener(listener).withRemovalOfLeftovers();
 * }</pre>
 */
public final class VerificationOptions {

  private static final VerificationOptions DEFAULTS =
      new VerificationOptions(new VerificationListener() {}, false);

  private final VerificationListener listener;
  private final boolean removesLeftovers;

  private VerificationOptions(VerificationListener listener, boolean removesLeftovers) {
    this.listener = listener;
    this.removesLeftovers = removesLeftovers;
  }

  /** Changes nothing and notifies nobody. */
  public static VerificationOptions defaults() {
    return DEFAULTS;
  }

  /** The same with a listener, which replaces the previous one. */
  public VerificationOptions withListener(VerificationListener newListener) {
    return new VerificationOptions(
        Objects.requireNonNull(newListener, "newListener"), removesLeftovers);
  }

  /**
   * The same, but {@linkplain Finding.Severity#LEFTOVER leftovers} are removed once they are so old
   * that no writer is at work on them. Intact and damaged checkpoints stay as they are. A removal
   * may be stopped at any time and repeated.
   */
  public VerificationOptions withRemovalOfLeftovers() {
    return new VerificationOptions(listener, true);
  }

  /** Receives what is read. */
  public VerificationListener listener() {
    return listener;
  }

  /** Whether leftovers are removed. */
  public boolean removesLeftovers() {
    return removesLeftovers;
  }

  /**
   * Refuses the removal of leftovers, for a backend that has none to remove.
   *
   * @throws UnsupportedOperationException if leftovers are to be removed
   */
  public void requireReadOnly(String backendId) {
    if (removesLeftovers) {
      throw new UnsupportedOperationException(
          "backend '"
              + backendId
              + "' has no leftovers to remove; to repair damage, copy what is intact into a new"
              + " store");
    }
  }
}
