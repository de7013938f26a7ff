package dev.checkpoint4j.store.memory;

import dev.checkpoint4j.tck.ChaosSuite;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What happens to some threads costs the others nothing. */
class MemoryChaosTest {

  private static ChaosSuite.Builder suite(String name, int operations) {
    return ChaosSuite.builder("memory", codec -> MemoryBackendStorage.named(name))
        .threads(8)
        .operations(operations)
        .roundTime(Duration.ofSeconds(2));
  }

  @Test
  void someRounds() {
    suite("chaos", 500).rounds(2).runAndAssertClean();
  }

  @Test
  @Tag("soak")
  void manyRounds() {
    suite("chaos-soak", 50_000).runAndAssertClean();
  }

  @Test
  @Tag("soak")
  void stacksThatEnd() {
    suite("chaos-deep", 50_000).deepStacks().runAndAssertClean();
  }
}
