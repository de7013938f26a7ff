package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What all rules share: the scope of a test, its handles and data, and the ways to look at it. */
abstract class RuleSupport {

  private static final SecureRandom NAMES = new SecureRandom();
  private static final int NAME_LENGTH = 12;
  private static final Instant BASE_TS = Instant.parse("2026-01-01T00:00:00Z");
  private static final String ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz0123456789";

  private final List<BackendStorage> handles = new ArrayList<>();
  private final AtomicLong ids = new AtomicLong();
  private Random random = new Random(0);
  private @Nullable TckRun run;
  private @Nullable TckScope scope;
  private @Nullable Path directory;
  private @Nullable BackendStorage storage;

  protected abstract BackendStorage open(TckScope scope);

  protected abstract Set<Capability> expectedCapabilities();

  protected abstract void dispose(TckScope scope);

  protected abstract Optional<Durability> expectedDurability();

  protected abstract OptionalLong expectedMaxDocumentBytes();

  protected abstract Map<String, String> deviations();

  protected abstract Optional<FaultInjector> faultInjector(TckScope scope);

  protected abstract Optional<LongSupplier> operationCounter(TckScope scope);

  protected abstract Map<String, String> childProcessProperties(TckScope scope);

  final void prepare(TckRun run, String test) {
    this.run = run;
    this.random = new Random(run.seed() ^ test.hashCode());
  }

  @BeforeEach
  final void enterScope(@TempDir Path directory) {
    this.directory = directory;
    scope = new TckScope(directory, newName());
  }

  private static String newName() {
    StringBuilder name = new StringBuilder();
    while (name.length() < NAME_LENGTH) {
      int letters = name.isEmpty() ? ALPHANUMERIC.length() - 10 : ALPHANUMERIC.length();
      name.append(ALPHANUMERIC.charAt(NAMES.nextInt(letters)));
    }
    return name.toString();
  }

