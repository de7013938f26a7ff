package dev.checkpoint4j.store.file;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.tck.BackendStorageTck;
import dev.checkpoint4j.tck.FaultInjector;
import dev.checkpoint4j.tck.TckScope;
import java.nio.file.Files;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;

class FileBackendTckTest extends BackendStorageTck {

  @Override
  protected BackendStorage open(TckScope scope) {
    return FileBackendStorage.open(scope.location(), scope.codec());
  }

  @Override
  protected Set<Capability> expectedCapabilities() {
    return Set.of(Capability.ATTRIBUTE_QUERY);
  }

  @Override
  protected Optional<Durability> expectedDurability() {
    return Optional.of(Durability.POWER_LOSS);
  }

  @Override
  protected OptionalLong expectedMaxDocumentBytes() {
    return OptionalLong.of(2_147_467_263L);
  }

  @Override
  protected Optional<FaultInjector> faultInjector(TckScope scope) {
    return Optional.of(new DamagedFiles(scope.location()));
  }

  @Override
  protected Optional<LongSupplier> operationCounter(TckScope scope) {
    return Files.isReadable(SystemCalls.OF_THIS_THREAD)
        ? Optional.of(SystemCalls::count)
        : Optional.empty();
  }
}
