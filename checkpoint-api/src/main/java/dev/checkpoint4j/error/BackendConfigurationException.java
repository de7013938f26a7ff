package dev.checkpoint4j.error;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backend cannot be opened as it is configured, or a store that was opened lacks what its
 * configuration names, such as a table that was dropped. Nothing was changed. Lists all problems at
 * once; the values of secret options are masked. Trying again does not help.
 */
public final class BackendConfigurationException extends CheckpointException {

  private static final long serialVersionUID = 1;

  private final List<String> problems;

  /** Lists the problems, of which there is at least one. */
  public BackendConfigurationException(
      String backendId, List<String> problems, @Nullable Throwable cause) {
    super(describe(problems), ErrorContext.of(backendId, "open"), cause);
    this.problems = List.copyOf(problems);
  }

  /** Says what the only problem is. */
  public BackendConfigurationException(String backendId, String problem) {
    this(backendId, List.of(problem), null);
  }

  /** Says what the only problem is, and in which operation it was met. */
  public BackendConfigurationException(
      ErrorContext context, String problem, @Nullable Throwable cause) {
    super(problem, context, cause);
    this.problems = List.of(problem);
  }

  private static String describe(List<String> problems) {
    if (problems.isEmpty()) {
      throw new IllegalArgumentException("problems is empty");
    }
    return problems.size() == 1
        ? problems.get(0)
        : problems.size() + " problems: " + String.join("; ", problems);
  }

  /** Each problem, with what to do about it. */
  public List<String> problems() {
    return problems;
  }
}
