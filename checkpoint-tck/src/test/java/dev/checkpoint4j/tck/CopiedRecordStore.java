package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Durability;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A store that returns a record wherever it was copied to, by all reads or by some. */
final class CopiedRecordStore implements Mutant.Store {

  /** The reads that do not compare what they read with where they read it. */
  private enum Careless {
    ALL,
    HEADERS
  }

  private final Careless careless;
  private final ReferenceBackend store = new ReferenceBackend();
  private final Map<Checkpoint, Checkpoint> copies = new ConcurrentHashMap<>();

  private CopiedRecordStore(Careless careless) {
    this.careless = careless;
  }

  @Override
  public Durability durability() {
    return Durability.PROCESS_CRASH;
  }

  @Override
  public Optional<FaultInjector> faultInjector(TckScope scope) {
    return Optional.of(
        new FaultInjector() {
          @Override
          public Set<Fault> faults() {
            return Set.of(Fault.COPIED_RECORD);
          }

          @Override
          public void arm(Fault fault, int passes) {}

          @Override
          public void disarm() {}

          @Override
          public void flipByte(Checkpoint stored, Random random) {}

          @Override
          public void copyRecord(Checkpoint source, Checkpoint target) {
            copies.put(target, source);
          }
        });
  }

  @Override
  public BackendStorage open(TckScope scope) {
    BackendStorage durable =
        Faulty.descriptor(
            store.handle(),
            descriptor ->
                BackendDescriptor.builder(descriptor.id(), durability())
                    .capabilities(descriptor.capabilities())
                    .build());
    BackendStorage get =
        Faulty.get(durable, (storage, namespace, id) -> storage.get(namespace, id).map(this::read));
    BackendStorage latest =
        Faulty.latest(get, (storage, session) -> storage.getBySession(session).map(this::read));
    BackendStorage list =
        Faulty.list(latest, (storage, query) -> storage.list(query).map(this::read));
    return Faulty.headers(
        list,
        (storage, query) ->
            durable
                .list(query)
                .map(stored -> copies.getOrDefault(stored, stored))
                .map(Checkpoint::header));
  }

  private Checkpoint read(Checkpoint stored) {
    Checkpoint copy = copies.get(stored);
    if (copy != null && careless == Careless.HEADERS) {
      throw new CorruptCheckpointException(
          "the record is that of another checkpoint",
          ErrorContext.of("copied", "read").checkpoint(stored),
          null);
    }
    return copy == null ? stored : copy;
  }

  static List<Mutant> mutants() {
    return List.of(
        mutant("a copied record is returned in place of another", Careless.ALL),
        mutant("the header of a copied record is listed in place of another", Careless.HEADERS));
  }

  private static Mutant mutant(String name, Careless careless) {
    return new Mutant(name, () -> new CopiedRecordStore(careless), Set.of("FAULT-07"), false);
  }
}
