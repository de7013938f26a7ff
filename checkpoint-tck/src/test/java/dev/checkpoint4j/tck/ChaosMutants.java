package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.journal.JournalProvider;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Stores with one fault each, for {@link ChaosSuite} to find. */
final class ChaosMutants {

  /**
   * A store with a fault.
   *
   * @param finding a part of what the suite says of it
   */
  record ChaosMutant(String name, Supplier<ChaosStore> stores, String finding) {
    @Override
    public String toString() {
      return name;
    }
  }

  private interface Fault {
    BackendStorage in(BackendStorage good, CheckpointCodec codec);
  }

  private ChaosMutants() {}

  private static ChaosMutant mutant(String name, Supplier<Fault> faults, String finding) {
    return new ChaosMutant(
        name,
        () -> {
          ReferenceBackend store = new ReferenceBackend();
          Fault fault = faults.get();
          return codec -> fault.in(store.handle(), codec);
        },
        finding);
  }

  private static boolean isInterrupted() {
    return Thread.currentThread().isInterrupted();
  }

  private static StorageUnavailableException unavailable(Checkpoint checkpoint) {
    return new StorageUnavailableException(
        "not available", ErrorContext.of("broken", "put").checkpoint(checkpoint), null);
  }

  /** After a put was interrupted, another thread that puts loses its session first. */
  private static Fault startingOver(AtomicInteger lost) {
    BystanderMutants.Debt debt = new BystanderMutants.Debt();
    return (good, codec) ->
        Faulty.put(
            good,
            (storage, checkpoint) -> {
              if (debt.isToBePaidHere()) {
                lost.addAndGet((int) storage.deleteBySession(checkpoint.sessionKey()));
              }
              storage.put(checkpoint, Expectation.any());
              if (isInterrupted()) {
                debt.incur();
              }
            });
  }

  /** Loses checkpoints, and has a verification that says so, or not. */
  private static ChaosStore verified(boolean isHonest) {
    AtomicInteger lost = new AtomicInteger();
    ReferenceBackend store = new ReferenceBackend();
    Fault fault = startingOver(lost);
    return new ChaosStore() {
      @Override
      public BackendStorage open(CheckpointCodec codec) {
        return fault.in(store.handle(), codec);
      }

      @Override
      public Optional<List<String>> verify() {
        return Optional.of(
            isHonest && lost.get() > 0 ? List.of(lost + " checkpoints are missing") : List.of());
      }
    };
  }

  static ChaosStore losingWithHonestVerification() {
    return verified(true);
  }

  private static Fault emptyForAnother(Supplier<Boolean> isStruck) {
    var fault = BystanderMutants.emptyForAnother(isStruck::get);
    return (good, codec) -> fault.apply(good);
  }

  /** A put that fails with an error keeps its session locked. */
  private static Fault lockedBy(Function<CheckpointCodec, Fault> failing) {
    Map<SessionKey, Thread> locks = new ConcurrentHashMap<>();
    return (good, codec) ->
        Faulty.put(
            failing.apply(codec).in(good, codec),
            (storage, checkpoint) -> {
              Thread me = Thread.currentThread();
              if (locks.getOrDefault(checkpoint.sessionKey(), me) != me) {
                throw unavailable(checkpoint);
              }
              try {
                storage.put(checkpoint, Expectation.any());
              } catch (StorageUnavailableException | Error e) {
                locks.put(checkpoint.sessionKey(), me);
                throw e;
              }
            });
  }

  static List<ChaosMutant> all() {
    return List.of(
        mutant(
            "an interrupt empties the index for others",
            () -> emptyForAnother(ChaosMutants::isInterrupted),
            "the latest is empty, but"),
        mutant(
            "a deadline that passes empties the index for others",
            () -> emptyForAnother(() -> CallDeadline.current().hasPassed()),
            "the latest is empty, but"),
        mutant(
            "after an interrupt another thread starts its session over",
            () -> startingOver(new AtomicInteger()),
            " is lost"),
        new ChaosMutant(
            "a verification that reports nothing",
            () -> verified(false),
            "the verification was fooled"),
        mutant(
            "after an interrupt another session's checkpoint is returned",
            () -> {
              BystanderMutants.Debt debt = new BystanderMutants.Debt();
              return (good, codec) ->
                  Faulty.latest(
                      good,
                      (storage, session) -> {
                        if (isInterrupted()) {
                          debt.incur();
                        }
                        return debt.isToBePaidHere()
                            ? storage
                                .list(CheckpointQuery.builder(session.namespace()).build())
                                .items()
                                .stream()
                                .filter(found -> !found.sessionKey().equals(session))
                                .findFirst()
                            : storage.getBySession(session);
                      });
            },
            "the latest is version"),
        mutant(
            "a put that is interrupted keeps its session locked",
            () ->
                lockedBy(
                    codec ->
                        (good, unused) ->
                            Faulty.put(
                                good,
                                (storage, checkpoint) -> {
                                  if (isInterrupted()) {
                                    throw unavailable(checkpoint);
                                  }
                                  storage.put(checkpoint, Expectation.any());
                                })),
            "when another thread went on with it"),
        mutant(
            "a put whose encoding fails keeps its session locked",
            () ->
                lockedBy(
                    codec ->
                        (good, unused) ->
                            Faulty.put(
                                good,
                                (storage, checkpoint) -> {
                                  if (codec.encode(checkpoint).length > 0) {
                                    storage.put(checkpoint, Expectation.any());
                                  }
                                })),
            "when another thread went on with it"),
        mutant(
            "a put that was interrupted is stored and called not applied",
            () ->
                (good, codec) ->
                    Faulty.put(
                        good,
                        (storage, checkpoint) -> {
                          storage.put(checkpoint, Expectation.any());
                          if (isInterrupted()) {
                            throw unavailable(checkpoint);
                          }
                        }),
            "was refused"),
        mutant(
            "closing a handle takes its last put along",
            () -> (good, codec) -> forgetfulOfTheLast(good),
            " is lost"),
        new ChaosMutant(
            "a session is gone when the store is opened again",
            ChaosMutants::forgetfulOnReopen,
            "opened again"));
  }

