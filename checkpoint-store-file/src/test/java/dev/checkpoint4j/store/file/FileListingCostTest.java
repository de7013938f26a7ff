package dev.checkpoint4j.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.testsupport.StepCounter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a page across sessions costs does not depend on how many sessions there are. */
class FileListingCostTest {

  /** A page of 100, and the entry that shows whether there is another page. */
  private static final int ENTRIES = 101;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(Order.class)
  void aPageAcrossSessionsTakesAsManyStepsHoweverManySessionsThereAre(Order order)
      throws IOException {
    List<Long> few = steps(1_000, order);
    assertThat(few)
        .as("steps to the first and a middle page of checkpoints and of sessions")
        .allMatch(steps -> steps >= ENTRIES && steps < 10 * ENTRIES);
    List<Long> many = steps(10_000, order);
    for (int i = 0; i < few.size(); i++) {
      assertThat(many.get(i))
          .as("steps to page %s among ten times as many sessions, in the order %s", i, order)
          .isLessThanOrEqualTo(2 * few.get(i));
    }
  }

  /** The steps in the map of sessions, and the reads of the index. */
  private List<Long> steps(int sessions, Order order) throws IOException {
    StepCounter counter = new StepCounter();
    NavigableMap<Key, SessionState> counted = counter.count(new TreeMap<>());
    List<Long> steps = new ArrayList<>();
    try (IndexFile file = writeIndex(sessions)) {
      IndexState state = new IndexState(file, counted);
      state.apply(records(sessions), (1L + sessions) * IndexRecord.BYTES);
      Key middle = state.allSessions().get(sessions / 2);
      for (Optional<ListCursor> start :
          List.of(
              Optional.<ListCursor>empty(), Optional.of(new ListCursor(middle.toString(), 1)))) {
        long ignored = counter.take();
        int reads = read(state, order, start);
        steps.add(counter.take() + reads);
      }
      assertThat(state.sessions(null, ENTRIES)).hasSize(ENTRIES);
      steps.add(counter.take());
      assertThat(state.sessions(middle, ENTRIES)).hasSize(ENTRIES);
      steps.add(counter.take());
    }
    return steps;
  }

  /** Reads a page; returns how often it reads from the index. */
  private int read(IndexState state, Order order, Optional<ListCursor> start) throws IOException {
    int[] reads = {0};
    QueryCursor candidates =
        new QueryCursor(
            CheckpointQuery.builder("default").order(order).limit(100).build(),
            start,
            new SessionLogs("default", directory, new DurableFiles(false)),
            new QueryCursor.Source() {
              @Override
              public <R> R read(NamespaceIndex.Reading<R> reading) throws IOException {
                reads[0]++;
                return reading.of(state);
              }
            });
    for (int i = 0; i < ENTRIES; i++) {
      assertThat(candidates.next()).as("entry %s", i).isNotNull();
    }
    return reads[0];
  }

  private static List<IndexRecord> records(int sessions) {
    List<IndexRecord> records = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      records.add(
          new IndexRecord.Stored(
              1, new FramePosition(Key.of("session " + i), Key.of("id " + i), 1, 50, 100, 40)));
    }
    return records;
  }

  private IndexFile writeIndex(int sessions) throws IOException {
    Path path = directory.resolve("index-" + sessions);
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      IndexWriter writer = new IndexWriter(channel);
      for (IndexRecord record : records(sessions)) {
        writer.accept(record);
      }
      writer.flush();
    }
    return Objects.requireNonNull(IndexFile.open(path, /* isWritable= */ false));
  }
}
