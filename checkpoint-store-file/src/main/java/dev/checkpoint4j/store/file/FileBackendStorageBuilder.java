package dev.checkpoint4j.store.file;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.annotation.CheckReturnValue;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecLookup;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.StorageListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Opens a file store.
 *
 * <pre>{@code
 * BackendStorage storage =
 *     FileBackendStorage.builder()
 *         .directory(Path.of("state"))
 *         .lockTimeout(Duration.ofSeconds(5))
 *         .open();
 * }</pre>
 *
 * <p>Not safe for use by several threads.
 */
@CanIgnoreReturnValue
public final class FileBackendStorageBuilder {

  private @Nullable Path directory;
  private @Nullable CheckpointCodec codec;
  private Durability durability = Durability.POWER_LOSS;
  private Duration lockTimeout = FileBackendStorage.DEFAULT_LOCK_TIMEOUT;
  private StorageListener listener = event -> {};

  FileBackendStorageBuilder() {}

  /** Sets the directory of the store. {@link #open} creates it if it does not exist. */
  public FileBackendStorageBuilder directory(Path directory) {
    this.directory = Objects.requireNonNull(directory, "directory");
    return this;
  }

  /** Sets the codec. Defaults to the one codec that {@link java.util.ServiceLoader} finds. */
  public FileBackendStorageBuilder codec(CheckpointCodec codec) {
    this.codec = Objects.requireNonNull(codec, "codec");
    return this;
  }

  /**
   * Sets what acknowledged checkpoints survive: {@link Durability#POWER_LOSS} or {@link
   * Durability#PROCESS_CRASH}. All handles of a process on one directory must have the same
   * durability. Defaults to {@code POWER_LOSS}.
   */
  public FileBackendStorageBuilder durability(Durability durability) {
    this.durability = Objects.requireNonNull(durability, "durability");
    return this;
  }

  /**
   * Sets the most that a call waits for other writers, for all of its waits together, and the most
   * that {@link #open} waits. An earlier {@link dev.checkpoint4j.spi.CallDeadline} of the calling
   * thread counts instead. Defaults to {@link FileBackendStorage#DEFAULT_LOCK_TIMEOUT}.
   */
  public FileBackendStorageBuilder lockTimeout(Duration lockTimeout) {
    this.lockTimeout = Objects.requireNonNull(lockTimeout, "lockTimeout");
    return this;
  }

  /**
   * Sets a listener for repairs: an unfinished write that is skipped or added to the index, an
   * index that is built again. It receives the repairs of all handles of this process while this
   * handle is open, but not the calls. It must not throw. Defaults to none.
   */
  public FileBackendStorageBuilder listener(StorageListener listener) {
    this.listener = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Opens the store.
   *
   * @throws BackendConfigurationException listing all problems of the settings; or if the place is
   *     a file, holds other files, or was written in a newer format
   * @throws dev.checkpoint4j.error.StorageAccessDeniedException if the directory cannot be read and
   *     written
   * @throws dev.checkpoint4j.error.StorageUnavailableException if the file system fails, or other
   *     processes open the store for longer than the timeout
   */
  @CheckReturnValue
  public FileBackendStorage open() {
    List<String> problems = new ArrayList<>();
    if (directory == null) {
      problems.add("the directory is not set");
    }
    if (codec == null) {
      problems.addAll(CodecLookup.problems());
    }
    if (durability == Durability.VOLATILE) {
      problems.add("durability VOLATILE: files are not volatile; use the memory store");
    }
    if (!problems.isEmpty()) {
      throw new BackendConfigurationException(FileBackendStorage.ID, problems, null);
    }
    return FileBackendStorage.open(
        Objects.requireNonNull(directory),
        codec == null ? CodecLookup.find() : codec,
        durability,
        lockTimeout,
        listener);
  }
}
