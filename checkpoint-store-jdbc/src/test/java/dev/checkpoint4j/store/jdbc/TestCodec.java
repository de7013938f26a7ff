package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.CheckpointCodec;
import java.util.ServiceLoader;

/** The codec of checkpoint-core, as the TCK finds it. */
final class TestCodec {

  static final CheckpointCodec INSTANCE =
      ServiceLoader.load(CheckpointCodec.class).findFirst().orElseThrow();

  private TestCodec() {}
}
