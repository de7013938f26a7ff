package com.example.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.core.Checkpoints;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalUrlTest {

  @Test
  void urlOpensTheStoreAgain(@TempDir Path directory) {
    String url = "journal:" + directory.resolve("state");
    Checkpoint saved;
    try (CheckpointRepository repository = Checkpoints.open(url)) {
      saved = repository.save("session-123", Map.of("step", 1));
    }
    try (CheckpointRepository repository = Checkpoints.open(url)) {
      assertEquals(saved, repository.getBySession("session-123").orElseThrow());
    }
  }
}
