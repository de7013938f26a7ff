package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

class ReferenceBackendTest extends BackendStorageTck {

  private final Map<String, ReferenceBackend> stores = new ConcurrentHashMap<>();

  @Override
  protected BackendStorage open(TckScope scope) {
    return stores
        .computeIfAbsent(scope.name(), name -> new ReferenceBackend(expectedCapabilities()))
        .handle();
  }

  @Override
  protected Set<Capability> expectedCapabilities() {
    return EnumSet.allOf(Capability.class);
  }
}
