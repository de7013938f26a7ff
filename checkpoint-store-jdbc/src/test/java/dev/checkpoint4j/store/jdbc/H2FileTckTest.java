package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.tck.BackendStorageTck;
import dev.checkpoint4j.tck.TckScope;
import java.util.Optional;
import java.util.Set;

class H2FileTckTest extends BackendStorageTck {

  @Override
  protected BackendStorage open(TckScope scope) {
    return JdbcBackendStorage.builder()
        .url("jdbc:h2:" + scope.location().resolve("db"))
        .codec(scope.codec())
        .open();
  }

  @Override
  protected Set<Capability> expectedCapabilities() {
    return Set.of(Capability.ATTRIBUTE_QUERY);
  }

  @Override
  protected Optional<Durability> expectedDurability() {
    return Optional.of(Durability.PROCESS_CRASH);
  }
}
