package dev.checkpoint4j.store.memory;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.tck.BackendStorageTck;
import dev.checkpoint4j.tck.TckScope;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

class MemoryBackendTckTest extends BackendStorageTck {

  @Override
  protected BackendStorage open(TckScope scope) {
    return MemoryBackendStorage.named(scope.name());
  }

  @Override
  protected Set<Capability> expectedCapabilities() {
    return Set.of(Capability.ATTRIBUTE_QUERY);
  }

  @Override
  protected Optional<Durability> expectedDurability() {
    return Optional.of(Durability.VOLATILE);
  }

  @Override
  protected OptionalLong expectedMaxDocumentBytes() {
    return OptionalLong.of(Long.MAX_VALUE);
  }
}
