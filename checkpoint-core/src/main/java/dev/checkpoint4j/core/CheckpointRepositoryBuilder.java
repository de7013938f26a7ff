package dev.checkpoint4j.core;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.IdGenerator;
import dev.checkpoint4j.VersionPolicy;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.annotation.CheckReturnValue;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.BackendNotFoundException;
import dev.checkpoint4j.spi.Arguments;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.BackendProvider;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecLookup;
import dev.checkpoint4j.spi.RecoveryEvent;
import dev.checkpoint4j.spi.StorageEvent;
import dev.checkpoint4j.spi.StorageListener;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.spi.VerifyingProvider;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link CheckpointRepository}: of the store that a URL names, or of a storage that the
 * caller created. Everything else has a default. Not safe for use by several threads.
 */
@CanIgnoreReturnValue
public final class CheckpointRepositoryBuilder {

  /** A conflict is no failure of the store: the next attempt has a good chance at once. */
  private static final RetryPolicy CONFLICT_RETRY =
      RetryPolicy.builder()
          .maxAttempts(64)
          .initialDelay(Duration.ofMillis(1))
          .maxDelay(Duration.ofMillis(100))
          .build();

  private static final int MAX_IN_FLIGHT = 1024;

  /** Stands for the backend in errors that come before it is known. */
  private static final String NO_BACKEND = "none";

  private @Nullable String url;
  private @Nullable BackendStorage storage;
  private @Nullable CheckpointCodec codec;
  private @Nullable Executor executor;
  private final Map<String, String> options = new LinkedHashMap<>();
  private final List<StorageListener> listeners = new ArrayList<>();
  private String namespace = Checkpoint.DEFAULT_NAMESPACE;
  private Clock clock = Clock.systemUTC();
  private IdGenerator idGenerator = IdGenerator.uuidV7();
  private VersionPolicy versionPolicy = VersionPolicy.sequential();
  private Duration callTimeout = Duration.ofSeconds(30);
  private RetryPolicy retry = RetryPolicy.standard();
  private RetryPolicy conflictRetry = CONFLICT_RETRY;
  private int maxInFlight = MAX_IN_FLIGHT;
  private Duration closeTimeout = Duration.ofSeconds(30);
  private List<ClassLoader> classLoaders = List.of();

  CheckpointRepositoryBuilder() {}

  /** Sets the URL of the store; either this or {@link #storage} is required. */
  public CheckpointRepositoryBuilder url(String url) {
    this.url = Objects.requireNonNull(url, "url");
    return this;
  }

  /**
   * Sets the store itself, found without any discovery; either this or {@link #url} is required.
   * Closing the repository closes it.
   */
  public CheckpointRepositoryBuilder storage(BackendStorage storage) {
    this.storage = Objects.requireNonNull(storage, "storage");
    return this;
  }

  /**
   * Sets an option of the backend that the URL names; wins over one of the same name in the URL.
   */
  public CheckpointRepositoryBuilder option(String name, String value) {
    options.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return this;
  }

  /** Sets the namespace. Defaults to {@value Checkpoint#DEFAULT_NAMESPACE}. */
  public CheckpointRepositoryBuilder namespace(String namespace) {
    this.namespace = Objects.requireNonNull(namespace, "namespace");
    return this;
  }

  /** Sets the codec of the URL's backend. Defaults to the one codec on the class path. */
  public CheckpointRepositoryBuilder codec(CheckpointCodec codec) {
    this.codec = Objects.requireNonNull(codec, "codec");
    return this;
  }

  /**
   * Sets the clock that gives new checkpoints their time. Defaults to the system's clock. The time
   * orders nothing and may go back.
   */
  public CheckpointRepositoryBuilder clock(Clock clock) {
    this.clock = Objects.requireNonNull(clock, "clock");
    return this;
  }

  /** Sets the generator of the ids of new checkpoints. Defaults to UUIDv7. */
  public CheckpointRepositoryBuilder idGenerator(IdGenerator idGenerator) {
    this.idGenerator = Objects.requireNonNull(idGenerator, "idGenerator");
    return this;
  }

  /** Sets the policy that chooses the versions of new checkpoints. Defaults to 1, 2, 3... */
  public CheckpointRepositoryBuilder versionPolicy(VersionPolicy versionPolicy) {
    this.versionPolicy = Objects.requireNonNull(versionPolicy, "versionPolicy");
    return this;
  }

