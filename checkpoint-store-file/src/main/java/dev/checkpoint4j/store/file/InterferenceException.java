package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.nio.file.Path;

/** Another process changed a log or an index although this process holds the lock. */
final class InterferenceException extends IOException {
  private static final long serialVersionUID = 1;

  InterferenceException(Path file) {
    super(
        file
            + " was changed by another process although this process holds its lock. A process loses"
            + " its locks if it opens and closes the file "
            + StoreDirectory.LOCKS);
  }
}