  private static BackendStorage forgetfulOfTheLast(BackendStorage good) {
    return new ForwardingBackendStorage(good) {
      private volatile @Nullable Checkpoint last;

      @Override
      public void put(Checkpoint checkpoint, Expectation expectation) {
        super.put(checkpoint, expectation);
        last = checkpoint;
      }

      @Override
      public void close() {
        Checkpoint gone = last;
        if (gone != null && RaceMutants.isRacing()) {
          long unused = good.delete(gone.namespace(), List.of(gone.id()));
        }
        super.close();
      }
    };
  }

  private static ChaosStore forgetfulOnReopen() {
    ReferenceBackend store = new ReferenceBackend();
    AtomicInteger open = new AtomicInteger();
    return codec -> {
      if (open.getAndIncrement() == 0) {
        store.listSessions("chaos", 1, Optional.empty()).items().forEach(store::deleteBySession);
      }
      return new ForwardingBackendStorage(store.handle()) {
        @Override
        public BackendDescriptor descriptor() {
          return BackendDescriptor.builder("broken", Durability.PROCESS_CRASH).build();
        }

        @Override
        public void close() {
          super.close();
          open.decrementAndGet();
        }
      };
    };
  }

  /**
   * The journal, which belongs to one process at a time, opened for each call under a lock that all
   * processes wait for. The argument is the directory.
   */
  static class SharedJournal implements ChaosStore {
    private static final Object LOCK = new Object();
    private static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final BackendDescriptor DESCRIPTOR =
        BackendDescriptor.builder("shared", Durability.PROCESS_CRASH).build();

    private final Path directory;

    SharedJournal(String directory) {
      this.directory = Path.of(directory);
    }

    /** Where this process keeps its checkpoints. */
    Path journal() {
      return directory.resolve("journal");
    }

    @Override
    public BackendStorage open(CheckpointCodec codec) {
      return (BackendStorage)
          Proxy.newProxyInstance(
              BackendStorage.class.getClassLoader(),
              new Class<?>[] {BackendStorage.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "descriptor" -> DESCRIPTOR;
                    case "close" -> null;
                    default -> call(method, arguments, codec);
                  });
    }

    private @Nullable Object call(Method method, Object[] arguments, CheckpointCodec codec)
        throws Throwable {
      synchronized (LOCK) {
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("lock").toFile(), "rw");
            FileLock lock = file.getChannel().lock();
            BackendStorage storage = journal(codec)) {
          assertThat(lock.isValid()).isTrue();
          return method.invoke(storage, arguments);
        } catch (InvocationTargetException e) {
          throw e.getCause();
        } catch (IOException e) {
          throw new StorageUnavailableException(
              "not locked; nothing was changed", ErrorContext.of("shared", "call"), e);
        }
      }
    }

    /** Of a process that is killed, the system may release the lock before that of the journal. */
    private BackendStorage journal(CheckpointCodec codec) {
      JournalProvider provider = new JournalProvider();
      long start = System.nanoTime();
      while (true) {
        try {
          return provider.open(
              BackendConfig.parse(provider, "journal:" + journal(), Map.of()), codec);
        } catch (StorageUnavailableException e) {
          if (System.nanoTime() - start > MAX_WAIT_NANOS
              || Thread.currentThread().isInterrupted()) {
            throw e;
          }
          LockSupport.parkNanos(1_000_000);
        }
      }
    }
  }

  /** A process keeps what it stores to itself. */
  static final class PrivateJournal extends SharedJournal {
    PrivateJournal(String directory) {
      super(directory);
    }

    @Override
    Path journal() {
      return super.journal().resolveSibling("journal-" + ProcessHandle.current().pid());
    }
  }

  /** A put is written with the next call: a process that is killed loses it. */
  static final class LateJournal extends SharedJournal {
    LateJournal(String directory) {
      super(directory);
    }

    @Override
    public BackendStorage open(CheckpointCodec codec) {
      BackendStorage good = super.open(codec);
      Map<Thread, Checkpoint> late = new ConcurrentHashMap<>();
      return (BackendStorage)
          Proxy.newProxyInstance(
              BackendStorage.class.getClassLoader(),
              new Class<?>[] {BackendStorage.class},
              (proxy, method, arguments) -> {
                Checkpoint before = late.remove(Thread.currentThread());
                if (before != null) {
                  good.put(before, Expectation.any());
                }
                if (method.getName().equals("put")) {
                  late.put(Thread.currentThread(), (Checkpoint) arguments[0]);
                  return null;
                }
                try {
                  return method.invoke(good, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }
  }
}
