package dev.checkpoint4j.store.file;

import dev.checkpoint4j.core.RetryPolicy;
import dev.checkpoint4j.core.RetryingStorage;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.tck.ChaosStore;
import dev.checkpoint4j.tck.ChaosSuite;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens to some threads and processes costs the others nothing, and nobody his data. */
@Tag("soak")
class FileChaosTest {

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
