package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures, run by hand, what the store costs against the bare medium and other layouts of it, and
 * against itself with a longer history. Every contender does the same work, encoding included; the
 * repetitions of those that are compared take turns, so that what else the machine does meets all.
 * The argument is an empty directory on the medium.
 */
final class LayoutMeasurement {

  private static final int WARM_UPS = 5;
  private static final int REPETITIONS = Integer.getInteger("repetitions", 25);

  /** Of each repetition. */
  private static final int PUTS = Integer.getInteger("puts", 400);

  private static final int SESSIONS_OF_A_THREAD = 5;
  private static final CheckpointCodec CODEC = FileStores.codec();

  private final Path root;

  private LayoutMeasurement(Path root) {
    this.root = root;
  }

  /** Where the bytes of a put go. */
  private interface Layout extends Closeable {
    void put(Checkpoint checkpoint) throws IOException;

    @Override
    default void close() throws IOException {}
  }

  /** Something that is measured: some operations at a time. */
  private record Contender(String name, int operations, Callable<?> run) {}

  public static void main(String[] args) throws Exception {
    LayoutMeasurement measurement = new LayoutMeasurement(Path.of(args[0]));
    System.out.println(
        "| what | us, median | least | most | to the first, median | least | most |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (int bytes : new int[] {1_000, 100_000}) {
      for (int threads : new int[] {1, 8}) {
        measurement.puts(bytes, threads);
      }
    }
    measurement.reads();
    measurement.openings();
  }

  private void puts(int bytes, int threads) throws Exception {
    Path directory = root.resolve("puts-%d-%d".formatted(bytes, threads));
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try (Layout raw = new OpenLogs(directory.resolve("raw"));
        Layout closed = new ClosedLogs(directory.resolve("a"));
        Layout one = new GroupCommit(directory.resolve("b"));
        Layout each = new FilePerCheckpoint(directory.resolve("c"));
        FileBackendStorage store = FileBackendStorage.open(directory.resolve("store"), CODEC)) {
      Writers writers = new Writers(executor, threads, "x".repeat(bytes));
      compare(
          "put of %d bytes, %d threads: ".formatted(bytes, threads),
          writers.on("raw, a log a session that stays open", raw),
          writers.on("the store", found -> store.put(found, Expectation.any())),
          writers.on("(a) a log a session, opened for a put", closed),
          writers.on("(b) one log, threads share forces", one),
          writers.on("(c) a file a checkpoint", each));
    } finally {
      executor.shutdown();
    }
  }

  /** Threads that put into sessions of their own. */
  private record Writers(ExecutorService executor, int threads, String text) {

    Contender on(String name, Layout layout) {
      int versions = PUTS / threads / SESSIONS_OF_A_THREAD;
      int[] last = {0};
      return new Contender(
          name,
          versions * threads * SESSIONS_OF_A_THREAD,
          () -> {
            int first = last[0] + 1;
            last[0] += versions;
            return put(layout, first, last[0]);
          });
    }

