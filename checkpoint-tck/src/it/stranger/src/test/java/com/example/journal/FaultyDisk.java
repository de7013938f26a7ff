package com.example.journal;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.tck.Fault;
import dev.checkpoint4j.tck.FaultInjector;
import dev.checkpoint4j.tck.TckScope;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Opens the journal of a scope so that what it asks of its file is counted, and fails if armed. */
final class FaultyDisk implements FaultInjector {

  private interface Step {
    void run() throws IOException;
  }

  private final TckScope scope;
  private Set<Fault> armed = EnumSet.noneOf(Fault.class);
  private int passes;
  private long operations;

  FaultyDisk(TckScope scope) {
    this.scope = scope;
  }

  Journal open(Path file) throws IOException {
    return new FaultyJournal(file);
  }

  /** Asks this disk before it asks its file. */
  class FaultyJournal extends Journal {

    FaultyJournal(Path file) throws IOException {
      super(file);
    }

    @Override
    byte[] read(long position, int length) throws IOException {
      if (isStruckBy(Fault.READ_REFUSED)) {
        throw new IOException("injected: no read");
      }
      return super.read(position, length);
    }

    @Override
    void write(long position, byte[] bytes) throws IOException {
      byte[] half = Arrays.copyOf(bytes, bytes.length / 2);
      change(() -> super.write(position, bytes), () -> super.write(position, half));
    }

    @Override
    void truncate(long length) throws IOException {
      change(() -> super.truncate(length), () -> {});
    }

    @Override
    void force() throws IOException {
      change(super::force, () -> {});
    }
  }

  /** Does the whole step, or what the fault says. */
  private synchronized void change(Step whole, Step half) throws IOException {
    if (!isStruckBy(Fault.WRITE_REFUSED, Fault.ANSWER_LOST, Fault.TORN_WRITE)) {
      whole.run();
      return;
    }
    if (armed.contains(Fault.ANSWER_LOST)) {
      whole.run();
    } else if (armed.contains(Fault.TORN_WRITE)) {
      half.run();
      armed = EnumSet.of(Fault.WRITE_REFUSED);
    }
    throw new IOException("injected: no answer");
  }

  /** Counts an operation, and tells whether one of these faults strikes it. */
  private synchronized boolean isStruckBy(Fault... faults) {
    operations++;
    return armed.stream().anyMatch(Set.of(faults)::contains) && passes-- <= 0;
  }

  synchronized long operations() {
    return operations;
  }

  @Override
  public Set<Fault> faults() {
    return EnumSet.complementOf(EnumSet.of(Fault.COPIED_RECORD));
  }

  @Override
  public synchronized void arm(Fault fault, int passes) {
    this.armed = EnumSet.of(fault);
    this.passes = passes;
  }

  @Override
  public synchronized void disarm() {
    armed = EnumSet.noneOf(Fault.class);
  }

  @Override
  public void flipByte(Checkpoint stored, Random random) {
    Path file = scope.location().resolve(JournalStore.FILE_NAME);
    try {
      long position = positionOfSomeByte(file, stored, random);
      try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
        bytes.seek(position);
        int before = bytes.read();
        bytes.seek(position);
        bytes.write(before ^ (1 + random.nextInt(255)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long positionOfSomeByte(Path file, Checkpoint stored, Random random) throws IOException {
    List<Journal.Slot> found = new ArrayList<>();
    try (Journal journal = new Journal(file)) {
      journal.replay(
          (kind, slot, body) -> {
            if (kind == JournalStore.PUT
                && scope.codec().decodeHeader(body).equals(stored.header())) {
              found.add(slot);
            }
          });
    }
    return found.get(0).position() + random.nextInt(found.get(0).bytes());
  }
}
