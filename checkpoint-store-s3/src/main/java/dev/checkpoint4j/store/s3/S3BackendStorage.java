package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.Arguments;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.store.s3.Bucket.Part;
import dev.checkpoint4j.store.s3.History.ContendedException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Keeps checkpoints as objects in a bucket of Amazon S3 or of a server that is compatible with it.
 * Any number of threads and processes may use the same bucket and prefix at once; {@code
 * docs/s3-layout.md} describes the objects and says why that is safe.
 *
 * <p><b>What it takes of the server.</b> That a PutObject with {@code If-None-Match: *} is atomic,
 * and that reads and listings show every write that was acknowledged. It is looked, when a store is
 * opened, whether the server honours the condition at all.
 *
 * <p><b>Requests.</b> A put takes two at once when this handle was the last to write to the
 * session, or has read its latest checkpoint since, four otherwise. The latest checkpoint takes
 * two, at once when this handle has written it or read it before, within the last minute, and four
 * when another handle has changed that. One by id takes two, a page of k one and one for each, and
 * now and then one more; deleting by id six for each id, deleting a session two for each
 * checkpoint, or one when they are an hour old. More are needed where writers get in each other's
 * way.
 *
 * <p><b>Durability.</b> That of the server: {@code POWER_LOSS} is declared.
 *
 * <p><b>Deletion.</b> What was deleted leaves objects of some bytes behind. Of an id that was
 * deleted and is used anew, each look-up takes a request more. An id must not be used anew while a
 * deletion of its session is still under way.
 *
 * <p><b>Conditions.</b> A bucket finds checkpoints by id and by session. For other conditions every
 * document of the session, or of the namespace, is read. Conditions on attributes are refused: a
 * repository decides them.
 *
 * <p><b>Interruption.</b> An interrupted thread is refused before anything is sent; a call that has
 * begun comes to its end.
 */
public final class S3BackendStorage implements BackendStorage {

  static final String ID = "s3";

  private final BackendDescriptor descriptor;
  private final Bucket bucket;
  private final Keys keys;
  private final CheckpointCodec codec;
  private final Runnable closer;
  private final Hints hints = new Hints();
  private final Locks writers = new Locks();
  private final Deletions deletions;

  /** Operations share it; closing waits for them. */
  private final ReadWriteLock closing = new ReentrantReadWriteLock();

  private boolean closed;

  S3BackendStorage(Bucket bucket, Keys keys, CheckpointCodec codec, Runnable closer) {
    this.bucket = bucket;
    this.keys = keys;
    this.codec = codec;
    this.closer = closer;
    this.deletions = new Deletions(bucket, hints, Deletions.GRACE);
    this.descriptor = BackendDescriptor.builder(ID, Durability.POWER_LOSS).build();
  }

  /** Starts a store in a bucket. */
  public static S3BackendStorageBuilder builder() {
    return new S3BackendStorageBuilder();
  }