  /**
   * Sets how long a call of the repository may take, with all its waits and retries: greater than
   * zero. Defaults to 30 seconds. It becomes the {@link dev.checkpoint4j.spi.CallDeadline} that the
   * backend bounds its waits by; a backend's own time-outs apply as well, and the earliest wins.
   *
   * <ul>
   *   <li>{@code save} is one call. So is {@code update}, except that the time its function takes
   *       does not count.
   *   <li>An asynchronous call starts when it is submitted. One that is still waiting for a thread
   *       when its time is over fails with a {@code StorageUnavailableException} and is not
   *       started.
   *   <li>A stream has no limit as a whole: each page that it fetches is a call.
   * </ul>
   *
   * <p>When the time is over, no further attempt is made, and the failure of the last one is
   * thrown.
   */
  public CheckpointRepositoryBuilder callTimeout(Duration callTimeout) {
    this.callTimeout = Objects.requireNonNull(callTimeout, "callTimeout");
    return this;
  }

  /**
   * Sets how operations are repeated when the store fails for a passing reason, as {@link
   * RetryingStorage} does. Defaults to {@link RetryPolicy#standard()}; with {@link
   * RetryPolicy#none()} every failure is thrown.
   */
  public CheckpointRepositoryBuilder retry(RetryPolicy retry) {
    this.retry = Objects.requireNonNull(retry, "retry");
    return this;
  }

  /**
   * Sets how {@code save} and {@code update} are repeated when another writer was faster. Defaults
   * to 64 attempts, up to 100 ms apart.
   */
  public CheckpointRepositoryBuilder conflictRetry(RetryPolicy conflictRetry) {
    this.conflictRetry = Objects.requireNonNull(conflictRetry, "conflictRetry");
    return this;
  }

