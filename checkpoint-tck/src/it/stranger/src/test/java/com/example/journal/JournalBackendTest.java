package com.example.journal;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.tck.BackendStorageTck;
import dev.checkpoint4j.tck.FaultInjector;
import dev.checkpoint4j.tck.TckScope;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;

class JournalBackendTest extends BackendStorageTck {

  @Override
  protected BackendStorage open(TckScope scope) {
    return JournalBackend.open(scope.location(), scope.codec(), disk(scope)::open);
  }

  @Override
  protected Set<Capability> expectedCapabilities() {
    return Set.of(Capability.ATTRIBUTE_QUERY);
  }

  @Override
  protected Optional<Durability> expectedDurability() {
    return Optional.of(Durability.PROCESS_CRASH);
  }

  @Override
  protected OptionalLong expectedMaxDocumentBytes() {
    return OptionalLong.of(64 * 1024 * 1024);
  }

  private final Map<String, FaultyDisk> disks = new HashMap<>();

  /** One for each scope: a rule may use several. */
  private FaultyDisk disk(TckScope scope) {
    return disks.computeIfAbsent(scope.name(), name -> new FaultyDisk(scope));
  }

  @Override
  protected Optional<FaultInjector> faultInjector(TckScope scope) {
    return Optional.of(disk(scope));
  }

  @Override
  protected Optional<LongSupplier> operationCounter(TckScope scope) {
    return Optional.of(disk(scope)::operations);
  }
}