  @Override
  public BackendDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public void put(Checkpoint checkpoint) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    ErrorContext context = ErrorContext.of(ID, "put").checkpoint(checkpoint);
    open(
        context,
        () -> {
          byte[] document = encode(checkpoint, context);
          Decoder decoder = decoder(checkpoint.namespace(), context);
          Lock lock = writers.of(keys.session(checkpoint.sessionKey()));
          lock.lock();
          try {
            new Put(
                    bucket,
                    keys,
                    hints,
                    checkpoint,
                    document,
                    stored -> decoder.checkpoint(checkpoint.id(), stored),
                    context)
                .run();
          } finally {
            lock.unlock();
          }
          return checkpoint;
        });
  }

  private byte[] encode(Checkpoint checkpoint, ErrorContext context) {
    try {
      return codec.encode(checkpoint);
    } catch (CodecException e) {
      throw new StorageLimitExceededException(
          "the checkpoint is larger than can be encoded; nothing was changed. Store less",
          context,
          e);
    }
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    Arguments.checkNamespace(namespace);
    Arguments.checkId(id);
    ErrorContext context = ErrorContext.of(ID, "get").checkpoint(namespace, id);
    return open(
        context,
        () ->
            Optional.of(history(namespace).find(id, Part.ALL))
                .filter(History.Found::isStored)
                .map(History.Found::document)
                .map(document -> decoder(namespace, context).checkpoint(id, document)));
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    ErrorContext context = ErrorContext.of(ID, "getBySession").session(session);
    return open(
        context,
        () -> {
          String slots = keys.session(session);
          History history = history(session.namespace());
          Decoder decoder = decoder(session.namespace(), context);
          Hints.Moment since = Hints.Moment.now();
          Optional<Hints.End> remembered = hints.get(slots);
          return remembered
              .flatMap(end -> rememberedLatest(history, slots, end, since))
              .map(
                  document ->
                      decoder.inSlot(Keys.slot(slots, remembered.orElseThrow().slot()), document))
              .or(() -> latest(history, slots, remembered).map(decoder::checkpoint));
        });
  }

  private Optional<Document> rememberedLatest(
      History history, String slots, Hints.End end, Hints.Moment since) {
    String name = end.document();
    if (name == null) {
      return Optional.empty();
    }
    Optional<Document> latest =
        history.rememberedLatest(slots, end.slot(), name).filter(document -> since.isRecent());
    latest.ifPresent(document -> hints.put(slots, end, since));
    return latest;
  }

  private Optional<History.Look> latest(
      History history, String slots, Optional<Hints.End> remembered) {
    Hints.Moment since = Hints.Moment.now();
    History.Newest newest = history.latest(slots, Part.ALL);
    if (newest.pending().isEmpty()) {
      Hints.End end = newest.end();
      boolean areOthersWriting =
          remembered.filter(before -> before.slot() != end.slot()).isPresent();
      hints.put(slots, areOthersWriting ? end.withoutDocument() : end, since);
    }
    return Optional.ofNullable(newest.stored());
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return list("list", query, Part.ALL, decoder -> (look, header) -> decoder.checkpoint(look));
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return list("listHeaders", query, Part.START, decoder -> (look, header) -> header);
  }

  private <T> Page<T> list(
      String operation, CheckpointQuery query, Part part, Function<Decoder, Pages.View<T>> view) {
    if (!Objects.requireNonNull(query, "query").attributes().isEmpty()) {
      throw new UnsupportedOperationException(
          "the S3 store answers no conditions on attributes; a CheckpointRepository does");
    }
    ErrorContext unnamed = ErrorContext.of(ID, operation).namespace(query.namespace());
    ErrorContext context =
        query
            .sessionId()
            .map(id -> unnamed.session(new SessionKey(query.namespace(), id)))
            .orElse(unnamed);
    Optional<ListCursor> start = query.cursor().map(ListCursor::decode);
    Decoder decoder = decoder(query.namespace(), context);
    return open(
        context,
        () ->
            new Pages(bucket, keys, query.namespace(), decoder)
                .list(query, start, part, view.apply(decoder)));
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    Arguments.checkNamespace(namespace);
    Arguments.checkLimit(limit);
    Optional<ListCursor> start =
        Objects.requireNonNull(cursor, "cursor").map(ListCursor::decodeSessions);
    ErrorContext context = ErrorContext.of(ID, "listSessions").namespace(namespace);
    return open(
        context,
        () ->
            new Pages(bucket, keys, namespace, decoder(namespace, context)).sessions(limit, start));
  }

  @Override
  @CanIgnoreReturnValue
  public long delete(String namespace, Collection<String> ids) {
    Arguments.checkNamespace(namespace);
    List<String> distinct = List.copyOf(Arguments.checkIds(ids));
    ErrorContext context = ErrorContext.of(ID, "delete").namespace(namespace);
    return open(
        context,
        S3Errors::outcomeUnknown,
        () -> deletions.delete(keys.namespace(namespace), distinct));
  }

  @Override
  @CanIgnoreReturnValue
  public long deleteBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    ErrorContext context = ErrorContext.of(ID, "deleteBySession").session(session);
    return open(
        context,
        S3Errors::outcomeUnknown,
        () -> deletions.deleteSession(keys.namespace(session.namespace()), keys.session(session)));
  }

  private History history(String namespace) {
    return new History(bucket, keys.namespace(namespace));
  }

  private Decoder decoder(String namespace, ErrorContext context) {
    return new Decoder(codec, history(namespace), namespace, context);
  }

  @Override
  public void close() {
    closing.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        closer.run();
      }
    } finally {
      closing.writeLock().unlock();
    }
  }

  @CanIgnoreReturnValue
  private <R> R open(ErrorContext context, Supplier<R> action) {
    return open(context, S3Errors::notApplied, action);
  }

  @CanIgnoreReturnValue
  private <R> R open(
      ErrorContext context,
      BiFunction<SdkException, ErrorContext, ? extends RuntimeException> meaning,
      Supplier<R> action) {
    closing.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("this handle of the S3 store is closed");
      }
      if (Thread.currentThread().isInterrupted()) {
        throw unavailable("the thread is interrupted; nothing was changed", context, null);
      }
      return action.get();
    } catch (SdkException e) {
      throw meaning.apply(e, context);
    } catch (ContendedException e) {
      throw unavailable(
          "other writers of the session were in the way all the time; nothing was changed. Try"
              + " again",
          context,
          e);
    } finally {
      closing.readLock().unlock();
    }
  }

  private static StorageUnavailableException unavailable(
      String message, ErrorContext context, @Nullable Throwable cause) {
    return new StorageUnavailableException(message, context, cause);
  }
}
