package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;

/** The methods that the test class of a backend overrides. */
abstract class TckHooks {

  /**
   * Opens a handle on the store of the scope, which starts empty. Called again with the same scope
   * for a second handle on the same store, or to reopen it after every handle was closed. The TCK
   * closes what it opened.
   */
  protected abstract BackendStorage open(TckScope scope);

  /**
   * The capabilities the backend is meant to have: pinned here, so that one that gets lost is
   * noticed.
   */
  protected abstract Set<Capability> expectedCapabilities();

  /**
   * Removes what the store of the scope left, after its handles were closed; does nothing unless
   * overridden. The directory of the scope is deleted by itself.
   */
  protected void dispose(TckScope scope) {}

  /** The durability the backend is meant to declare; not pinned unless overridden. */
  protected Optional<Durability> expectedDurability() {
    return Optional.empty();
  }

  /** The {@code maxDocumentBytes} the backend is meant to declare; not pinned unless overridden. */
  protected OptionalLong expectedMaxDocumentBytes() {
    return OptionalLong.empty();
  }

  /**
   * The rules that the backend is known to break, by their numbers, each with the reason; none
   * unless overridden. Such a rule is run all the same: it has to fail, is then shown as skipped
   * and reported as DEVIATION. One that does not fail is stale, and fails for that.
   */
  protected Map<String, String> deviations() {
    return Map.of();
  }

  /**
   * What makes the medium of the scope fail, on all handles that are open and those opened later.
   * None unless overridden; the rules that need it are then not applicable.
   */
  protected Optional<FaultInjector> faultInjector(TckScope scope) {
    return Optional.empty();
  }

  /**
   * Counts what the store of the scope asks of its medium, on the calling thread at least:
   * statements, requests, system calls, or whatever its cost consists of. A rule compares the
   * counts of single calls. None unless overridden; the rule is then confined to calls of the
   * codec.
   */
  protected Optional<LongSupplier> operationCounter(TckScope scope) {
    return Optional.empty();
  }

  /**
   * The system properties of a child process, none unless overridden. The rules PROC start a JVM
   * with the same class path and module path; it creates an instance of this class, by its
   * constructor without parameters and without the life cycle of JUnit, and calls {@link #open}
   * with an equal scope. So what {@code open} finds in this JVM and not in that one, such as the
   * address of a server, has to be given by a property.
   */
  protected Map<String, String> childProcessProperties(TckScope scope) {
    return Map.of();
  }
}
