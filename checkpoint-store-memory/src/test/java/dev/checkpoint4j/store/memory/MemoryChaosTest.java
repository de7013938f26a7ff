package dev.checkpoint4j.store.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.tck.ChaosReport;
import dev.checkpoint4j.tck.ChaosSuite;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What happens to some threads costs the others nothing. */
class MemoryChaosTest {

  private static final int ROUNDS = Integer.getInteger("checkpoint.chaos.rounds", 10);

  private static ChaosSuite.Builder suite(String name, int rounds, int operations) {
    return ChaosSuite.builder("memory", codec -> MemoryBackendStorage.named(name))
        .threads(8)
        .rounds(rounds)
        .operations(operations)
        .roundTime(Duration.ofSeconds(2))
        .seed(Long.getLong("checkpoint.chaos.seed", 17));
  }

  private static void assertClean(ChaosSuite.Builder suite) {
    ChaosReport report = suite.run();
    System.out.println(report);
    assertThat(report.findings()).as("%s", report).isEmpty();
  }

  @Test
  void someRounds() {
    assertClean(suite("chaos", 2, 500));
  }

  @Test
  @Tag("soak")
  void manyRounds() {
    assertClean(suite("chaos-soak", ROUNDS, 50_000));
  }

  @Test
  @Tag("soak")
  void stacksThatEnd() {
    assertClean(suite("chaos-deep", ROUNDS, 50_000).deepStacks());
  }
}
