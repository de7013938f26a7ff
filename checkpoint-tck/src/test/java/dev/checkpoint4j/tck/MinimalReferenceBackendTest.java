package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.Capability;
import java.util.Set;

class MinimalReferenceBackendTest extends ReferenceBackendTest {

  @Override
  protected Set<Capability> expectedCapabilities() {
    return Set.of();
  }
}
