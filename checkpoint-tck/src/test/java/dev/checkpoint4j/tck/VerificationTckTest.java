package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.BackendOption;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.Finding.Severity;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.spi.VerifyingProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A right verification passes {@link VerificationTck}; each wrong one fails. */
class VerificationTckTest {

  private enum Fault {
    FINDS_NOTHING,
    FINDS_A_PROBLEM_IN_A_SOUND_STORE,
    DOES_NOT_NAME_THE_CHECKPOINT,
    CALLS_DAMAGE_A_LEFTOVER,
    SHOWS_VALUES,
    THROWS_AT_DAMAGE,
    GIVES_DAMAGED_CHECKPOINTS,
    STOPS_AT_THE_FIRST_DAMAGE,
    COUNTS_NO_NAMESPACE,
    COUNTS_NO_BYTES,
    NEWEST_FIRST,
    REPAIRS_UNASKED,
    CREATES_A_STORE,
    REMOVES_CHECKPOINTS_AS_LEFTOVERS,
    REMOVES_AND_THEN_REFUSES,
    IGNORES_INTERRUPTS,
    CLEARS_THE_INTERRUPT
  }

  @Test
  void aRightVerificationPasses() {
    assertThat(failures(null)).as("what fails without a fault").isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aWrongVerificationFails(Fault fault) {
    assertThat(failures(fault)).as("what fails with %s", fault).isNotEmpty();
  }

  private static List<Throwable> failures(@Nullable Fault fault) {
    List<Throwable> failures = new ArrayList<>();
    int count = new Verification(fault).tests().size();
    for (int i = 0; i < count; i++) {
      try {
        new Verification(fault).tests().get(i).call();
      } catch (Throwable e) {
        failures.add(e);
      }
    }
    return failures;
  }

  /** A test instance, with a store of its own. */
  private static final class Verification extends VerificationTck {

    private final @Nullable Fault fault;
    private final ReferenceBackend stored = new ReferenceBackend();
    private final Set<String> damaged = new HashSet<>();
    private boolean exists;

    Verification(@Nullable Fault fault) {
      this.fault = fault;
    }

    List<ThrowingCallable> tests() {
      return List.of(
          this::aSoundStoreHasNoFindings,
          this::aDamagedRecordIsAFindingThatNamesIt,
          this::readingChangesNothing,
          this::aStoreInUseCanBeVerified,
          this::whatWasDeletedIsNoDamage,
          this::aStoreThatDoesNotExistIsNotCreated,
          this::theRemovalOfLeftoversKeepsCheckpointsOrIsRefused,
          this::anInterruptEndsIt);
    }

    @Override
    protected VerifyingProvider provider() {
      return new Provider();
    }

    @Override
    protected BackendConfig config() {
      return BackendConfig.parse(provider(), "reference:", Map.of());
    }

    @Override
    protected void damage(Checkpoint checkpoint) {
      damaged.add(checkpoint.id());
    }

    @Override
    protected Object content() {
      return exists + " " + damaged + " " + checkpoints();
    }

    private List<Checkpoint> checkpoints() {
      List<Checkpoint> all = new ArrayList<>();
      for (String namespace : stored.listNamespaces(10, Optional.empty()).items()) {
        Order order = fault == Fault.NEWEST_FIRST ? Order.NEWEST_FIRST : Order.OLDEST_FIRST;
        all.addAll(stored.list(CheckpointQuery.builder(namespace).order(order).build()).items());
      }
      return all;
    }

    private final class Provider implements VerifyingProvider {

      @Override
      public String id() {
        return "reference";
      }

      @Override
      public Set<String> schemes() {
        return Set.of(id());
      }

      @Override
      public UrlStyle urlStyle() {
        return UrlStyle.OPTIONS_IN_QUERY;
      }

      @Override
      public List<BackendOption<?>> options() {
        return List.of();
      }

      @Override
      public BackendStorage open(BackendConfig config, CheckpointCodec codec) {
        exists = true;
        return stored.handle();
      }

      @Override
      public VerificationReport verify(
          BackendConfig config, CheckpointCodec codec, VerificationOptions options) {
        if (options.removesLeftovers()) {
          if (fault == Fault.REMOVES_CHECKPOINTS_AS_LEFTOVERS
              || fault == Fault.REMOVES_AND_THEN_REFUSES) {
            assertThat(stored.delete("default", List.of("a-1"))).isOne();
          }
          if (fault != Fault.REMOVES_CHECKPOINTS_AS_LEFTOVERS) {
            options.requireReadOnly(id());
          }
        }
        requireNotInterrupted();
        if (!exists) {
          exists = fault == Fault.CREATES_A_STORE;
          throw new BackendConfigurationException(id(), "there is no store");
        }
        return read(codec, VerificationReport.builder(options)).build();
      }

      private VerificationReport.Builder read(
          CheckpointCodec codec, VerificationReport.Builder report) {
        Set<String> namespaces = new HashSet<>();
        for (Checkpoint checkpoint : checkpoints()) {
          requireNotInterrupted();
          if (namespaces.add(checkpoint.namespace()) && fault != Fault.COUNTS_NO_NAMESPACE) {
            report.addNamespace();
          }
          if (fault != Fault.COUNTS_NO_BYTES) {
            report.addBytes(codec.encode(checkpoint).length);
          }
          boolean isDamaged = damaged.contains(checkpoint.id());
          if ((isDamaged && fault != Fault.FINDS_NOTHING)
              || fault == Fault.FINDS_A_PROBLEM_IN_A_SOUND_STORE) {
            report.add(finding(checkpoint));
            if (fault == Fault.STOPS_AT_THE_FIRST_DAMAGE) {
              return report;
            }
          }
          if (!isDamaged || fault == Fault.GIVES_DAMAGED_CHECKPOINTS) {
            report.addIntact(checkpoint);
          }
        }
        if (fault == Fault.REPAIRS_UNASKED) {
          damaged.clear();
        }
        return report;
      }

      private Finding finding(Checkpoint checkpoint) {
        if (fault == Fault.THROWS_AT_DAMAGE) {
          throw new StorageUnavailableException("damaged", context(), null);
        }
        return new Finding(
            "document",
            fault == Fault.CALLS_DAMAGE_A_LEFTOVER ? Severity.LEFTOVER : Severity.DAMAGE,
            fault == Fault.DOES_NOT_NAME_THE_CHECKPOINT
                ? context()
                : context().checkpoint(checkpoint),
            "the map",
            fault == Fault.SHOWS_VALUES ? checkpoint.values().toString() : "is damaged");
      }

      private void requireNotInterrupted() {
        if (fault == Fault.IGNORES_INTERRUPTS) {
          return;
        }
        if (fault == Fault.CLEARS_THE_INTERRUPT
            ? Thread.interrupted()
            : Thread.currentThread().isInterrupted()) {
          throw new StorageUnavailableException("interrupted", context(), null);
        }
      }

      private ErrorContext context() {
        return ErrorContext.of(id(), "verify");
      }
    }
  }
}
