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

/** Damages a store: a byte of the frame of a checkpoint or of the index, or a whole frame. */
final class DamagedFiles implements FaultInjector {

  private final Path directory;

  DamagedFiles(Path directory) {
    this.directory = directory;
  }

  @Override
  public Set<Fault> faults() {
    return Set.of(Fault.FLIPPED_BYTE, Fault.COPIED_RECORD);
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
        FrameBytes frame = frame(stored);
        flip(frame.log(), frame.start() + random.nextInt(frame.length()), random);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void copyRecord(Checkpoint source, Checkpoint target) {
    try {
      FrameBytes from = frame(source);
      FrameBytes to = frame(target);
      if (from.length() != to.length()) {
        throw new IllegalArgumentException(
            "the frames of %s and %s differ in length".formatted(source, target));
      }
      byte[] log = Files.readAllBytes(to.log());
      System.arraycopy(Files.readAllBytes(from.log()), from.start(), log, to.start(), to.length());
      Files.write(to.log(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record FrameBytes(Path log, int start, int length) {}

  /** A frame is {@code kind checksum length version id}, a line feed, the payload, a line feed. */
  private FrameBytes frame(Checkpoint stored) throws IOException {
    String end = " %d %s\n".formatted(stored.version(), stored.id());
    for (Path log : FileStores.logs(directory)) {
      String text = Files.readString(log, StandardCharsets.ISO_8859_1);
      int headEnd = text.indexOf(end);
      if (headEnd >= 0) {
        int start = text.lastIndexOf('\n', headEnd) + 1;
        String[] head = text.substring(start, headEnd).split(" ", -1);
        int length = headEnd + end.length() + Integer.parseInt(head[2]) + 1 - start;
        return new FrameBytes(log, start, length);
      }
    }
    throw new IllegalArgumentException("no log holds " + stored);
  }

  private static void flip(Path file, int position, Random random) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[position] ^= (byte) (1 + random.nextInt(255));
    Files.write(file, bytes);
  }
}
