package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Measures, run by hand, what a put costs with several layouts of the bare medium, and the store
 * beside them: medians of repetitions, spread, and ratios to a raw append and force of the same
 * bytes in the same run. The argument is an empty directory on the medium.
 */
final class LayoutMeasurement {

  private static final String RAW_LOGS = "raw: one log a session, kept open";
  private static final int REPETITIONS = 5;
  private static final int PUTS = Integer.getInteger("puts", 400);
  private static final int SESSIONS_OF_A_THREAD = 5;

  private final Path root;
  private final byte[] document;
  private final Map<String, List<Double>> micros = new TreeMap<>();

  private LayoutMeasurement(Path root, byte[] document) {
    this.root = root;
    this.document = document;
  }

  /** Where the bytes of a put go. */
  private interface Layout extends AutoCloseable {
    void put(int session, int version) throws Exception;

    void deleteSession(int session) throws Exception;

    @Override
    void close() throws IOException;
  }

  public static void main(String[] args) throws Exception {
    Map<String, Object> values = Map.of("text", "x".repeat(1_000));
    Checkpoint sample = Checkpoint.builder("session-0").version(1).values(values).build();
    new LayoutMeasurement(Path.of(args[0]), FileStores.codec().encode(sample)).run(values);
  }

  private void run(Map<String, Object> values) throws Exception {
    for (int repetition = 0; repetition <= REPETITIONS; repetition++) {
      for (int threads : new int[] {1, 8}) {
        // The first repetition warms up.
        boolean counts = repetition > 0;
        measure(RAW_LOGS, threads, counts, RawLogs::new);
        measure("(a) one log a session, opened for a put", threads, counts, LogPerSession::new);
        measure("(b) one log, group commit", threads, counts, GroupCommit::new);
        measure("(c) one file a checkpoint", threads, counts, FilePerCheckpoint::new);
        measure("the store", threads, counts, directory -> new Store(directory, values));
      }
      measureReads(repetition > 0, values);
    }
    System.out.println("| what | us, median | least | most | to raw, median | least | most |");
    System.out.println("|---|---|---|---|---|---|---|");
    micros.forEach(
        (what, all) -> {
          List<Double> base = Objects.requireNonNull(micros.get(rawOf(what)));
          List<Double> ratios = new ArrayList<>();
          for (int i = 0; i < all.size(); i++) {
            ratios.add(all.get(i) / base.get(i));
          }
          System.out.printf("| %s | %s | %s |%n", what, summary(all), summary(ratios));
        });
  }

  private static String rawOf(String what) {
    if (what.startsWith("put")) {
      return what.substring(0, what.indexOf("threads, ")) + "threads, " + RAW_LOGS;
    }
    String group = what.substring(0, what.indexOf(','));
    return group + ", " + (group.startsWith("deletion") ? RAW_LOGS : "raw");
  }

  private static String summary(List<Double> all) {
    double[] sorted = all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return "%.2f | %.2f | %.2f"
        .formatted(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
  }

  private void measure(String layout, int threads, boolean counts, Function<Path, Layout> opening)
      throws Exception {
    Path directory = Files.createDirectories(root.resolve("run"));
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try (Layout opened = opening.apply(directory)) {
      // The sessions are there before it counts.
      run(executor, threads, opened, 1, 1);
      long start = System.nanoTime();
      run(executor, threads, opened, 2, 1 + PUTS / threads / SESSIONS_OF_A_THREAD);
      int puts = PUTS / threads / SESSIONS_OF_A_THREAD * threads * SESSIONS_OF_A_THREAD;
      add("put, %d threads, %s".formatted(threads, layout), start, puts, counts);
      start = System.nanoTime();
      for (int session = 0; session < SESSIONS_OF_A_THREAD; session++) {
        opened.deleteSession(session);
      }
      if (threads == 1) {
        add("deletion of a session, %s".formatted(layout), start, SESSIONS_OF_A_THREAD, counts);
      }
    } finally {
      executor.shutdown();
      remove(directory);
    }
  }

  private static void run(ExecutorService executor, int threads, Layout layout, int first, int last)
      throws Exception {
    List<Callable<Void>> writers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int sessions = i * SESSIONS_OF_A_THREAD;
      writers.add(
          () -> {
            for (int version = first; version <= last; version++) {
              for (int k = 0; k < SESSIONS_OF_A_THREAD; k++) {
                layout.put(sessions + k, version);
              }
            }
            return null;
          });
    }
    for (Future<Void> writer : executor.invokeAll(writers)) {
      writer.get();
    }
  }

