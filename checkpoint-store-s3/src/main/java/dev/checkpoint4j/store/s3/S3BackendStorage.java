package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.AbstractBackendStorage;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.CallGuard;
import dev.checkpoint4j.spi.DocumentCodec;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.store.s3.internal.S3Backend;
import dev.checkpoint4j.store.s3.internal.client.S3Errors;
import dev.checkpoint4j.store.s3.internal.session.ContendedException;
import dev.checkpoint4j.store.s3.internal.session.DeleteOperation;
import dev.checkpoint4j.store.s3.internal.session.DeleteOperation.Deleter;
import dev.checkpoint4j.store.s3.internal.session.DeleteSessionOperation;
import dev.checkpoint4j.store.s3.internal.session.LatestReader;
import dev.checkpoint4j.store.s3.internal.session.NamespaceReader;
import dev.checkpoint4j.store.s3.internal.session.PageReader;
import dev.checkpoint4j.store.s3.internal.session.PutOperation;
import dev.checkpoint4j.store.s3.internal.session.S3Namespace;
import dev.checkpoint4j.store.s3.internal.session.S3Store;
import dev.checkpoint4j.store.s3.internal.session.StripedLocks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Stores checkpoints as objects in a bucket of Amazon S3 or of a compatible server. Any number of
 * threads and processes may use the same bucket and prefix at once; {@code docs/s3-layout.md}
 * describes the objects and the protocol.
 *
 * <p><b>Required of the server.</b> A PutObject with {@code If-None-Match: *} is atomic, and reads
 * and listings show every acknowledged write. Opening a store verifies that the server honours
 * {@code If-None-Match}.
 *
 * <p><b>Requests.</b> A put takes two requests at once if this handle was the last to write to the
 * session, or has read its latest checkpoint since; otherwise four. One that expects the latest
 * checkpoint takes three in two round trips, or five. Reading the latest checkpoint takes two, at
 * once if this handle has written or read it within the last minute, and four if another handle has
 * changed it since. Reading one by id takes two; a page of k takes one, one for each checkpoint,
 * and sometimes one more. Deleting takes six for each id, eight if it is not the latest, or two for
 * each checkpoint of a session, one if they are an hour old. Conflicts between writers cost more.
 *
 * <p><b>Durability.</b> That of the server; the store declares {@code POWER_LOSS}.
 *
 * <p><b>Deletion.</b> A deletion leaves objects of some bytes. Each lookup of an id that was
 * deleted and used again takes one request more. An id must not be used again while a deletion of
 * its session is in progress.
 *
 * <p><b>Conditions.</b> A bucket finds checkpoints by id and by session. For other conditions, the
 * store reads every document of the session or of the namespace. It refuses conditions on
 * attributes, which a repository evaluates.
 *
 * <p><b>Interruption.</b> An interrupted thread is refused before anything is sent. A call that has
 * started completes.
 */
public final class S3BackendStorage extends AbstractBackendStorage {

  private final S3Store store;
  private final Runnable closer;

  /** The most that a call may take; the caller may give it less. */
  private final Duration timeout;

  private final DocumentCodec documents;
  private final CallGuard guard = new CallGuard("S3 store");

  /** By session: the writers of a session take turns. */
  private final StripedLocks writers = new StripedLocks();

  private final Deleter deleter = Deleter.create();

  S3BackendStorage(S3Store store, Duration timeout, Runnable closer) {
    super(BackendDescriptor.builder(S3Backend.ID, Durability.POWER_LOSS).build());
    this.store = store;
    this.documents = new DocumentCodec(store.codec(), descriptor().maxDocumentBytes());
    this.timeout = timeout;
    this.closer = closer;
  }

  /** Creates a builder. */
  public static S3BackendStorageBuilder builder() {
    return new S3BackendStorageBuilder();
  }

  @Override
  protected void doPut(Checkpoint checkpoint, Expectation expectation) {
    ErrorContext context = context("put").checkpoint(checkpoint);
    open(
        context,
        () -> {
          byte[] document = documents.encode(checkpoint, context);
          S3Namespace namespace = store.namespace(checkpoint.namespace());
          return writers.call(
              namespace.keys().sessionPrefix(checkpoint.metadata().sessionId()),
              () -> {
                new PutOperation(namespace, checkpoint, expectation, document, context).run();
                return checkpoint;
              });
        });
  }

