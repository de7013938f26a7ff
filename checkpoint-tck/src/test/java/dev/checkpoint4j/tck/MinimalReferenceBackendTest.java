package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import java.util.Set;

class MinimalReferenceBackendTest extends BackendStorageTck {

  private final ReferenceBackend store = new ReferenceBackend(Set.of());

  @Override
  protected BackendStorage open(TckScope scope) {
    return store.handle();
  }

  @Override
  protected Set<Capability> expectedCapabilities() {
    return Set.of();
  }
}
