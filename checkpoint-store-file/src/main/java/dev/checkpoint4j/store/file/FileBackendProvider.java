package dev.checkpoint4j.store.file;

import com.google.auto.service.AutoService;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.BackendOption;
import dev.checkpoint4j.spi.BackendProvider;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.spi.VerifyingProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Opens {@code file:path}, the path of a directory as it is, relative to the working directory
 * unless it starts with a slash; and {@code file:///path}, a percent-encoded URI as {@link
 * Path#toUri()} gives it.
 */
@AutoService(BackendProvider.class)
public final class FileBackendProvider implements VerifyingProvider {

  /** What an acknowledged checkpoint survives. */
  private enum Survives {
    POWER_LOSS,
    PROCESS_CRASH
  }

  private static final BackendOption<Survives> DURABILITY =
      BackendOption.choice(
              "durability",
              "what an acknowledged checkpoint survives; process-crash omits the forced write",
              Survives.class)
          .withDefault(Survives.POWER_LOSS);

  private static final BackendOption<Duration> LOCK_TIMEOUT =
      BackendOption.duration("lockTimeout", "the time limit of all waits for locks in one call")
          .withDefault(FileBackendStorage.DEFAULT_LOCK_TIMEOUT);

  /** For {@link java.util.ServiceLoader}. */
  public FileBackendProvider() {}

  @Override
  public String id() {
    return FileBackendStorage.ID;
  }

  @Override
  public Set<String> schemes() {
    return Set.of("file");
  }

  @Override
  public UrlStyle urlStyle() {
    return UrlStyle.OPTIONS_IN_QUERY;
  }

  @Override
  public List<BackendOption<?>> options() {
    return List.of(DURABILITY, LOCK_TIMEOUT);
  }

  @Override
  public BackendStorage open(BackendConfig config, CheckpointCodec codec) {
    return FileBackendStorage.builder()
        .directory(FileBackendStorage.directory(config.location()))
        .codec(codec)
        .durability(Durability.valueOf(config.require(DURABILITY).name()))
        .lockTimeout(config.require(LOCK_TIMEOUT))
        .listener(config.listener())
        .open();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Takes no lock. Also verifies a backup, and a store that cannot be opened any more.
   */
  @Override
  public VerificationReport verify(
      BackendConfig config, CheckpointCodec codec, VerificationOptions options) {
    return StoreScanner.verify(FileBackendStorage.directory(config.location()), codec, options);
  }
}
