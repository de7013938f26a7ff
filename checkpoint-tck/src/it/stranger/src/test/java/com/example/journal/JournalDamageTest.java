package com.example.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the rules do not ask for: that damage is told apart from a torn end, and where it is. */
class JournalDamageTest {

  private final CheckpointCodec codec =
      ServiceLoader.load(CheckpointCodec.class).findFirst().orElseThrow();
  private final Checkpoint first = Checkpoint.empty("s");
  private final Checkpoint second = first.next().build();

  @TempDir private Path directory;
  private Path file;
  private int firstEnd;

  private BackendStorage open() {
    return JournalBackend.open(directory, codec, Journal::new);
  }

  @BeforeEach
  void putTwo() throws IOException {
    file = directory.resolve(JournalStore.FILE_NAME);
    try (BackendStorage storage = open()) {
      storage.put(first, Expectation.any());
      firstEnd = (int) Files.size(file);
      storage.put(second, Expectation.any());
    }
  }

  @Test
  void everyTornEndIsCutOff() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int length = firstEnd; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      try (BackendStorage storage = open()) {
        assertEquals(Optional.of(first), storage.getBySession(first.sessionKey()));
        storage.put(second, Expectation.any());
      }
      try (BackendStorage storage = open()) {
        assertEquals(Optional.of(second), storage.getBySession(first.sessionKey()));
      }
    }
  }

  @Test
  void everyDamagedByteIsFoundWhenTheStoreIsOpened() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int position = 0; position < whole.length; position++) {
      byte[] damaged = whole.clone();
      damaged[position] ^= 1;
      Files.write(file, damaged);
      String message = assertThrows(CorruptCheckpointException.class, this::open).toString();
      int frame = position < firstEnd ? 0 : firstEnd;
      assertTrue(message.contains("byte " + frame + " of " + file), message);
    }
  }

  @Test
  void damageToAnOpenJournalIsFoundWhenTheDocumentIsRead() throws IOException {
    try (BackendStorage storage = open()) {
      byte[] damaged = Files.readAllBytes(file);
      damaged[firstEnd + 20] ^= 1;
      Files.write(file, damaged);
      CorruptCheckpointException e =
          assertThrows(
              CorruptCheckpointException.class, () -> storage.getBySession(first.sessionKey()));
      assertEquals(Optional.of(second.id()), e.checkpointId());
      assertEquals(Optional.of(first), storage.get(first.namespace(), first.id()));
    }
  }

  @Test
  void fileInPlaceOfTheDirectoryIsRefused() {
    assertThrows(
        BackendConfigurationException.class, () -> JournalBackend.open(file, codec, Journal::new));
  }
}