  private void measureReads(boolean counts, Map<String, Object> values) throws IOException {
    Path directory = Files.createDirectories(root.resolve("reads"));
    int versions = 1_000;
    int reads = 2_000;
    long seen = 0;
    try (FileBackendStorage storage = FileStores.open(directory)) {
      for (int version = 1; version <= versions; version++) {
        storage.put(checkpoint(0, version, values));
      }
    }
    Path raw = directory.resolveSibling("raw");
    Files.write(raw, document);
    var codec = FileStores.codec();
    long start = System.nanoTime();
    for (int i = 0; i < reads; i++) {
      try (FileChannel channel = FileChannel.open(raw, StandardOpenOption.READ)) {
        ByteBuffer bytes = ByteBuffer.allocate(document.length);
        channel.read(bytes, 0);
        if (codec.decode(bytes.array()).version() != 1) {
          throw new IllegalStateException();
        }
      }
    }
    add("read, raw", start, reads, counts);
    start = System.nanoTime();
    int bytes = Files.readAllBytes(FileStores.log(directory)).length;
    add("open and first answer of 1000, raw", start, 1, counts && bytes > 0);
    start = System.nanoTime();
    try (FileBackendStorage storage = FileStores.open(directory)) {
      seen += storage.getBySession(new SessionKey("default", "session-0")).orElseThrow().version();
      add("open and first answer of 1000, the store", start, 1, counts);
      start = System.nanoTime();
      for (int i = 0; i < reads; i++) {
        seen +=
            storage.getBySession(new SessionKey("default", "session-0")).orElseThrow().version();
      }
      add("read, the store: latest", start, reads, counts);
      start = System.nanoTime();
      for (int i = 0; i < reads; i++) {
        seen += storage.get("default", "session-0-" + (1 + i % versions)).orElseThrow().version();
      }
      add("read, the store: get", start, reads, counts);
      if (seen < reads) {
        throw new IllegalStateException();
      }
    }
    remove(directory);
  }

  private void add(String what, long start, int operations, boolean counts) {
    double each = (System.nanoTime() - start) / 1_000.0 / operations;
    if (counts) {
      micros.computeIfAbsent(what, key -> new ArrayList<>()).add(each);
    }
  }

  private static Checkpoint checkpoint(int session, int version, Map<String, Object> values) {
    return Checkpoint.builder("session-" + session)
        .id("session-" + session + "-" + version)
        .version(version)
        .values(values)
        .build();
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void append(FileChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** What everything is compared with. */
  private final class RawLogs implements Layout {
    private final FileChannel[] logs = new FileChannel[8 * SESSIONS_OF_A_THREAD];
    private final Path directory;

    RawLogs(Path directory) {
      this.directory = directory;
    }

    @Override
    public void put(int session, int version) throws IOException {
      if (logs[session] == null) {
        logs[session] =
            FileChannel.open(
                directory.resolve(session + ".log"),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
      }
      append(logs[session], document);
      logs[session].force(false);
    }

    @Override
    public void deleteSession(int session) throws IOException {
      logs[session].close();
      Files.delete(directory.resolve(session + ".log"));
      forceDirectory(directory);
    }

    @Override
    public void close() throws IOException {
      for (FileChannel log : logs) {
        if (log != null) {
          log.close();
        }
      }
    }
  }

  private final class LogPerSession implements Layout {
    private final Path directory;

    LogPerSession(Path directory) {
      this.directory = directory;
    }

    @Override
    public void put(int session, int version) throws IOException {
      try (FileChannel log =
          FileChannel.open(
              directory.resolve(session + ".log"),
              StandardOpenOption.CREATE,
              StandardOpenOption.APPEND)) {
        append(log, document);
        log.force(false);
      }
      if (version == 1) {
        forceDirectory(directory);
      }
    }

    @Override
    public void deleteSession(int session) throws IOException {
      Files.delete(directory.resolve(session + ".log"));
      forceDirectory(directory);
    }

    @Override
    public void close() {}
  }

  /** Threads that wait while another one forces share the next force. Deletion is a short frame. */
  private final class GroupCommit implements Layout {
    private final FileChannel log;
    private final Object forcing = new Object();
    private long written;
    private long forced;

    GroupCommit(Path directory) {
      try {
        log =
            FileChannel.open(
                directory.resolve("log"), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    private void commit(byte[] bytes) throws IOException {
      long mine;
      synchronized (log) {
        append(log, bytes);
        mine = ++written;
      }
      synchronized (forcing) {
        if (forced >= mine) {
          return;
        }
        long all;
        synchronized (log) {
          all = written;
        }
        log.force(false);
        forced = all;
      }
    }

    @Override
    public void put(int session, int version) throws IOException {
      commit(document);
    }

    @Override
    public void deleteSession(int session) throws IOException {
      commit(Arrays.copyOf(document, 64));
    }

    @Override
    public void close() throws IOException {
      log.close();
    }
  }

  private final class FilePerCheckpoint implements Layout {
    private final Path directory;

    FilePerCheckpoint(Path directory) {
      this.directory = directory;
    }

    @Override
    public void put(int session, int version) throws IOException {
      Path of = directory.resolve("" + session);
      if (version == 1) {
        Files.createDirectories(of);
        forceDirectory(directory);
      }
      try (FileChannel file =
          FileChannel.open(
              of.resolve("" + version), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        append(file, document);
        file.force(true);
      }
      forceDirectory(of);
    }

    @Override
    public void deleteSession(int session) throws IOException {
      remove(directory.resolve("" + session));
      forceDirectory(directory);
    }

    @Override
    public void close() {}
  }

  private static final class Store implements Layout {
    private final FileBackendStorage storage;
    private final Map<String, Object> values;

    Store(Path directory, Map<String, Object> values) {
      this.storage =
          FileBackendStorage.open(
              directory,
              FileStores.codec(),
              Durability.POWER_LOSS,
              FileBackendStorage.DEFAULT_LOCK_TIMEOUT);
      this.values = values;
    }

    @Override
    public void put(int session, int version) {
      storage.put(checkpoint(session, version, values));
    }

    @Override
    public void deleteSession(int session) {
      storage.deleteBySession(new SessionKey("default", "session-" + session));
    }

    @Override
    public void close() {
      storage.close();
    }
  }
}
