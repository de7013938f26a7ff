package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.tck.Fault;
import dev.checkpoint4j.tck.FaultInjector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;

/** Changes bytes of a store: of the frame of a checkpoint, or of the index. */
final class FlippedBytes implements FaultInjector {

  private final Path directory;

  FlippedBytes(Path directory) {
    this.directory = directory;
  }

  @Override
  public Set<Fault> faults() {
    return Set.of(Fault.FLIPPED_BYTE);
  }

  @Override
  public void arm(Fault fault, int passes) {
    throw new UnsupportedOperationException(fault.name());
  }

  @Override
  public void disarm() {
    // Nothing was armed.
  }

  @Override
  public void flipByte(Checkpoint stored, Random random) {
    try {
      if (random.nextInt(4) == 0) {
        Path index = FileStores.index(directory);
        flip(index, random.nextInt((int) Files.size(index)), random);
      } else {
        Path log = FileStores.log(directory);
        flip(log, positionInFrame(Files.readAllBytes(log), stored, random), random);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A frame is {@code kind checksum length version id}, a line feed, the payload, a line feed. */
  private static int positionInFrame(byte[] log, Checkpoint stored, Random random) {
    String text = new String(log, StandardCharsets.ISO_8859_1);
    int headEnd = text.indexOf(" %d %s\n".formatted(stored.version(), stored.id()));
    int start = text.lastIndexOf('\n', headEnd) + 1;
    String[] head = text.substring(start, headEnd).split(" ", -1);
    int payload = text.indexOf('\n', headEnd) + 1;
    int end = payload + Integer.parseInt(head[2]) + 1;
    return start + random.nextInt(end - start);
  }

  private static void flip(Path file, int position, Random random) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[position] ^= (byte) (1 + random.nextInt(255));
    Files.write(file, bytes);
  }
}
