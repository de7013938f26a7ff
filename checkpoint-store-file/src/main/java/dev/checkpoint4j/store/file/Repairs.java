package dev.checkpoint4j.store.file;

import dev.checkpoint4j.spi.RecoveryEvent;
import dev.checkpoint4j.spi.StorageListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Reports repairs of the store to the log, and to the listener of each handle. */
final class Repairs {

  private static final System.Logger LOG = System.getLogger(FileBackendStorage.class.getName());

  private final List<StorageListener> listeners = new CopyOnWriteArrayList<>();

  void add(StorageListener listener) {
    listeners.add(listener);
  }

  /** Removes a listener that was added once. */
  void remove(StorageListener listener) {
    listeners.remove(listener);
  }

  void report(String namespace, @Nullable String sessionId, String description) {
    LOG.log(System.Logger.Level.INFO, description);
    RecoveryEvent repair =
        new RecoveryEvent(FileBackendStorage.ID, namespace, sessionId, description);
    listeners.forEach(listener -> listener.onRecovery(repair));
  }
}
