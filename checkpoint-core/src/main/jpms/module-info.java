module dev.checkpoint4j.core {
  requires transitive dev.checkpoint4j;
  requires static transitive org.jspecify;
  requires com.fasterxml.jackson.core;
  requires org.slf4j;

  exports dev.checkpoint4j.core;

  uses dev.checkpoint4j.spi.BackendProvider;
  uses dev.checkpoint4j.spi.CheckpointCodec;

  provides dev.checkpoint4j.spi.CheckpointCodec with
      dev.checkpoint4j.core.internal.json.JacksonCheckpointCodec;
}