    private Void put(Layout layout, int first, int last) throws Exception {
      List<Callable<Void>> writers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int sessions = i * SESSIONS_OF_A_THREAD;
        writers.add(
            () -> {
              for (int version = first; version <= last; version++) {
                for (int k = 0; k < SESSIONS_OF_A_THREAD; k++) {
                  layout.put(checkpoint(sessions + k, version, text));
                }
              }
              return null;
            });
      }
      for (Future<Void> writer : executor.invokeAll(writers)) {
        writer.get();
      }
      return null;
    }
  }

  private void reads() throws Exception {
    Path directory = Files.createDirectories(root.resolve("reads"));
    String text = "x".repeat(1_000);
    Path raw = Files.write(directory.resolve("raw"), CODEC.encode(checkpoint(0, 1, text)));
    SessionKey shorter = new SessionKey("default", "session-0");
    SessionKey longer = new SessionKey("default", "session-1");
    try (FileBackendStorage storage = FileStores.open(directory.resolve("store"))) {
      fill(storage, 0, 10, text);
      fill(storage, 1, 10_000, text);
      compare(
          "read: ",
          reader("latest at 10", i -> storage.getBySession(shorter).orElseThrow()),
          reader("latest at 10,000", i -> storage.getBySession(longer).orElseThrow()),
          reader(
              "get at 10,000",
              i -> storage.get("default", "session-1-" + (10 * i + 1)).orElseThrow()),
          reader("raw, a file is opened", i -> CODEC.decode(Files.readAllBytes(raw))));
    }
  }

  /** Reads the i-th of some checkpoints. */
  private interface Read {
    Checkpoint of(int i) throws IOException;
  }

  private static Contender reader(String name, Read read) {
    int reads = 1_000;
    return new Contender(
        name,
        reads,
        () -> {
          long versions = 0;
          for (int i = 0; i < reads; i++) {
            versions += read.of(i).version();
          }
          return versions;
        });
  }

  private void openings() throws Exception {
    Path directory = root.resolve("openings");
    String text = "x".repeat(1_000);
    try (FileBackendStorage storage = FileStores.open(directory)) {
      for (int session = 0; session < 1_000; session++) {
        fill(storage, session, 100, text);
      }
    }
    compare(
        "1,000 sessions, 100,000 checkpoints: ",
        new Contender(
            "opened, to the first answer",
            1,
            () -> {
              try (FileBackendStorage storage = FileBackendStorage.open(directory, CODEC)) {
                return storage.getBySession(new SessionKey("default", "session-7")).orElseThrow();
              }
            }));
  }

  private static void fill(FileBackendStorage storage, int session, int versions, String text) {
    for (int version = 1; version <= versions; version++) {
      storage.put(checkpoint(session, version, text), Expectation.any());
    }
  }

  /** Prints a row for each: the time of an operation, and what it is to that of the first. */
  private static void compare(String what, Contender... contenders) throws Exception {
    double[][] micros = new double[contenders.length][REPETITIONS];
    for (int repetition = -WARM_UPS; repetition < REPETITIONS; repetition++) {
      for (int i = 0; i < contenders.length; i++) {
        long start = System.nanoTime();
        contenders[i].run().call();
        double each = (System.nanoTime() - start) / 1_000.0 / contenders[i].operations();
        if (repetition >= 0) {
          micros[i][repetition] = each;
        }
      }
    }
    for (int i = 0; i < contenders.length; i++) {
      double[] ratios = new double[REPETITIONS];
      for (int repetition = 0; repetition < REPETITIONS; repetition++) {
        ratios[repetition] = micros[i][repetition] / micros[0][repetition];
      }
      System.out.printf(
          "| %s%s | %s | %s |%n", what, contenders[i].name(), summary(micros[i]), summary(ratios));
    }
  }

  private static String summary(double[] all) {
    double[] sorted = all.clone();
    Arrays.sort(sorted);
    return "%.2f | %.2f | %.2f"
        .formatted(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
  }

  private static Checkpoint checkpoint(int session, int version, String text) {
    return Checkpoint.builder("session-" + session)
        .id("session-" + session + "-" + version)
        .version(version)
        .values(Map.of("text", text))
        .build();
  }

  private static void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void append(FileChannel channel, Checkpoint checkpoint) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(CODEC.encode(checkpoint));
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static FileChannel openLog(Path directory, String name) throws IOException {
    return FileChannel.open(
        directory.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** What everything is compared with. */
  private static final class OpenLogs implements Layout {
    private final Path directory;
    private final Map<String, FileChannel> logs = new ConcurrentHashMap<>();

    OpenLogs(Path directory) throws IOException {
      this.directory = Files.createDirectories(directory);
    }

    @Override
    public void put(Checkpoint checkpoint) throws IOException {
      String session = checkpoint.metadata().sessionId();
      FileChannel log = logs.get(session);
      if (log == null) {
        log = openLog(directory, session);
        logs.put(session, log);
      }
      append(log, checkpoint);
      log.force(false);
    }

    @Override
    public void close() throws IOException {
      for (FileChannel log : logs.values()) {
        log.close();
      }
    }
  }

  private static final class ClosedLogs implements Layout {
    private final Path directory;

    ClosedLogs(Path directory) throws IOException {
      this.directory = Files.createDirectories(directory);
    }

    @Override
    public void put(Checkpoint checkpoint) throws IOException {
      try (FileChannel log = openLog(directory, checkpoint.metadata().sessionId())) {
        append(log, checkpoint);
        log.force(false);
      }
    }
  }

  /** Threads that wait while another one forces share the next force. */
  private static final class GroupCommit implements Layout {
    private final FileChannel log;
    private final Object forcing = new Object();
    private long written;
    private long forced;

    GroupCommit(Path directory) throws IOException {
      log = openLog(Files.createDirectories(directory), "log");
    }

    @Override
    public void put(Checkpoint checkpoint) throws IOException {
      ByteBuffer bytes = ByteBuffer.wrap(CODEC.encode(checkpoint));
      long mine;
      synchronized (log) {
        PlainFiles.writeUnforced(log, bytes, log.size());
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
    public void close() throws IOException {
      log.close();
    }
  }

  private static final class FilePerCheckpoint implements Layout {
    private final Path directory;

    FilePerCheckpoint(Path directory) throws IOException {
      this.directory = Files.createDirectories(directory);
    }

    @Override
    public void put(Checkpoint checkpoint) throws IOException {
      Path session = Files.createDirectories(directory.resolve(checkpoint.metadata().sessionId()));
      try (FileChannel file = openLog(session, "" + checkpoint.version())) {
        append(file, checkpoint);
        file.force(true);
      }
      forceDirectory(session);
    }
  }
}
