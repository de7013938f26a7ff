package com.example.journal;

import dev.checkpoint4j.tck.ChaosSuite;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to some threads costs the others nothing. */
class JournalChaosTest {

  @Test
  void losesNothing(@TempDir Path directory) {
    ChaosSuite.builder("journal", codec -> JournalBackend.open(directory, codec, Journal::new))
        .rounds(2)
        .operations(200)
        .roundTime(Duration.ofSeconds(1))
        .runAndAssertClean();
  }
}
