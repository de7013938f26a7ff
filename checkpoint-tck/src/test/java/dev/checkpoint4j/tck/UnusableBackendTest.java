package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.DiscoverySelector;

/** A backend with which no rule can end is reported once, with what its author needs to know. */
class UnusableBackendTest {

  @TempDir private Path reports;

  private TckRunner.Outcome run(Class<?> testClass) {
    return run(selectClass(testClass));
  }

  private TckRunner.Outcome run(DiscoverySelector selector) {
    return TckRunner.run(reports, 1, Duration.ofSeconds(3), selector);
  }

  @Test
  void aPutThatHangsEndsTheRun() {
    TckRunner.Outcome outcome = run(HangingPut.class);
    assertThat(outcome.failed()).as("failed rules").hasSize(1);
    assertThat(outcome.failed().values().iterator().next())
        .contains("did not end within 3 s", "UnusableBackendTest$HangingPut.doWait");
    assertThat(outcome.skipped().values())
        .as("what became of the other rules")
        .hasSizeGreaterThan(100)
        .anyMatch(reason -> reason.contains("did not end"));
    assertThat(outcome.json()).contains("NOT CONFORMANT");
  }

  @Test
  void aDeadlockOnMonitorsIsNamed() {
    TckRunner.Outcome outcome = run(DeadlockedPut.class);
    assertThat(outcome.failed()).as("failed rules").hasSize(1);
    assertThat(outcome.failed().values().iterator().next())
        .contains("did not end within 3 s", "A deadlock", "the-other-thread");
  }

  @Test
  void anOpenThatFailsIsReportedOnce() {
    TckRunner.Outcome outcome = run(FailingOpen.class);
    assertThat(outcome.failed()).as("failed rules").hasSize(1);
    assertThat(outcome.failed().values().iterator().next()).contains("no such host");
    assertThat(outcome.skipped().values())
        .hasSizeGreaterThan(100)
        .allMatch(reason -> reason.contains("the first handle could not be opened"));
  }

  @Test
  void anAssertionOfTheBackendIsNotOneOfTheRule() {
    TckRunner.Outcome outcome = run(selectMethod(AssertingPut.class, "putIsVisibleWhenItReturns"));
    assertThat(outcome.failed().get("PUT-01"))
        .contains("unexpected java.lang.AssertionError: of the backend");
  }

  /** The reference backend with another put. */
  abstract static class Unusable extends BackendStorageTck {

    @Override
    protected Set<Capability> expectedCapabilities() {
      return Set.of(Capability.ATTRIBUTE_QUERY);
    }

    @Override
    protected BackendStorage open(TckScope scope) {
      return Faulty.put(new ReferenceBackend(), (good, checkpoint) -> put());
    }

    void put() {}
  }

  static class HangingPut extends Unusable {
    @Override
    void put() {
      doWait();
    }

    private static void doWait() {
      while (true) {
        LockSupport.park();
      }
    }
  }

  static class DeadlockedPut extends Unusable {
    private final Object first = new Object();
    private final Object second = new Object();
    private final CountDownLatch both = new CountDownLatch(2);

    @Override
    void put() {
      Thread other = new Thread(() -> lock(second, first), "the-other-thread");
      other.setDaemon(true);
      other.start();
      lock(first, second);
    }

    private void lock(Object outer, Object inner) {
      synchronized (outer) {
        both.countDown();
        while (both.getCount() > 0) {
          Thread.onSpinWait();
        }
        synchronized (inner) {
          throw new IllegalStateException("no deadlock");
        }
      }
    }
  }

  static class FailingOpen extends Unusable {
    @Override
    protected BackendStorage open(TckScope scope) {
      throw new IllegalStateException("no such host");
    }
  }

  static class AssertingPut extends Unusable {
    @Override
    void put() {
      AssertionError failure = new AssertionError("of the backend");
      // The backends here are in the package of the TCK.
      failure.setStackTrace(
          new StackTraceElement[] {new StackTraceElement("com.example.Store", "put", null, -1)});
      throw failure;
    }
  }
}
