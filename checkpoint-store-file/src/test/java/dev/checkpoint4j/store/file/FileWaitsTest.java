package dev.checkpoint4j.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.testsupport.ChildJvm;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How long calls wait for locks, and that they give them back. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FileWaitsTest {

  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofMillis(100);

  @TempDir Path temp;
  private final ExecutorService executor = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  private Path store() {
    return temp.resolve("store");
  }

  private static Checkpoint checkpoint(String session, long version) {
    return FileStores.checkpoint(session, version).toBuilder().ts(Instant.EPOCH).build();
  }

  private static FileBackendStorage open(Path directory, CheckpointCodec codec, Duration timeout) {
    return FileBackendStorage.builder()
        .directory(directory)
        .codec(codec)
        .durability(Durability.PROCESS_CRASH)
        .lockTimeout(timeout)
        .open();
  }

  @Test
  void aFailureWhileALockIsTakenLeavesItFree() throws Exception {
    try (FileBackendStorage storage = open(store(), FileStores.codec(), LONG)) {
      storage.put(checkpoint("s", 1), Expectation.any());
      Path moved = temp.resolve("moved");
      Files.move(store(), moved);
      // The lock file cannot be looked up below a file: not a directory, instead of not there.
      Files.createFile(store());
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> storage.put(checkpoint("s", 2), Expectation.any()));
      Files.delete(store());
      Files.move(moved, store());
      executor.submit(() -> storage.put(checkpoint("s", 2), Expectation.any())).get();
      assertThat(storage.get("default", "s-2")).as("what another thread put").isPresent();
    }
  }

  @Test
  void anErrorOfTheCodecWhileLocksAreHeldLeavesThemFree() throws Exception {
    FailingCodec codec = new FailingCodec();
    try (FileBackendStorage storage = open(store(), codec, LONG)) {
      storage.put(checkpoint("s", 1), Expectation.any());
      codec.failure = new StackOverflowError();
      assertThatExceptionOfType(StackOverflowError.class)
          .as("a put that compares with what is stored")
          .isThrownBy(() -> storage.put(checkpoint("s", 1), Expectation.any()));
      codec.failure = null;
      executor.submit(() -> storage.put(checkpoint("s", 2), Expectation.any())).get();
      assertThat(storage.get("default", "s-2")).isPresent();
    }
  }

  @Test
  void aCallWaitsNoLongerThanTheDeadlineOfItsCaller() throws Exception {
    FailingCodec codec = new FailingCodec();
    try (FileBackendStorage storage = open(store(), codec, LONG)) {
      storage.put(checkpoint("s", 1), Expectation.any());
      codec.entered = new CountDownLatch(1);
      codec.release = new CountDownLatch(1);
      Future<?> holder =
          executor.submit(
              () -> {
                storage.put(checkpoint("s", 1), Expectation.any());
                return null;
              });
      codec.entered.await();
      assertThatExceptionOfType(StorageUnavailableException.class)
          .as("a put while another one holds the lock of the session")
          .isThrownBy(
              () ->
                  CallDeadline.after(SHORT)
                      .call(
                          () -> {
                            storage.put(checkpoint("s", 2), Expectation.any());
                            return null;
                          }))
          .withMessageContaining("nothing was changed");
      codec.release.countDown();
      assertThat(holder.get()).as("the one that held it").isNull();
    }
  }

  @Test
  void openingWaitsForARecoveryOnlyAsLongAsTheLockTimeoutAndHoldsUpNoOtherStore() throws Exception {
    try (FileBackendStorage storage = FileStores.open(store())) {
      storage.put(checkpoint("s", 1), Expectation.any());
    }
    try (ChildJvm other =
        ChildJvm.start(temp.resolve("out"), RecoveringProcess.class, store().toString())) {
      other.awaitLine("locked");
      assertThatExceptionOfType(StorageUnavailableException.class)
          .isThrownBy(() -> open(store(), FileStores.codec(), SHORT).close())
          .withMessageContaining("lockTimeout");
      CompletableFuture<Thread> waiting = new CompletableFuture<>();
      Future<Boolean> flag =
          executor.submit(
              () -> {
                waiting.complete(Thread.currentThread());
                try {
                  open(store(), FileStores.codec(), LONG).close();
                  return false;
                } catch (StorageUnavailableException e) {
                  return Thread.currentThread().isInterrupted();
                }
              });
      Thread interrupted = waiting.get();
      FileStores.open(temp.resolve("another")).close();
      interrupted.interrupt();
      assertThat(flag.get()).as("the flag of the thread that was interrupted").isTrue();
    }
    FileStores.open(store()).close();
  }

  @Test
  void aStoreIsRecoveredByTheProcessThatWaitedForOneThatDiedRecoveringIt() throws Exception {
    byte[] older;
    try (FileBackendStorage storage = FileStores.open(store())) {
      storage.put(checkpoint("s", 1), Expectation.any());
      older = Files.readAllBytes(FileStores.index(store()));
      storage.put(checkpoint("s", 2), Expectation.any());
    }
    // As a power loss may leave it.
    Files.write(FileStores.index(store()), older);
    ChildJvm other =
        ChildJvm.start(temp.resolve("out"), RecoveringProcess.class, store().toString());
    Future<FileBackendStorage> waiting;
    try (other) {
      other.awaitLine("locked");
      CountDownLatch started = new CountDownLatch(1);
      waiting =
          executor.submit(
              () -> {
                started.countDown();
                return open(store(), FileStores.codec(), LONG);
              });
      started.await();
    }
    try (FileBackendStorage storage = waiting.get()) {
      assertThat(storage.getBySession(new SessionKey(Checkpoint.DEFAULT_NAMESPACE, "s")))
          .contains(checkpoint("s", 2));
    }
  }

  /** Holds the lock that a process has while it recovers a store. */
  static final class RecoveringProcess {
    private RecoveringProcess() {}

    public static void main(String[] args) throws Exception {
      try (FileChannel channel =
          FileChannel.open(
              Path.of(args[0]).resolve(StoreDirectory.LOCKS), StandardOpenOption.WRITE)) {
        if (channel.tryLock(0, 2, false) == null) {
          throw new IOException("the lock is taken");
        }
        System.out.println("locked");
        System.out.flush();
        new CountDownLatch(1).await();
      }
    }
  }

  /** Fails, or waits, in the middle of a put of what is stored already. */
  private static final class FailingCodec implements CheckpointCodec {
    private final CheckpointCodec codec = FileStores.codec();
    private volatile @Nullable Error failure;
    private volatile CountDownLatch entered = new CountDownLatch(0);
    private volatile CountDownLatch release = new CountDownLatch(0);

    @Override
    public byte[] encode(Checkpoint checkpoint) {
      return codec.encode(checkpoint);
    }

    @Override
    public Checkpoint decode(byte[] document) {
      Error thrown = failure;
      if (thrown != null) {
        throw thrown;
      }
      entered.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return codec.decode(document);
    }

    @Override
    public CheckpointHeader decodeHeader(byte[] document) {
      return codec.decodeHeader(document);
    }
  }
}
