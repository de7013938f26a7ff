package com.example.journal;

import com.google.auto.service.AutoService;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.BackendOption;
import dev.checkpoint4j.spi.BackendProvider;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Opens {@code journal:path}, the path of a directory, which is made if it is not there. The
 * directory belongs to one process at a time; another one is refused with a {@code
 * StorageUnavailableException}.
 */
@AutoService(BackendProvider.class)
public final class JournalProvider implements BackendProvider {

  /** For {@link java.util.ServiceLoader}. */
  public JournalProvider() {}

  @Override
  public String id() {
    return JournalBackend.ID;
  }

  @Override
  public Set<String> schemes() {
    return Set.of("journal");
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
    return JournalBackend.open(directory(config.location()), codec, Journal::new);
  }

  private static Path directory(String location) {
    try {
      if (!location.isBlank()) {
        return Path.of(location);
      }
    } catch (InvalidPathException e) {
      throw new BackendConfigurationException(
          JournalBackend.ID, List.of("no path: " + e.getReason()), e);
    }
    throw new BackendConfigurationException(
        JournalBackend.ID, "no directory is named; write journal:./state, for example");
  }
}
