package dev.checkpoint4j.store.memory;

import com.google.auto.service.AutoService;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.BackendOption;
import dev.checkpoint4j.spi.BackendProvider;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.util.List;
import java.util.Set;

/**
 * Opens {@code memory:} (a store of its own) and {@code memory:name} (shared by all handles of that
 * name in the JVM). There are no options, and the codec is not used.
 */
@AutoService(BackendProvider.class)
public final class MemoryBackendProvider implements BackendProvider {

  /** For {@link java.util.ServiceLoader}. */
  public MemoryBackendProvider() {}

  @Override
  public String id() {
    return MemoryBackendStorage.ID;
  }

  @Override
  public Set<String> schemes() {
    return Set.of("memory");
  }

  @Override
  public UrlStyle urlStyle() {
    return UrlStyle.OPTIONS_IN_QUERY;
  }

  @Override
  public List<BackendOption<?>> options() {
    return List.of();
  }

  @Override
  public BackendStorage open(BackendConfig config, CheckpointCodec codec) {
    return config.location().isEmpty()
        ? MemoryBackendStorage.create()
        : MemoryBackendStorage.named(config.location());
  }
}
