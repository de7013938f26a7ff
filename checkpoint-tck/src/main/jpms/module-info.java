/** Open, since JUnit calls the rules by reflection. */
open module dev.checkpoint4j.tck {
  requires transitive dev.checkpoint4j;
  requires transitive org.junit.jupiter.api;
  requires static transitive org.jspecify;
  requires java.management;
  requires org.assertj.core;
  requires org.junit.platform.commons;
  requires org.opentest4j;

  exports dev.checkpoint4j.tck;

  uses dev.checkpoint4j.spi.CheckpointCodec;
}
