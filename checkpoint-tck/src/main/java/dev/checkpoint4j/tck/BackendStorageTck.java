package dev.checkpoint4j.tck;

import org.junit.jupiter.api.DisplayNameGeneration;
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
 * <p>{@code target/checkpoint-tck/<backend id>-<test class>.json}, {@code .md} and {@code .html}
 * say what became of each rule, failures first. The verdict is {@code CONFORMANT} only if every
 * MUST rule passed or is not applicable, {@code DEVIATES} if the others are declared not to hold,
 * {@code INCOMPLETE} if a MUST rule was not run or rules were left out, and else {@code NOT
 * CONFORMANT}. A run in which no rule came to an end fails. The files are written whenever a rule
 * starts: if the JVM ends in a rule, they say {@code NOT CONFORMANT} and in which rule.
 *
 * <p>Each rule runs on a thread of its own. A rule that does not end within 10 minutes fails with
 * the stack of its thread, and the remaining rules are not run; the same holds if not even the
 * first handle can be opened.
 *
 * <p>System properties (or JUnit configuration parameters): {@code checkpoint.tck.seed} repeats the
 * random data of an earlier run, {@code checkpoint.tck.reports} names another directory for
 * reports, {@code checkpoint.tck.volume} sets how many checkpoints and sessions the rules VOL
 * store, 1,000 to 100,000; the report says so if they are fewer than 10,000; {@code
 * checkpoint.tck.budget} multiplies the time in which the rules MODEL run random histories, 10 s
 * and 5 s; {@code checkpoint.tck.histories} sets the number of histories of each of these rules
 * instead; {@code checkpoint.tck.timeout} sets the seconds after which a rule is said to hang;
 * {@code checkpoint.tck.rules} confines the run to the rules and groups of rules that it names,
 * such as {@code RACE-18,MODEL}, or leaves those out that have a {@code !} in front, such as {@code
 * !VOL}.
 */
@ExtendWith(TckExtension.class)
@DisplayNameGeneration(RuleNames.class)
@Execution(ExecutionMode.SAME_THREAD)
@Isolated("a rule lists all threads of the process")
public abstract class BackendStorageTck extends VolumeRules {

  /** For the test class of a backend. */
  protected BackendStorageTck() {}
}
