package com.example.minimal;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.tck.BackendStorageTck;
import dev.checkpoint4j.tck.TckScope;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

class MapBackendTest extends BackendStorageTck {

  private final NavigableMap<String, MapBackend.Namespace> store = new TreeMap<>();

  @Override
  protected BackendStorage open(TckScope scope) {
    return new MapBackend(store);
  }

  @Override
  protected Set<Capability> expectedCapabilities() {
    return Set.of();
  }
}
