package dev.checkpoint4j.tck.example;

import com.google.auto.service.AutoService;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.BackendOption;
import dev.checkpoint4j.spi.BackendProvider;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Opens {@code example:name}: a store of that name within the process. */
@AutoService(BackendProvider.class)
public final class ExampleProvider implements BackendProvider {

  private static final Map<String, ExampleMedium> MEDIA = new ConcurrentHashMap<>();

  @Override
  public String id() {
    return ExampleBackend.ID;
  }

  @Override
  public Set<String> schemes() {
    return Set.of("example");
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
    ExampleMedium medium =
        MEDIA.computeIfAbsent(config.location(), location -> new ExampleMedium());
    return new ExampleBackend(medium, codec);
  }
}
