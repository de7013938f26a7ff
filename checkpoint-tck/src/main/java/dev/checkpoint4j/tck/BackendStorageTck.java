package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The rules every backend must pass, to be extended by a test class of the backend:
 *
 * <pre>{@code
 * class MyBackendTest extends BackendStorageTck {
 *   @Override
 *   protected BackendStorage open(TckScope scope) {
 *     return new MyBackend(scope.location(), scope.codec());
 *   }
 *
 *   @Override
 *   protected Set<Capability> expectedCapabilities() {
 *     return Set.of(Capability.ATTRIBUTE_QUERY);
 *   }
 * }
 * }</pre>
 *
 * <p>The rules are worded in {@code docs/spec.md}. Each works in a {@link TckScope} of its own and
 * touches nothing outside. A rule that says nothing about the backend is skipped with the reason.
 *
 * <p>When the class ends, {@code target/checkpoint-tck/<backend id>-<test class>.json} and {@code
 * .md} say what became of each rule. The verdict is {@code CONFORMANT} only if every MUST rule
 * passed or is not applicable, {@code INCOMPLETE} if a MUST rule was not run.
 *
 * <p>System properties (or JUnit configuration parameters): {@code checkpoint.tck.seed} repeats the
 * random data of an earlier run, {@code checkpoint.tck.reports} names another directory for
 * reports.
 */
@ExtendWith(TckExtension.class)
@DisplayNameGeneration(RuleNames.class)
@Execution(ExecutionMode.SAME_THREAD)
@Isolated("a rule looks at all threads of the process")
@Timeout(value = BackendStorageTck.MOST_MINUTES_PER_RULE, unit = TimeUnit.MINUTES)
public abstract class BackendStorageTck extends CloseRules {

  /** A guard against a backend that hangs, not a limit on its speed. */
  static final int MOST_MINUTES_PER_RULE = 10;

  /** For the test class of a backend. */
  protected BackendStorageTck() {}

  /**
   * Opens a handle on the store of the scope, which starts empty. Called again with the same scope
   * for a second handle on the same store, or to reopen it after every handle was closed. The TCK
   * closes what it opened.
   */
  @Override
  protected abstract BackendStorage open(TckScope scope);

  /**
   * The capabilities the backend is meant to have: pinned here, so that one that gets lost is
   * noticed.
   */
  @Override
  protected abstract Set<Capability> expectedCapabilities();

  /**
   * Removes what the store of the scope left behind, after its handles were closed; does nothing
   * unless overridden. The directory of the scope is deleted by itself.
   */
  @Override
  protected void dispose(TckScope scope) {}
}
