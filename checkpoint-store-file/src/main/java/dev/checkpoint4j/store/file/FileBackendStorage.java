package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.Arguments;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.spi.StorageListener;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps checkpoints in append-only files, one a session, below a directory that any number of
 * threads and processes may use at once. {@code docs/file-format.md} describes every byte.
 *
 * <p><b>Durability.</b> A put is forced to the disk before it returns, with one force of one file
 * (and one of the directory, for the first checkpoint of a session). With {@link
 * Durability#PROCESS_CRASH} nothing is forced.
 *
 * <p><b>Limits.</b> An encoded checkpoint has at most 2 GiB less some bytes. The index of what is
 * stored takes 20 to 30 bytes of memory a checkpoint. The directory must be on a file system with
 * working file locks, and be used through one copy of this class in a process.
 */
public final class FileBackendStorage implements BackendStorage {

  static final String ID = "file";

  /** How long a writer waits for another one by default. */
  public static final Duration DEFAULT_LOCK_TIMEOUT = Duration.ofSeconds(30);

  static final long MAX_DOCUMENT_BYTES = Integer.MAX_VALUE - 16L * Frame.MAX_HEAD_LENGTH;

  private final BackendDescriptor descriptor;
  private final StoreDirectory directory;
  private final CheckpointCodec codec;
  private final StorageListener listener;

  /** Operations share it; closing waits for them. */
  private final ReadWriteLock closing = new ReentrantReadWriteLock();

  private boolean closed;

  private FileBackendStorage(
      StoreDirectory directory,
      CheckpointCodec codec,
      Durability durability,
      StorageListener listener) {
    this.listener = listener;
    this.directory = directory;
    this.codec = codec;
    this.descriptor =
        BackendDescriptor.builder(ID, durability)
            .capabilities(EnumSet.of(Capability.ATTRIBUTE_QUERY))
            .maxDocumentBytes(MAX_DOCUMENT_BYTES)
            .build();
  }

  /**
   * Opens a store that survives the loss of power, with the default lock timeout.
   *
   * @see #open(Path, CheckpointCodec, Durability, Duration)
   */
  public static FileBackendStorage open(Path directory, CheckpointCodec codec) {
    return open(directory, codec, Durability.POWER_LOSS, DEFAULT_LOCK_TIMEOUT);
  }

  /**
   * Opens a store; the directory is made if it is not there.
   *
   * @param directory where the store is, or will be
   * @param codec how checkpoints become bytes
   * @param durability {@link Durability#POWER_LOSS} or {@link Durability#PROCESS_CRASH}; the same
   *     for all handles of a process on one directory
   * @param lockTimeout how long a writer waits for another one of the same session; that of the
   *     process's first handle on the directory counts
   * @throws IllegalArgumentException if the durability is neither of the two
   * @throws dev.checkpoint4j.error.BackendConfigurationException if the place is a file, holds
   *     other files, or was written in a newer format
   * @throws dev.checkpoint4j.error.StorageAccessDeniedException if the directory cannot be read and
   *     written
   * @throws dev.checkpoint4j.error.StorageUnavailableException if the file system fails
   */
  public static FileBackendStorage open(
      Path directory, CheckpointCodec codec, Durability durability, Duration lockTimeout) {
    return open(directory, codec, durability, lockTimeout, event -> {});
  }

  /**
   * Opens a store and tells a listener what is put in order in it: an unfinished write of a process
   * that died and is cut off or taken over, an index that is built anew.
   *
   * @param listener is told of repairs, while this handle is open, of all handles of this process;
   *     not of calls. Must not throw
   * @see #open(Path, CheckpointCodec, Durability, Duration)
   */
  public static FileBackendStorage open(
      Path directory,
      CheckpointCodec codec,
      Durability durability,
      Duration lockTimeout,
      StorageListener listener) {
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(codec, "codec");
    Objects.requireNonNull(lockTimeout, "lockTimeout");
    Objects.requireNonNull(listener, "listener");
    if (Objects.requireNonNull(durability, "durability") == Durability.VOLATILE) {
      throw new IllegalArgumentException("files are not volatile; use the memory store");
    }
    ErrorContext context = ErrorContext.of(ID, "open");
    return IoErrors.run(
        context,
        () ->
            new FileBackendStorage(
                StoreDirectory.open(directory, durability, lockTimeout, listener, context),
                codec,
                durability,
                listener));
  }

  /**
   * The directory that a URL of a file store names.
   *
   * @param location what stands in the URL between the scheme's colon and the options
   * @throws BackendConfigurationException if it names no local directory
   */
  public static Path directory(String location) {
    if (location.isEmpty() || (location.startsWith("//") && !location.startsWith("///"))) {
      throw refused("names no local directory; write file:./state or file:/var/lib/state", null);
    }
    if (location.equals("~") || location.startsWith("~/")) {
      throw refused("starts with ~, which only a shell knows; write the whole path", null);
    }
    try {
      return location.startsWith("///")
          ? Path.of(URI.create("file:" + location))
          : Path.of(location);
    } catch (IllegalArgumentException e) {
      throw refused("names no legal path: " + e.getMessage(), e);
    }
  }

  private static BackendConfigurationException refused(String problem, @Nullable Throwable cause) {
    return new BackendConfigurationException(ID, List.of("the URL " + problem), cause);
  }

  @Override
  public BackendDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public void put(Checkpoint checkpoint) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    ErrorContext context = ErrorContext.of(ID, "put").checkpoint(checkpoint);
    this.<Optional<Void>>run(
        context,
        checkpoint.namespace(),
        namespace -> {
          namespace.put(checkpoint, codec, context);
          return Optional.empty();
        });
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    Arguments.checkNamespace(namespace);
    Arguments.checkId(id);
    ErrorContext context = ErrorContext.of(ID, "get").checkpoint(namespace, id);
    return run(context, namespace, stored -> stored.get(id, codec, context));
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    ErrorContext context = ErrorContext.of(ID, "getBySession").session(session);
    return run(
        context, session.namespace(), stored -> stored.latest(session.sessionId(), codec, context));
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return list("list", query, CheckpointCodec::decode);
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return list("listHeaders", query, CheckpointCodec::decodeHeader);
  }

  private <T> Page<T> list(
      String operation, CheckpointQuery query, FileNamespace.ListView<T> view) {
    Objects.requireNonNull(query, "query");
    ErrorContext context =
        query
            .sessionId()
            .map(id -> new SessionKey(query.namespace(), id))
            .map(ErrorContext.of(ID, operation)::session)
            .orElse(ErrorContext.of(ID, operation).namespace(query.namespace()));
    return run(context, query.namespace(), stored -> stored.list(query, view, codec, context));
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    Arguments.checkNamespace(namespace);
    Arguments.checkLimit(limit);
    Optional<ListCursor> start =
        Objects.requireNonNull(cursor, "cursor").map(ListCursor::decodeSessions);
    ErrorContext context = ErrorContext.of(ID, "listSessions").namespace(namespace);
    return run(context, namespace, stored -> stored.listSessions(limit, start, context));
  }

  @Override
  @CanIgnoreReturnValue
  public long delete(String namespace, Collection<String> ids) {
    Arguments.checkNamespace(namespace);
    Set<String> distinct = Arguments.checkIds(ids);
    ErrorContext context = ErrorContext.of(ID, "delete").namespace(namespace);
    return run(context, namespace, stored -> stored.delete(distinct, context));
  }

  @Override
  @CanIgnoreReturnValue
  public long deleteBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    ErrorContext context = ErrorContext.of(ID, "deleteBySession").session(session);
    return run(
        context, session.namespace(), stored -> stored.deleteSession(session.sessionId(), context));
  }

  @Override
  public void close() {
    closing.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        directory.release(listener);
      }
    } catch (IOException e) {
      throw IoErrors.notApplied(e, ErrorContext.of(ID, "close"));
    } finally {
      closing.writeLock().unlock();
    }
  }

  private interface NamespaceAction<R> {
    R run(FileNamespace namespace) throws IOException;
  }

  @CanIgnoreReturnValue
  private <R> R run(ErrorContext context, String namespace, NamespaceAction<R> action) {
    closing.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("this handle of the file store is closed");
      }
      return IoErrors.run(context, () -> run(directory.namespace(namespace), action));
    } finally {
      closing.readLock().unlock();
    }
  }

  /** An operation that finds the index changed by a foreign hand has not written anything yet. */
  private static <R> R run(FileNamespace namespace, NamespaceAction<R> action) throws IOException {
    try {
      return action.run(namespace);
    } catch (NamespaceIndex.ChangedException e) {
      namespace.forgetIndex();
      return action.run(namespace);
    }
  }
}
