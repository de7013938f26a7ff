package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.nio.file.Path;

/** A log does not hold what was written to it. */
final class DamagedException extends IOException {

  private static final long serialVersionUID = 1;

  DamagedException(Path log, long offset, String what) {
    super("%s at byte %d of %s".formatted(what, offset, log));
  }
}
