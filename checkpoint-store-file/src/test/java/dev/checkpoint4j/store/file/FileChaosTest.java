package dev.checkpoint4j.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.core.RetryPolicy;
import dev.checkpoint4j.core.RetryingStorage;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.tck.ChaosStore;
import dev.checkpoint4j.tck.ChaosSuite;
import dev.checkpoint4j.testsupport.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens to some threads and processes costs the others nothing, and nobody his data. */
@Tag("soak")
class FileChaosTest {

  private static final String ROUNDS = "checkpoint.chaos.rounds";
  private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /**
   * A store to be opened.
   *
   * @param isRetried whether what may have been applied, or was not, is repeated, as a repository
   *     does
   */
  record Store(Durability durability, boolean isRetried, Path directory) implements ChaosStore {

    Store(String argument) {
      this(
          Durability.valueOf(argument.split(" ", 3)[0]),
          Boolean.parseBoolean(argument.split(" ", 3)[1]),
          Path.of(argument.split(" ", 3)[2]));
    }

    String argument() {
      return durability + " " + isRetried + " " + directory;
    }

    @Override
    public BackendStorage open(CheckpointCodec codec) {
      BackendStorage storage =
          FileBackendStorage.builder()
              .directory(directory)
              .codec(codec)
              .durability(durability)
              .open();
      return isRetried ? RetryingStorage.wrap(storage, RetryPolicy.standard()) : storage;
    }

    @Override
    public Optional<List<String>> verify() {
      return Optional.of(
          FileStores.verify(directory).findings().stream()
              .filter(Finding::isDamage)
              .map(Object::toString)
              .toList());
    }
  }

  private static ChaosSuite.Builder suite(String name, Store store) {
    return ChaosSuite.builder(name + "-" + store.durability(), store)
        .threads(8)
        .operations(20_000)
        .roundTime(Duration.ofSeconds(4))
        .patience(Duration.ofSeconds(120));
  }

  @ParameterizedTest
  @EnumSource(names = {"PROCESS_CRASH", "POWER_LOSS"})
  void interruptsCancellationsDeadlinesAndClosedHandles(Durability durability, @TempDir Path temp) {
    suite("file", new Store(durability, false, temp.resolve("store"))).runAndAssertClean();
  }

  @ParameterizedTest
  @EnumSource(names = {"PROCESS_CRASH", "POWER_LOSS"})
  void interruptStorm(Durability durability, @TempDir Path temp) {
    suite("file-storm", new Store(durability, false, temp.resolve("store")))
        .onlyInterrupts()
        .ballast(2_000)
        .runAndAssertClean();
  }

  /** What others append to the index is read by threads that are interrupted meanwhile. */
  @ParameterizedTest
  @EnumSource(names = {"PROCESS_CRASH", "POWER_LOSS"})
  void interruptStormBesideOtherProcesses(Durability durability, @TempDir Path temp) {
    Store store = new Store(durability, false, temp.resolve("store"));
    suite("file-storm-processes", store)
        .onlyInterrupts()
        .ballast(2_000)
        .processes(2, store.argument())
        .runAndAssertClean();
  }

  @ParameterizedTest
  @EnumSource(names = "PROCESS_CRASH")
  void stacksThatEnd(Durability durability, @TempDir Path temp) {
    suite("file-deep", new Store(durability, false, temp.resolve("store")))
        .deepStacks()
        .runAndAssertClean();
  }

  @ParameterizedTest
  @EnumSource(names = "PROCESS_CRASH")
  void copiesOfTheDirectoryAndKilledProcesses(Durability durability, @TempDir Path temp) {
    // Copying frees the locks of the process, so that some outcomes are unknown.
    Store store = new Store(durability, true, temp.resolve("store"));
    suite("file-processes", store)
        .processes(2, store.argument())
        .killingProcesses()
        .callsAreRepeated()
        .disturber("copying the directory", random -> copy(store, temp.resolve("copy")))
        .runAndAssertClean();
  }

  /** In a process that may open few files. */
  @Test
  void descriptorsThatRunOut(@TempDir Path temp) throws Exception {
    try (ChildJvm child =
        ChildJvm.start(
            temp.resolve("output"),
            List.of("sh", "-c", "ulimit -n 256; exec \"$0\" \"$@\""),
            List.of("-Xmx512m", "-Dcheckpoint.chaos.rounds=" + Integer.getInteger(ROUNDS, 5)),
            FewDescriptors.class,
            new Store(Durability.POWER_LOSS, false, temp.resolve("store")).argument())) {
      List<String> reports = child.awaitSuccess();
      System.out.println(String.join("\n", reports));
      assertThat(reports).anyMatch(line -> line.contains("file-descriptors"));
    }
  }

  static final class FewDescriptors {
    private FewDescriptors() {}

    public static void main(String[] args) throws Exception {
      // A class that cannot be opened now is never loaded.
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        if (Files.isDirectory(Path.of(entry))) {
          loadAll(Path.of(entry));
        }
      }
      suite("file-descriptors", new Store(args[0]))
          .everyoneMayFail()
          .disturber("opening files", FewDescriptors::openAll)
          .runAndAssertClean();
      // Threads of the suite may still wait.
      System.exit(0);
    }

    private static void loadAll(Path classes) throws IOException, ClassNotFoundException {
      List<Path> files;
      try (Stream<Path> found = Files.walk(classes)) {
        files = found.filter(file -> file.toString().endsWith(".class")).toList();
      }
      for (Path file : files) {
        String name = classes.relativize(file).toString();
        if (name.startsWith("dev") && !name.endsWith("package-info.class")) {
          load(
              name.substring(0, name.length() - ".class".length())
                  .replace(File.separatorChar, '.'));
        }
      }
    }

    private static void load(String name) throws ClassNotFoundException {
      try {
        Class.forName(name, /* initialize= */ false, FewDescriptors.class.getClassLoader());
      } catch (NoClassDefFoundError e) {
        // What it extends is not on this class path, so nothing here uses it.
      }
    }

    private static void openAll(Random random) throws IOException {
      List<FileChannel> opened = new ArrayList<>();
      try {
        while (true) {
          opened.add(FileChannel.open(Path.of("/dev/null"), StandardOpenOption.READ));
        }
      } catch (FileSystemException e) {
        LockSupport.parkNanos(random.nextLong(MAX_PAUSE_NANOS));
      } finally {
        for (FileChannel each : opened) {
          each.close();
        }
      }
      LockSupport.parkNanos(random.nextLong(MAX_PAUSE_NANOS));
    }
  }

  /** As {@code cp -r} does, with every file opened and closed, the locks among them. */
  private static void copy(Store store, Path target) throws IOException {
    if (!Files.exists(store.directory())) {
      return;
    }
    Files.walkFileTree(
        store.directory(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path copied = target.resolve(store.directory().relativize(file).toString());
            Files.createDirectories(copied.getParent());
            try {
              Files.copy(file, copied, StandardCopyOption.REPLACE_EXISTING);
            } catch (NoSuchFileException e) {
              // Replaced by now.
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }
        });
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
  }
}
