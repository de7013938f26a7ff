package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Durability;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A store that returns a record wherever it was copied to. */
final class CopiedRecordStore implements Mutant.Store {

  private final ReferenceBackend store = new ReferenceBackend();
  private final Map<Checkpoint, Checkpoint> copies = new ConcurrentHashMap<>();

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
    return Faulty.list(latest, (storage, query) -> storage.list(query).map(this::read));
  }

  private Checkpoint read(Checkpoint stored) {
    return copies.getOrDefault(stored, stored);
  }

  static Mutant mutant() {
    return new Mutant(
        "a copied record is returned in place of another",
        CopiedRecordStore::new,
        Set.of("FAULT-07"),
        false);
  }
}
