package dev.checkpoint4j.tck.example;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.tck.BackendStorageTck;
import dev.checkpoint4j.tck.TckScope;
import java.util.Set;

class ExampleBackendTest extends BackendStorageTck {

  // JUnit makes an instance, and thereby a new medium, for every test.
  private final ExampleMedium medium = new ExampleMedium();

  @Override
  protected BackendStorage open(TckScope scope) {
    return new ExampleBackend(medium, scope.codec());
  }

  @Override
  protected Set<Capability> expectedCapabilities() {
    return Set.of(Capability.ATTRIBUTE_QUERY);
  }
}
