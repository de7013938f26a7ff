package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

  @Test
  void anEndlessRecursionIsPrintedInPart() {
    TckRunner.Outcome outcome = run(selectMethod(RecursivePut.class, "putIsVisibleWhenItReturns"));
    assertThat(outcome.failed().get("PUT-01")).contains("unexpected java.lang.StackOverflowError");
    assertThat(outcome.printed().getOrDefault("PUT-01", "").lines())
        .as("what is printed of an endless recursion")
        .hasSizeLessThan(150)
        .anyMatch(line -> line.contains("Recursion.run"))
        .anyMatch(line -> line.matches(".*\\b[0-9]{3} more.*"));
    assertThat(outcome.json().lines())
        .filteredOn(line -> line.contains("StackOverflowError"))
        .as("what the report says of it")
        .hasSize(1)
        .allMatch(line -> line.length() < 2_000);
  }

  @Test
  void memoryThatRunsOutIsOneFailureOfManyRules() {
    TckRunner.Outcome outcome =
        TckRunner.run(reports, Map.of("checkpoint.tck.rules", "PUT"), selectClass(GreedyPut.class));
    assertThat(outcome.failed()).containsKeys("PUT-01", "PUT-02");
    assertThat(outcome.failed().get("PUT-01"))
        .contains("unexpected java.lang.OutOfMemoryError: Java heap space");
    assertThat(outcome.json()).contains("NOT CONFORMANT");
  }

  /** The end of the JVM without a chance to write anything. */
  @ParameterizedTest
  @ValueSource(classes = {HaltingPut.class, HaltingOpen.class})
  void anEndOfTheProcessIsReported(Class<?> testClass) throws Exception {
    runInChild(testClass);
    String json = onlyReport(".json");
    Matcher end =
        Pattern.compile("\"unfinished\": \"(the JVM ended in ([A-Z0-9-]+))\"").matcher(json);
    assertThat(end.find()).as("whether the report says in which rule: %s", json).isTrue();
    assertThat(json)
        .contains(
            "\"verdict\": \"NOT CONFORMANT\"",
            "{\"id\": \"%s\", \"level\": \"MUST\", \"status\": \"FAIL\"".formatted(end.group(2)),
            "\"status\": \"UNTESTED\", \"detail\": \"not run\"");
    assertThat(onlyReport(".md")).contains("**NOT CONFORMANT**: %s.".formatted(end.group(1)));
  }

  private void runInChild(Class<?> testClass) throws Exception {
    List<String> command = ChildJvm.command();
    command.addAll(List.of(RunInChild.class.getName(), testClass.getName(), reports.toString()));
    Process child = new ProcessBuilder(command).inheritIO().start();
    assertThat(child.waitFor()).as("exit code of the JVM that the backend ends").isEqualTo(42);
  }

  /** The program of the child. */
  static final class RunInChild {
    private RunInChild() {}

    public static void main(String[] args) {
      TckRunner.run(Path.of(args[1]), selectClass(args[0]));
    }
  }

  private String onlyReport(String extension) throws IOException {
    try (Stream<Path> files = Files.list(reports)) {
      List<Path> found = files.filter(file -> file.toString().endsWith(extension)).toList();
      assertThat(found).as("reports %s", extension).hasSize(1);
      return Files.readString(found.get(0));
    }
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

  static class RecursivePut extends Unusable {
    @Override
    void put() {
      Recursion.run();
    }
  }

  static final class Recursion {
    private Recursion() {}

    @SuppressWarnings("InfiniteRecursion")
    static void run() {
      run();
    }
  }

  static class GreedyPut extends Unusable {
    @Override
    void put() {
      throw new OutOfMemoryError("Java heap space");
    }
  }

  static class HaltingPut extends Unusable {
    @Override
    void put() {
      Runtime.getRuntime().halt(42);
    }
  }

  static class HaltingOpen extends Unusable {
    @Override
    protected BackendStorage open(TckScope scope) {
      Runtime.getRuntime().halt(42);
      throw new IllegalStateException("halted");
    }
  }
}
