package dev.checkpoint4j.store.file;

import dev.checkpoint4j.spi.StorageListener;
import dev.checkpoint4j.spi.StorageRepair;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Says what the store puts in order: to the log, and to the listener of each handle. */
final class Repairs {

  private static final System.Logger LOG = System.getLogger(FileBackendStorage.class.getName());

  private final List<StorageListener> listeners = new CopyOnWriteArrayList<>();

  void add(StorageListener listener) {
    listeners.add(listener);
  }

  /** Takes one away, as often as it was added. */
  void remove(StorageListener listener) {
    listeners.remove(listener);
  }

  void report(String namespace, @Nullable String sessionId, String description) {
    LOG.log(System.Logger.Level.INFO, description);
    StorageRepair repair =
        new StorageRepair(FileBackendStorage.ID, namespace, sessionId, description);
    listeners.forEach(listener -> listener.onRepair(repair));
  }
}
