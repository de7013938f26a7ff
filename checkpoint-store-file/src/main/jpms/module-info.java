module dev.checkpoint4j.store.file {
  requires transitive dev.checkpoint4j;
  requires static transitive org.jspecify;

  exports dev.checkpoint4j.store.file;

  provides dev.checkpoint4j.spi.BackendProvider with
      dev.checkpoint4j.store.file.FileBackendProvider;
}
