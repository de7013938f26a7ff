package dev.checkpoint4j.error;

/**
 * No backend on the class path serves the URL's scheme. The message lists the backends that were
 * found and names the artifact to add.
 */
public final class BackendNotFoundException extends CheckpointException {

  private static final long serialVersionUID = 1;

  /** Says that no backend serves {@code scheme}. */
  public BackendNotFoundException(String scheme, String message) {
    super(message, ErrorContext.of(scheme, "open"), null);
  }
}
