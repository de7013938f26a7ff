package dev.checkpoint4j.core;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.BackendNotFoundException;
import dev.checkpoint4j.error.CheckpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong, so that one exception reports all of it. Used by one thread. */
final class Problems {

  private final List<String> texts = new ArrayList<>();
  private @Nullable CheckpointException cause;
  private int ofCause;

  void add(String problem) {
    texts.add(problem);
  }

  /** The result of {@code step}; {@code null} if it fails, after its problems were added. */
  @CanIgnoreReturnValue
  <T> @Nullable T collect(Supplier<T> step) {
    try {
      return step.get();
    } catch (BackendConfigurationException e) {
      addAll(e.problems(), e);
    } catch (BackendNotFoundException e) {
      addAll(List.of(String.valueOf(e.getMessage())), e);
    } catch (IllegalArgumentException e) {
      add(String.valueOf(e.getMessage()));
    }
    return null;
  }

  private void addAll(List<String> problems, CheckpointException e) {
    texts.addAll(problems);
    cause = e;
    ofCause = problems.size();
  }

  void throwIfAny(String backendId) {
    if (!texts.isEmpty()) {
      throw toException(backendId);
    }
  }

  /**
   * The exception that reports the problems, of which there is at least one. If all of them are
   * those of one exception, it is that exception.
   */
  CheckpointException toException(String backendId) {
    return cause != null && ofCause == texts.size()
        ? cause
        : new BackendConfigurationException(backendId, texts, cause);
  }
}
