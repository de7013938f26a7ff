module dev.checkpoint4j {
  requires static transitive org.jspecify;

  exports dev.checkpoint4j;
  exports dev.checkpoint4j.annotation;
  exports dev.checkpoint4j.error;
  exports dev.checkpoint4j.spi;

  uses dev.checkpoint4j.spi.CheckpointCodec;
}
