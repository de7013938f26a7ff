package dev.checkpoint4j.benchmarks.media;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the library does with a checkpoint before it is stored and after it is read: freezes,
 * encodes and decodes.
 */
final class CodecAlone extends ChatOnly {

  private final CheckpointCodec codec =
      ServiceLoader.load(CheckpointCodec.class).findFirst().orElseThrow();
  private final ConcurrentHashMap<String, byte[]> latest = new ConcurrentHashMap<>();

  @Override
  public Object put(String session, long version, Map<String, @Nullable Object> values) {
    byte[] document =
        codec.encode(Checkpoint.builder(session).version(version).values(values).build());
    latest.put(session, document);
    return document;
  }

  @Override
  public Object latest(String session) {
    return codec.decode(Objects.requireNonNull(latest.get(session)));
  }

  @Override
  public Object deleteSession(String session) {
    return Optional.ofNullable(latest.remove(session));
  }

  @Override
  public void close() {}

  @Override
  public Chat chat(String session) {
    return new SharingChat(this, session);
  }
}
