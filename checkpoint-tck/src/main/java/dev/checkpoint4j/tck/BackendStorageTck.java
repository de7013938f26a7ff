package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
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
 * reports.
 */
@ExtendWith(TckExtension.class)
@DisplayNameGeneration(RuleNames.class)
@Execution(ExecutionMode.SAME_THREAD)
@Isolated("a rule looks at all threads of the process")
@Timeout(value = BackendStorageTck.MOST_MINUTES_PER_RULE, unit = TimeUnit.MINUTES)
public abstract class BackendStorageTck extends VolumeRules {

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

  /** The durability the backend is meant to declare; not pinned unless overridden. */
  @Override
  protected Optional<Durability> expectedDurability() {
    return Optional.empty();
  }

  /** The {@code maxDocumentBytes} the backend is meant to declare; not pinned unless overridden. */
  @Override
  protected OptionalLong expectedMaxDocumentBytes() {
    return OptionalLong.empty();
  }

  /**
   * The rules that the backend is known to break, by their numbers, each with the reason; none
   * unless overridden. Such a rule is run all the same: it has to fail, is then shown as skipped
   * and reported as DEVIATION. One that does not fail is stale, and fails for that.
   */
  @Override
  protected Map<String, String> deviations() {
    return Map.of();
  }

  /**
   * What makes the medium of the scope fail, on all handles that are open and those opened later.
   * None unless overridden; the rules that need it are then not applicable.
   */
  @Override
  protected Optional<FaultInjector> faultInjector(TckScope scope) {
    return Optional.empty();
  }

  /**
   * Counts what the store of the scope asks of its medium, on the calling thread at least:
   * statements, requests, system calls, or whatever its cost is made of. A rule compares the counts
   * of single calls. None unless overridden; the rule is then confined to calls of the codec.
   */
  @Override
  protected Optional<LongSupplier> operationCounter(TckScope scope) {
    return Optional.empty();
  }

  /**
   * The system properties of a child process, none unless overridden. The rules PROC start a JVM
   * with the same class path; it makes an instance of this class, by its constructor without
   * parameters and without the life cycle of JUnit, and calls {@link #open} with an equal scope. So
   * what {@code open} finds in this JVM and not in that one, such as the address of a server, has
   * to be told by a property.
   */
  @Override
  protected Map<String, String> childProcessProperties(TckScope scope) {
    return Map.of();
  }
}
