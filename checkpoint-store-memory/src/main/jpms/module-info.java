module dev.checkpoint4j.store.memory {
  requires transitive dev.checkpoint4j;
  requires static transitive org.jspecify;

  exports dev.checkpoint4j.store.memory;

  provides dev.checkpoint4j.spi.BackendProvider with
      dev.checkpoint4j.store.memory.MemoryBackendProvider;
}