  @Override
  protected Optional<Checkpoint> doGet(String namespace, String id) {
    ErrorContext context = context("get").checkpoint(namespace, id);
    return open(context, () -> store.namespace(namespace).get(id, context));
  }

  @Override
  protected Optional<Checkpoint> doGetBySession(SessionKey session) {
    ErrorContext context = context("getBySession").session(session);
    return open(
        context,
        () ->
            new LatestReader(store.namespace(session.namespace()), session.sessionId(), context)
                .read());
  }

  @Override
  protected Page<Checkpoint> doList(CheckpointQuery query, Optional<ListCursor> start) {
    return list("list", query, start, PageReader::checkpoints);
  }

  @Override
  protected Page<CheckpointHeader> doListHeaders(
      CheckpointQuery query, Optional<ListCursor> start) {
    return list("listHeaders", query, start, PageReader::headers);
  }

  /** Reads a page that starts after a slot, if its key is set. */
  private interface PageRead<T> {
    Page<T> read(PageReader reader, CheckpointQuery query, Optional<String> start);
  }

  private <T> Page<T> list(
      String operation, CheckpointQuery query, Optional<ListCursor> start, PageRead<T> page) {
    ErrorContext context = context(operation).query(query);
    S3Namespace namespace = store.namespace(query.namespace());
    Optional<String> startKey =
        start.map(cursor -> PageReader.slotKey(namespace.keys(), query, cursor));
    return open(context, () -> page.read(new PageReader(namespace, context), query, startKey));
  }

  @Override
  protected Page<SessionKey> doListSessions(
      String namespace, int limit, Optional<ListCursor> start) {
    S3Namespace opened = store.namespace(namespace);
    Optional<String> startPrefix =
        start.map(cursor -> PageReader.sessionPrefix(opened.keys(), cursor));
    ErrorContext context = context("listSessions").namespace(namespace);
    return open(
        context, () -> new PageReader(opened, context).sessions(namespace, limit, startPrefix));
  }

  @Override
  protected Page<String> doListNamespaces(int limit, Optional<ListCursor> start) {
    ErrorContext context = context("listNamespaces");
    NamespaceReader reader = new NamespaceReader(store, context);
    Optional<String> startPrefix = start.map(reader::startAfter);
    return open(context, () -> reader.namespaces(limit, startPrefix));
  }

  @Override
  protected long doDelete(String namespace, Set<String> ids) {
    ErrorContext context = context("delete").namespace(namespace);
    return openDeletion(
        context,
        () ->
            new DeleteOperation(store.namespace(namespace), deleter, timeout)
                .run(List.copyOf(ids)));
  }

  @Override
  protected long doDeleteBySession(SessionKey session) {
    ErrorContext context = context("deleteBySession").session(session);
    return openDeletion(
        context,
        () ->
            new DeleteSessionOperation(
                    store.namespace(session.namespace()),
                    session.sessionId(),
                    deleter,
                    S3Namespace.MIN_AGE,
                    timeout)
                .run());
  }

  /** Waits for the calls in flight, at most for the time that a call may take. */
  @Override
  protected void doClose() {
    if (guard.close(CallDeadline.current().within(timeout).remaining())) {
      closer.run();
    }
  }

  /** Runs a call, which as a whole has the timeout of the store. */
  @CanIgnoreReturnValue
  private <R> R open(ErrorContext context, Supplier<R> action) {
    return open(
        context, S3Errors::notApplied, () -> CallDeadline.current().within(timeout).call(action));
  }

  /** Runs a deletion, of which each batch has the timeout of the store. */
  private long openDeletion(ErrorContext context, Supplier<Long> deletion) {
    return open(context, S3Errors::partlyDone, deletion);
  }

  @CanIgnoreReturnValue
  private <R> R open(
      ErrorContext context,
      BiFunction<SdkException, ErrorContext, ? extends RuntimeException> meaning,
      Supplier<R> action) {
    return guard.call(
        () -> {
          if (Thread.currentThread().isInterrupted()) {
            throw unavailable("the thread is interrupted; nothing was changed", context, null);
          }
          try {
            return action.get();
          } catch (SdkException e) {
            throw meaning.apply(e, context);
          } catch (ContendedException e) {
            throw unavailable(
                "gave up after repeated conflicts with other writers of the session; nothing was"
                    + " changed. Try again",
                context,
                e);
          }
        });
  }

  private static StorageUnavailableException unavailable(
      String message, ErrorContext context, @Nullable Throwable cause) {
    return new StorageUnavailableException(message, context, cause);
  }
}
