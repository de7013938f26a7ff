package dev.checkpoint4j.store.file.faults;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Thousands of recoveries, and what each says of it, would hide everything else. */
abstract class QuietLogs {

  private static final Logger LOG = Logger.getLogger("dev.checkpoint4j.store.file");

  @BeforeAll
  static void quiet() {
    LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void asBefore() {
    LOG.setLevel(null);
  }
}