  /** Leaves the scope of this test and enters another, for a rule that needs several stores. */
  final void freshStore() {
    leaveScope();
    String name = newName();
    try {
      Path location = Objects.requireNonNull(directory, "directory").resolve(name);
      scope = new TckScope(Files.createDirectory(location), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  final void leaveScope() {
    try {
      closeHandles();
    } finally {
      dispose(scope());
    }
  }

  // ---- the scope and its handles

  final TckScope scope() {
    return Objects.requireNonNull(scope, "scope");
  }

  /** The handle that a rule works with unless it needs a second one. */
  final BackendStorage storage() {
    if (storage == null) {
      storage = openHandle();
    }
    return storage;
  }

  /** A further handle on the store of this test; closed at its end. */
  final BackendStorage openHandle() {
    BackendStorage handle = open(scope());
    assertThat(handle).as("what open(scope) returned").isNotNull();
    synchronized (handles) {
      handles.add(handle);
    }
    Objects.requireNonNull(run, "run").saw(handle);
    return handle;
  }

  /** Closes every handle; {@link #storage()} opens a new one. */
  final void closeHandles() {
    synchronized (handles) {
      handles.forEach(BackendStorage::close);
      handles.clear();
    }
    storage = null;
  }

  final boolean declares(Capability capability) {
    return storage().descriptor().capabilities().contains(capability);
  }

  final boolean isVolatile() {
    return storage().descriptor().durability() == Durability.VOLATILE;
  }

  final void requireDurability() {
    if (isVolatile()) {
      throw notApplicable("the backend declares durability VOLATILE");
    }
  }

  /** To be called when something was put: a backend that encodes has done it by then. */
  final void requireCodec() {
    if (!scope().isCodecUsed()) {
      throw notApplicable("the backend does not encode with scope.codec()");
    }
  }

  static RuleNotApplicable notApplicable(String reason) {
    return new RuleNotApplicable(reason);
  }

  // ---- data

  /** Seeded: the same for every run with the same seed. */
  final Random random() {
    return random;
  }

  /** The namespace of this test: no other test, of this run or another, uses it. */
  final String namespace() {
    return scope().namespace();
  }

  final SessionKey session(String sessionId) {
    return new SessionKey(namespace(), sessionId);
  }

  /**
   * A checkpoint in this test's namespace. Its id and its time are of no order, so that a backend
   * that sorts by either is found out.
   */
  final Checkpoint.Builder draft(String sessionId, long version) {
    return draft(CheckpointMetadata.of(sessionId), version);
  }

  final Checkpoint.Builder draft(CheckpointMetadata metadata, long version) {
    return Checkpoint.builder(metadata)
        .namespace(namespace())
        .id("%08x-%d".formatted(random.nextInt(), ids.incrementAndGet()))
        .version(version)
        .ts(BASE_TS.plus(random.nextInt(1_000_000_000), ChronoUnit.MICROS))
        .values(Map.of("version", version));
  }

  final Checkpoint checkpoint(String sessionId, long version) {
    return draft(sessionId, version).build();
  }

  @CanIgnoreReturnValue
  final Checkpoint put(Checkpoint checkpoint) {
    storage().put(checkpoint);
    return checkpoint;
  }

  /** Puts a checkpoint with a content of its own. */
  @CanIgnoreReturnValue
  final Checkpoint put(String sessionId, long version) {
    return put(checkpoint(sessionId, version));
  }

  @CanIgnoreReturnValue
  final List<Checkpoint> putAll(String sessionId, long... versions) {
    return LongStream.of(versions).mapToObj(version -> put(sessionId, version)).toList();
  }

  // ---- looking

  final CheckpointQuery.Builder query() {
    return CheckpointQuery.builder(namespace());
  }

  /** Everything in this test's namespace, read page by page. */
  final List<Checkpoint> listAll(BackendStorage handle) {
    return listAll(handle, query().limit(CheckpointQuery.DEFAULT_LIMIT).build());
  }

  /** Everything the query matches, read in pages of its limit. */
  static List<Checkpoint> listAll(BackendStorage handle, CheckpointQuery query) {
    return allPages(
        query.toString(),
        query.limit(),
        cursor -> handle.list(query.toBuilder().cursor(cursor.orElse(null)).build()));
  }

  /** As {@link #listAll(BackendStorage, CheckpointQuery)}. */
  static List<CheckpointHeader> listAllHeaders(BackendStorage handle, CheckpointQuery query) {
    return allPages(
        "listHeaders by " + query,
        query.limit(),
        cursor -> handle.listHeaders(query.toBuilder().cursor(cursor.orElse(null)).build()));
  }

  static List<SessionKey> listSessions(BackendStorage handle, String namespace, int limit) {
    return allPages("listSessions", limit, cursor -> handle.listSessions(namespace, limit, cursor));
  }

  /** Reads all pages and checks what every page promises by itself. */
  static <T> List<T> allPages(String what, int limit, Function<Optional<String>, Page<T>> fetch) {
    int mostPages = 10_000;
    List<T> items = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    for (int pages = 0; pages < mostPages; pages++) {
      Page<T> page = fetch.apply(cursor);
      checkPage(what, limit, page);
      items.addAll(page.items());
      if (page.nextCursor().isEmpty()) {
        return items;
      }
      cursor = page.nextCursor();
    }
    throw new AssertionError(what + " did not end after " + mostPages + " pages");
  }

  /** A page keeps the limit, and is short only if it is the last. */
  static void checkPage(String what, int limit, Page<?> page) {
    assertThat(page.items())
        .as("entries of one page of %s with limit %d", what, limit)
        .hasSizeLessThanOrEqualTo(limit);
    if (page.items().size() < limit) {
      assertThat(page.nextCursor())
          .as(
              "cursor of a page of %s with %d entries, fewer than the limit %d: the last page",
              what, page.items().size(), limit)
          .isEmpty();
    }
  }

  static List<String> idsOf(List<Checkpoint> checkpoints) {
    return checkpoints.stream().map(Checkpoint::id).toList();
  }

  static List<Long> versionsOf(List<Checkpoint> checkpoints) {
    return checkpoints.stream().map(Checkpoint::version).toList();
  }

  // ---- judging

  /** The checkpoint is found by its id, equal and of the same Java types. */
  static void assertStored(String when, BackendStorage handle, Checkpoint expected) {
    assertSame(
        "get(%s) %s".formatted(Differences.quote(expected.id()), when),
        expected,
        handle.get(expected.namespace(), expected.id()));
  }

  static void assertNotStored(String when, BackendStorage handle, Checkpoint refused) {
    assertThat(handle.get(refused.namespace(), refused.id()))
        .as("get(%s) %s", Differences.quote(refused.id()), when)
        .isEmpty();
  }

  /** The checkpoint is the latest of its session. */
  static void assertLatest(String when, BackendStorage handle, Checkpoint expected) {
    assertSame(
        "getBySession(%s) %s".formatted(Differences.quote(expected.sessionKey().sessionId()), when),
        expected,
        handle.getBySession(expected.sessionKey()));
  }

  static void assertNoLatest(String when, BackendStorage handle, SessionKey session) {
    assertThat(handle.getBySession(session))
        .as("getBySession(%s) %s", Differences.quote(session.sessionId()), when)
        .isEmpty();
  }

  private static void assertSame(String what, Checkpoint expected, Optional<Checkpoint> actual) {
    assertThat(actual).as("%s, where %s is stored", what, expected).isPresent();
    assertSame(what, expected, actual.orElseThrow());
  }

  static void assertSame(String what, Checkpoint expected, Checkpoint actual) {
    Differences.first(expected, actual)
        .ifPresent(
            difference -> {
              throw new AssertionError(what + ": " + difference + "; expected " + expected);
            });
  }

  /**
   * The store holds these checkpoints of this test's namespace, in whatever order, and no other.
   */
  final void assertHolds(String when, BackendStorage handle, List<Checkpoint> expected) {
    List<Checkpoint> actual = listAll(handle);
    assertThat(idsOf(actual))
        .as("ids of all checkpoints of the namespace %s", when)
        .containsExactlyInAnyOrderElementsOf(idsOf(expected));
    for (Checkpoint checkpoint : expected) {
      Checkpoint listed =
          actual.stream().filter(found -> found.id().equals(checkpoint.id())).findFirst().get();
      assertSame("list " + when, checkpoint, listed);
    }
  }

  /** The call fails with this kind of exception. */
  static <E extends Throwable> E assertFails(
      String what, Class<E> expected, ThrowingCallable call) {
    Throwable failure = catchThrowable(call);
    if (!expected.isInstance(failure)) {
      String seen = failure == null ? "it succeeded" : "it threw " + failure;
      throw new AssertionError(
          "%s: expected a %s, but %s".formatted(what, expected.getSimpleName(), seen), failure);
    }
    return expected.cast(failure);
  }
}
