package dev.checkpoint4j.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CrashPlanTest {

  /** However much of its allowance a worker stores before the kill lands. */
  @Test
  void everyCrashHappensWhileThereIsWorkLeft() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      int crashes = random.nextInt(12);
      long work = crashes + 1L + random.nextInt(round % 2 == 0 ? 5 : 500);
      assertThat(CrashPlan.isPossible(crashes, work)).isTrue();
      CrashPlan plan = new CrashPlan(crashes, random.nextLong());
      for (int crash = 0; crash < crashes; crash++) {
        CrashPlan.Crash next = plan.next(work).orElseThrow();
        assertThat(next.afterAcknowledged())
            .as("seed %d, round %d, crash %d, work %d: %s", seed, round, crash, work, next)
            .isBetween(1L, next.allowed());
        assertThat(next.allowed()).isLessThan(work);
        work -=
            next.afterAcknowledged()
                + random.nextLong(next.allowed() - next.afterAcknowledged() + 1);
      }
      assertThat(work).as("work for the last worker; seed %d, round %d", seed, round).isPositive();
      assertThat(plan.next(work)).isEqualTo(Optional.empty());
    }
  }

  @Test
  void theSameSeedChoosesTheSameMoments() {
    assertThat(new CrashPlan(3, 7).next(100)).isEqualTo(new CrashPlan(3, 7).next(100));
  }

  @Test
  void crashesNeedWork() {
    assertThat(CrashPlan.isPossible(5, 5)).isFalse();
    assertThat(CrashPlan.isPossible(0, 1)).isTrue();
  }
}
