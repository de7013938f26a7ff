package com.example.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.checkpoint4j.tck.ChaosReport;
import dev.checkpoint4j.tck.ChaosSuite;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to some threads costs the others nothing. */
class JournalChaosTest {

  @Test
  void losesNothing(@TempDir Path directory) {
    ChaosReport report =
        ChaosSuite.builder("journal", codec -> JournalBackend.open(directory, codec, Journal::new))
            .rounds(2)
            .operations(200)
            .roundTime(Duration.ofSeconds(1))
            .run();
    assertEquals(List.of(), report.findings(), report.toString());
  }
}
