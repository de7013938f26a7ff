package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Reads in every way before and after each change of a store. Each reader keeps its handle and its
 * thread, so that it finds what handles and threads remember.
 */
final class VisibilityCheck implements AutoCloseable {

  /** A cache may take what is read several times only. */
  private static final int REPETITIONS = 4;

  /** Reads on a thread of its own. */
  private record Reader(
      String name, BackendStorage handle, List<ReadSample.Read> reads, ExecutorService thread) {}

  private final ReadSample sample;
  private final BackendStorage writer;
  private final List<ReadSample.Read> reads;
  private final List<String> operations;
  private final List<Reader> readers = new ArrayList<>();
  private int sweeps;

  VisibilityCheck(ReadSample sample, BackendStorage writer) {
    this.sample = sample;
    this.writer = writer;
    reads = sample.reads();
    operations = reads.stream().map(ReadSample.Read::operation).distinct().toList();
  }

  /** A thread that reads in every way on one handle. */
  void addReader(String name, BackendStorage handle) {
    add(name, handle, reads);
  }

  /** Handles of which each reads in one way, so that no other call refreshes what it remembers. */
  void addReaderOfEachOperation(String name, Supplier<BackendStorage> handles) {
    for (String operation : operations) {
      add(
          "%s that calls %s only".formatted(name, operation),
          handles.get(),
          reads.stream().filter(read -> read.operation().equals(operation)).toList());
    }
  }

  private void add(String name, BackendStorage handle, List<ReadSample.Read> reads) {
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread reader = new Thread(task, "checkpoint-tck-reader");
              reader.setDaemon(true);
              return reader;
            });
    readers.add(new Reader(name, handle, reads, thread));
  }

  /**
   * Makes the changes, and reads before the first and after each.
   *
   * @param isRepeated whether there is time to read several times
   */
  void check(List<ReadSample.Change> changes, BooleanSupplier isRepeated) {
    sweep("before all changes", isRepeated);
    for (ReadSample.Change change : changes) {
      sample.make(writer, change);
      sweep("after " + change.text(), isRepeated);
    }
  }

  private void sweep(String when, BooleanSupplier isRepeated) {
    Map<ReadSample.Read, Object> expected = new HashMap<>();
    reads.forEach(read -> expected.put(read, sample.expected(read)));
    sweep(when, expected, 1);
    if (isRepeated.getAsBoolean()) {
      sweep(when + ", again", expected, REPETITIONS);
    }
  }

  private void sweep(String when, Map<ReadSample.Read, Object> expected, int times) {
    String first = operations.get(sweeps++ % operations.size());
    List<Future<?>> tasks = new ArrayList<>();
    for (Reader reader : readers) {
      List<ReadSample.Read> rotated = new ArrayList<>(reader.reads());
      // Each operation is the first after some change.
      Collections.rotate(rotated, -rotated.indexOf(firstOf(first, rotated)));
      tasks.add(
          reader
              .thread()
              .submit(
                  () -> {
                    for (int i = 0; i < times; i++) {
                      rotated.forEach(read -> check(when, reader, read, expected));
                    }
                  }));
    }
    for (int i = 0; i < tasks.size(); i++) {
      await(readers.get(i).name() + " " + when, tasks.get(i));
    }
  }

  private static ReadSample.Read firstOf(String operation, List<ReadSample.Read> reads) {
    return reads.stream()
        .filter(read -> read.operation().equals(operation))
        .findFirst()
        .orElse(reads.get(0));
  }

  private static void check(
      String when, Reader reader, ReadSample.Read read, Map<ReadSample.Read, Object> expected) {
    assertThat(read.answer().apply(reader.handle()))
        .as("%s on %s %s", read.text(), reader.name(), when)
        .isEqualTo(expected.get(read));
  }

  private static void await(String what, Future<?> task) {
    try {
      task.get(Race.WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AssertionError failure) {
        throw failure;
      }
      throw new AssertionError("%s failed: %s".formatted(what, e.getCause()), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("%s did not end within %d s".formatted(what, Race.WAIT_SECONDS), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("the thread that waited for " + what + " was interrupted", e);
    }
  }

  /** Ends the threads; the handles belong to the caller. */
  @Override
  public void close() {
    readers.forEach(reader -> reader.thread().shutdownNow());
  }
}
