package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.AbstractBackendStorage;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.CallGuard;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.DocumentCodec;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.spi.StorageListener;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Stores checkpoints in append-only files, one for each session, in a directory that any number of
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
public final class FileBackendStorage extends AbstractBackendStorage {

  static final String ID = "file";

  /** How long a writer waits for another one by default. */
  public static final Duration DEFAULT_LOCK_TIMEOUT = Duration.ofSeconds(30);

  static final long MAX_DOCUMENT_BYTES = Integer.MAX_VALUE - 16L * Frame.MAX_HEAD_LENGTH;

  private final StoreDirectory directory;
  private final DocumentCodec documents;
  private final StorageListener listener;
  private final Duration lockTimeout;

  private final CallGuard guard = new CallGuard("file store");

  private FileBackendStorage(
      StoreDirectory directory,
      CheckpointCodec codec,
      Durability durability,
      Duration lockTimeout,
      StorageListener listener) {
    super(
        BackendDescriptor.builder(ID, durability)
            .capabilities(EnumSet.of(Capability.ATTRIBUTE_QUERY))
            .maxDocumentBytes(MAX_DOCUMENT_BYTES)
            .build());
    this.listener = listener;
    this.lockTimeout = lockTimeout;
    this.directory = directory;
    this.documents = new DocumentCodec(codec, MAX_DOCUMENT_BYTES);
  }

  /** Creates a builder. */
  public static FileBackendStorageBuilder builder() {
    return new FileBackendStorageBuilder();
  }

  /**
   * Opens a store that survives the loss of power, with the default lock timeout.
   *
   * @see FileBackendStorageBuilder#open()
   */
  public static FileBackendStorage open(Path directory, CheckpointCodec codec) {
    return builder().directory(directory).codec(codec).open();
  }

  static FileBackendStorage open(
      Path directory,
      CheckpointCodec codec,
      Durability durability,
      Duration lockTimeout,
      StorageListener listener) {
    ErrorContext context = ErrorContext.of(ID, "open");
    return IoErrors.run(
        context,
        lockTimeout,
        () ->
            new FileBackendStorage(
                StoreDirectory.open(directory, durability, listener, context),
                codec,
                durability,
                lockTimeout,
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
    if (location.startsWith("$") || location.contains("${")) {
      throw refused("names a variable, which only a shell replaces; write the whole path", null);
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
  protected void doPut(Checkpoint checkpoint, Expectation expectation) {
    ErrorContext context = context("put").checkpoint(checkpoint);
    this.<Optional<Void>>run(
        context,
        checkpoint.namespace(),
        namespace -> {
          namespace.put(checkpoint, expectation, documents, context);
          return Optional.empty();
        });
  }

  @Override
  protected Optional<Checkpoint> doGet(String namespace, String id) {
    ErrorContext context = context("get").checkpoint(namespace, id);
    return run(context, namespace, stored -> stored.get(id, documents, context));
  }

  @Override
  protected Optional<Checkpoint> doGetBySession(SessionKey session) {
    ErrorContext context = context("getBySession").session(session);
    return run(
        context,
        session.namespace(),
        stored -> stored.latest(session.sessionId(), documents, context));
  }

  @Override
  protected Page<Checkpoint> doList(CheckpointQuery query, Optional<ListCursor> start) {
    return list("list", query, start, DocumentCodec::decode);
  }

  @Override
  protected Page<CheckpointHeader> doListHeaders(
      CheckpointQuery query, Optional<ListCursor> start) {
    return list("listHeaders", query, start, DocumentCodec::decodeHeader);
  }

  private <T> Page<T> list(
      String operation,
      CheckpointQuery query,
      Optional<ListCursor> start,
      NamespaceReader.ListView<T> view) {
    ErrorContext context = context(operation).query(query);
    return run(
        context, query.namespace(), stored -> stored.list(query, start, view, documents, context));
  }

  @Override
  protected Page<SessionKey> doListSessions(
      String namespace, int limit, Optional<ListCursor> start) {
    ErrorContext context = context("listSessions").namespace(namespace);
    return run(context, namespace, stored -> stored.listSessions(limit, start, context));
  }

  @Override
  protected Page<String> doListNamespaces(int limit, Optional<ListCursor> start) {
    ErrorContext context = context("listNamespaces");
    return run(context, () -> directory.listNamespaces(limit, start, context));
  }

  @Override
  protected long doDelete(String namespace, Set<String> ids) {
    ErrorContext context = context("delete").namespace(namespace);
    return run(context, namespace, stored -> stored.delete(ids, context));
  }

  @Override
  protected long doDeleteBySession(SessionKey session) {
    ErrorContext context = context("deleteBySession").session(session);
    return run(
        context, session.namespace(), stored -> stored.deleteSession(session.sessionId(), context));
  }

  /**
   * Closes the handle. Waits for calls under way, at most as long as the lock time-out; a call that
   * takes longer fails with a typed exception.
   */
  @Override
  protected void doClose() {
    if (guard.close(lockTimeout)) {
      try {
        directory.release(listener);
      } catch (IOException e) {
        throw IoErrors.notApplied(e, context("close"));
      }
    }
  }

  private interface NamespaceAction<R> {
    R run(FileNamespace namespace) throws IOException;
  }

  @CanIgnoreReturnValue
  private <R> R run(ErrorContext context, String namespace, NamespaceAction<R> action) {
    return run(context, () -> action.run(directory.namespace(namespace)));
  }

  private <R> R run(ErrorContext context, IoErrors.IoAction<R> action) {
    return guard.call(() -> IoErrors.run(context, lockTimeout, action));
  }
}
