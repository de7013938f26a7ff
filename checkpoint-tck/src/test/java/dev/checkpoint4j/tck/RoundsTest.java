package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoundsTest {

  @ParameterizedTest
  @CsvSource({"0, 100", "1, 60", "7, 9", "30, 3", "3600, 3"})
  void timeDecidesBetweenTheLeastAndTheMost(int secondsOfARound, int expected) {
    AtomicLong clock = new AtomicLong();
    AtomicInteger rounds = new AtomicInteger();
    new Rounds(3, 100, Duration.ofSeconds(60))
        .run(
            clock::get,
            number -> {
              assertThat(number).as("number of the round").isEqualTo(rounds.getAndIncrement());
              clock.addAndGet(Duration.ofSeconds(secondsOfARound).toNanos());
            });
    assertThat(rounds).hasValue(expected);
  }

  @Test
  void aBackendThatOpensSlowlyIsOpenedLessOften(@TempDir Path reports) {
    SlowOpen.openings.set(0);
    TckRunner.Outcome outcome =
        TckRunner.run(reports, selectMethod(SlowOpen.class, "flippedByteIsNotTakenForData"));
    assertThat(outcome.failed()).isEmpty();
    assertThat(outcome.passed()).as("rules that pass").isEqualTo(1);
    assertThat(SlowOpen.openings.get())
        .as("how often FAULT-05 opens a store that takes 30 s, at least 3 of them twice")
        .isBetween(6, 10);
  }

  /** Opens in 30 s by the clock that the rules read. */
  static class SlowOpen extends BackendStorageTck {
    static final AtomicInteger openings = new AtomicInteger();

    private final ReferenceBackend store = new ReferenceBackend();
    private long nanos;

    @Override
    long nanoTime() {
      return nanos;
    }

    @Override
    protected BackendStorage open(TckScope scope) {
      openings.incrementAndGet();
      nanos += Duration.ofSeconds(30).toNanos();
      return Faulty.descriptor(
          store.handle(),
          descriptor ->
              BackendDescriptor.builder("slow", Durability.PROCESS_CRASH)
                  .capabilities(descriptor.capabilities())
                  .build());
    }

    @Override
    protected Set<Capability> expectedCapabilities() {
      return Set.of(Capability.ATTRIBUTE_QUERY);
    }

    @Override
    protected Optional<FaultInjector> faultInjector(TckScope scope) {
      return Optional.of(new NoFlips());
    }
  }

  /** A medium that corrects flipped bytes by itself. */
  private static final class NoFlips implements FaultInjector {
    @Override
    public Set<Fault> faults() {
      return Set.of(Fault.FLIPPED_BYTE);
    }

    @Override
    public void arm(Fault fault, int passes) {
      throw new UnsupportedOperationException("no fault to arm: " + fault);
    }

    @Override
    public void disarm() {}

    @Override
    public void flipByte(Checkpoint stored, Random random) {}
  }
}
