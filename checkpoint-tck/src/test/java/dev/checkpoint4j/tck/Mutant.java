package dev.checkpoint4j.tck;

import com.example.journal.JournalMutants;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Durability;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A backend with one fault.
 *
 * @param name what the fault is
 * @param stores makes an empty store with the fault, for one test
 * @param killers rules that are there to find it; which others find it too is pinned in
 *     docs/tck-mutants.md
 * @param isRacy whether the fault shows only when threads meet
 */
public record Mutant(String name, Supplier<Store> stores, Set<String> killers, boolean isRacy) {

  /** The store of one test, and what its test class knows of it. */
  public interface Store {
    BackendStorage open(TckScope scope);

    default Durability durability() {
      return Durability.VOLATILE;
    }

    default Optional<FaultInjector> faultInjector(TckScope scope) {
      return Optional.empty();
    }

    default Optional<LongSupplier> operationCounter(TckScope scope) {
      return Optional.empty();
    }
  }

  static List<Mutant> all() {
    return Stream.of(
            DescriptorMutants.all(),
            PutMutants.all(),
            ExpectationMutants.all(),
            ReadMutants.all(),
            ListMutants.all(),
            NamespaceMutants.all(),
            DeleteMutants.all(),
            ValueMutants.all(),
            SubtleMutants.all(),
            HandleMutants.all(),
            ProcessMutants.all(),
            VolumeMutants.all(),
            RaceMutants.all(),
            FailureMutants.all(),
            CopiedRecordStore.mutants(),
            BystanderMutants.all(),
            JournalMutants.all())
        .flatMap(List::stream)
        .toList();
  }

  /** A fault that a handle has by itself. */
  static Mutant handleFault(String name, UnaryOperator<BackendStorage> fault, String... killers) {
    return storeFault(name, () -> fault, killers);
  }

  /** A fault of what the handles of a store share. */
  static Mutant storeFault(
      String name, Supplier<UnaryOperator<BackendStorage>> fault, String... killers) {
    return new Mutant(
        name,
        () -> {
          ReferenceBackend store = new ReferenceBackend();
          UnaryOperator<BackendStorage> sharedFault = fault.get();
          return scope -> sharedFault.apply(store.handle());
        },
        Set.of(killers),
        false);
  }

  /** As it is, but its fault shows only when threads meet. */
  public Mutant racy() {
    return new Mutant(name, stores, killers, true);
  }

  @Override
  public String toString() {
    return name;
  }
}
