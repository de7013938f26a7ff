package dev.checkpoint4j.core;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.tck.BackendStorageTck;
import dev.checkpoint4j.tck.ReferenceBackend;
import dev.checkpoint4j.tck.TckScope;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The decorators, as a repository stacks them, change nothing that a backend promises. */
class DecoratedBackendTckTest extends BackendStorageTck {

  private final Map<String, ReferenceBackend> stores = new ConcurrentHashMap<>();

  @Override
  protected BackendStorage open(TckScope scope) {
    ReferenceBackend handle =
        stores.computeIfAbsent(scope.name(), name -> new ReferenceBackend()).handle();
    return RetryingStorage.wrap(ObservedStorage.wrap(handle, event -> {}), RetryPolicy.standard());
  }

  @Override
  protected Set<Capability> expectedCapabilities() {
    return Set.of(Capability.ATTRIBUTE_QUERY);
  }
}
