package dev.checkpoint4j.tck;

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
 * <p>All further methods to override are optional: they pin what the descriptor says, declare
 * deviations, and let rules do what only the backend's author can make possible. Rules that need
 * one of them are not applicable without it.
 *
 * <p>When the class ends, {@code target/checkpoint-tck/<backend id>-<test class>.json}, {@code .md}
 * and {@code .html} say what became of each rule. The verdict is {@code CONFORMANT} only if every
 * MUST rule passed or is not applicable, {@code DEVIATES} if the others are declared not to hold,
 * {@code INCOMPLETE} if a MUST rule was not run, and else {@code NOT CONFORMANT}. A run in which no
 * rule came to an end fails.
 *
 * <p>System properties (or JUnit configuration parameters): {@code checkpoint.tck.seed} repeats the
 * random data of an earlier run, {@code checkpoint.tck.reports} names another directory for
 * reports, {@code checkpoint.tck.volume} reduces how many checkpoints and sessions the rules VOL
 * store, 1,000 to 10,000; the report says so.
 */
@ExtendWith(TckExtension.class)
@DisplayNameGeneration(RuleNames.class)
@Execution(ExecutionMode.SAME_THREAD)
@Isolated("a rule lists all threads of the process")
@Timeout(value = BackendStorageTck.MAX_MINUTES_PER_RULE, unit = TimeUnit.MINUTES)
public abstract class BackendStorageTck extends VolumeRules {

  /** A guard against a backend that hangs, not a limit on its speed. */
  static final int MAX_MINUTES_PER_RULE = 10;

  /** For the test class of a backend. */
  protected BackendStorageTck() {}
}