  /**
   * Adds a listener, which receives every call of the backend, and, if the store is named by a URL,
   * every repair. May be called several times; the listeners are called in that order.
   */
  public CheckpointRepositoryBuilder listener(StorageListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  /**
   * Sets what runs asynchronous operations, which block; the repository does not shut it down.
   * Defaults to virtual threads on Java 21 and later, and before that to a pool of daemon threads,
   * either of which is created when it is needed and ended by {@code close}.
   */
  public CheckpointRepositoryBuilder executor(Executor executor) {
    this.executor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  /**
   * Sets the most asynchronous operations that may be under way, at least 1; more fail with a
   * {@code StorageUnavailableException}. Defaults to 1024.
   */
  public CheckpointRepositoryBuilder maxInFlight(int maxInFlight) {
    this.maxInFlight = maxInFlight;
    return this;
  }

  /** Sets how long {@code close} waits for asynchronous operations. */
  CheckpointRepositoryBuilder closeTimeout(Duration closeTimeout) {
    this.closeTimeout = closeTimeout;
    return this;
  }

  /** Sets where services are found. */
  CheckpointRepositoryBuilder classLoaders(List<ClassLoader> classLoaders) {
    this.classLoaders = List.copyOf(classLoaders);
    return this;
  }

  /**
   * Opens the store and creates the repository. May do I/O.
   *
   * @throws BackendNotFoundException if no backend serves the scheme of the URL; names the artifact
   *     to add
   * @throws BackendConfigurationException listing everything that is wrong with what was set, the
   *     URL, its options or the class path
   * @throws dev.checkpoint4j.error.CheckpointException if the medium cannot be reached
   */
  public CheckpointRepository build() {
    Opened opened = openBackend();
    BackendStorage backend = opened.storage;
    String backendId = backend.descriptor().id();
    for (StorageListener listener : listeners) {
      backend = ObservedStorage.wrap(backend, listener);
    }
    return DefaultCheckpointRepository.owning(
        new RepositoryContext(
            RetryingStorage.wrap(backend, retry),
            opened.codec,
            clock,
            idGenerator,
            versionPolicy,
            callTimeout,
            Retrier.of(conflictRetry),
            new AsyncRunner(backendId, maxInFlight, closeTimeout, executor)),
        namespace);
  }

  /** An open backend, and the codec for {@link CheckpointRepository#codec()}. */
  private record Opened(BackendStorage storage, Supplier<CheckpointCodec> codec) {}

  private Opened openBackend() {
    Problems problems = new Problems();
    problems.collect(() -> Arguments.checkNamespace(namespace));
    if (maxInFlight < 1) {
      problems.add("maxInFlight " + maxInFlight + " is less than 1");
    }
    if (callTimeout.isZero() || callTimeout.isNegative()) {
      problems.add("callTimeout " + callTimeout + " is not greater than zero");
    }
    if (storage != null) {
      checkStorageOnly(problems);
      problems.throwIfAny(storage.descriptor().id());
      return new Opened(storage, CodecLookup::find);
    }
    if (url != null) {
      return openUrl(url, problems);
    }
    problems.add("neither a url nor a storage is set; set one, for example url(\"file:./state\")");
    throw problems.toException(NO_BACKEND);
  }

  private void checkStorageOnly(Problems problems) {
    if (url != null) {
      problems.add("both a url and a storage are set; keep one of them");
    }
    if (!options.isEmpty()) {
      problems.add(
          "options are set beside a storage ("
              + String.join(", ", options.keySet())
              + "); they go with a url only");
    }
    if (codec != null) {
      problems.add("a codec is set beside a storage; it goes with a url only");
    }
  }

  private Opened openUrl(String url, Problems problems) {
    Source source = resolve(url, problems);
    BackendStorage backend =
        Objects.requireNonNull(
            source.provider.open(source.config.withListener(ofRepairs()), source.codec),
            () -> source.provider.getClass().getName() + ".open returned null");
    return new Opened(backend, () -> source.codec);
  }

  /**
   * Verifies the store that the {@link #url} names, without opening it: reads all of it, and
   * reports how much it holds and what is wrong. Changes nothing, unless {@code options} ask for
   * the removal of leftovers. The store may be in use, or too damaged to be opened. Only the url,
   * its options and the codec count.
   *
   * @throws UnsupportedOperationException if the backend cannot verify its stores, or cannot remove
   *     leftovers
   * @throws BackendNotFoundException if no backend serves the scheme of the URL; names the artifact
   *     to add
   * @throws BackendConfigurationException listing everything that is wrong with the URL, its
   *     options or the class path, or if there is no store
   * @throws dev.checkpoint4j.error.CheckpointException if the medium cannot be read
   * @see VerifyingProvider#verify
   */
  @CheckReturnValue
  public VerificationReport verify(VerificationOptions options) {
    Objects.requireNonNull(options, "options");
    Problems problems = new Problems();
    if (url == null) {
      problems.add("no url is set; set that of the store, for example url(\"file:./state\")");
      throw problems.toException(NO_BACKEND);
    }
    Source source = resolve(url, problems);
    if (!(source.provider instanceof VerifyingProvider verifying)) {
      throw new UnsupportedOperationException(
          "backend '"
              + source.provider.id()
              + "' cannot verify its stores: "
              + source.provider.getClass().getName()
              + " is no VerifyingProvider");
    }
    return Objects.requireNonNull(
        verifying.verify(source.config, source.codec, options),
        () -> source.provider.getClass().getName() + ".verify returned null");
  }

  /** Where a store is, and what reads it. */
  private record Source(BackendProvider provider, BackendConfig config, CheckpointCodec codec) {}

  private Source resolve(String url, Problems problems) {
    @Nullable String scheme = problems.collect(() -> schemeOf(url));
    if (scheme == null) {
      throw problems.toException(NO_BACKEND);
    }
    BackendResolver resolver =
        new BackendResolver(
            classLoaders.isEmpty() ? ServiceLookup.defaultClassLoaders() : classLoaders);
    @Nullable BackendProvider provider = problems.collect(() -> resolver.provider(scheme));
    if (provider == null) {
      throw problems.toException(scheme);
    }
    @Nullable BackendConfig config =
        problems.collect(() -> BackendConfig.parse(provider, url, options));
    @Nullable CheckpointCodec used =
        codec == null ? problems.collect(() -> resolver.codec(provider.id())) : codec;
    if (config == null || used == null) {
      throw problems.toException(provider.id());
    }
    problems.throwIfAny(provider.id());
    return new Source(provider, config, used);
  }

  /** Passes repairs of the backend to all listeners; a decorator passes them the calls. */
  private StorageListener ofRepairs() {
    List<SafeListener> all = listeners.stream().map(SafeListener::new).toList();
    return new StorageListener() {
      @Override
      public void onEvent(StorageEvent event) {}

      @Override
      public void onRecovery(RecoveryEvent repair) {
        all.forEach(listener -> listener.onRecovery(repair));
      }
    };
  }

  /** The scheme of the URL, unless it is a path: a single letter is a drive of Windows. */
  private static String schemeOf(String url) {
    int colon = url.indexOf(':');
    boolean isPath = colon < 0 || colon == 1 || url.substring(0, colon).matches(".*[/\\\\].*");
    if (isPath) {
      throw new IllegalArgumentException(
          url.isBlank()
              ? "the url is empty; give one, for example file:./state"
              : "the url '"
                  + BackendConfig.maskSecrets(url)
                  + "' has no scheme; did you mean 'file:"
                  + BackendConfig.maskSecrets(url)
                  + "'?");
    }
    return BackendConfig.schemeOf(url);
  }
}
