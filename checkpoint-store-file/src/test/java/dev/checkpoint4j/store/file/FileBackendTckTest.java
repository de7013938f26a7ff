package dev.checkpoint4j.store.file;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.tck.BackendStorageTck;
import dev.checkpoint4j.tck.TckScope;
import java.util.Set;

class FileBackendTckTest extends BackendStorageTck {

  @Override
  protected BackendStorage open(TckScope scope) {
    return FileBackendStorage.open(scope.location(), scope.codec());
  }

  @Override
  protected Set<Capability> expectedCapabilities() {
    return Set.of(Capability.ATTRIBUTE_QUERY);
  }
}
