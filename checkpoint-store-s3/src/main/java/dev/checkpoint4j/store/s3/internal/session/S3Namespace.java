package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.store.s3.internal.ClockReading;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.client.S3ObjectClient;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceKeys;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceObjects;
import java.time.Duration;
import java.util.Optional;

/**
 * A namespace: its keys and objects, and their readers. It has no state of its own.
 *
 * <p>{@code docs/s3-layout.md} is the source of this text. It defines the terms, describes the
 * objects and goes through the cases.
 *
 * <h2>Invariant</h2>
 *
 * <p>A checkpoint consists of two objects. The <b>slot</b> is its place in the session. The
 * <b>checkpoint object</b> holds its document; the id and a generation determine its key. The
 * checkpoint is <b>stored</b> if and only if
 *
 * <ol>
 *   <li>a slot claims its id and generation,
 *   <li>the checkpoint object of that id and generation belongs to that slot, <b>and</b>
 *   <li>no session tombstone follows the slot.
 * </ol>
 *
 * <p>A read by id checks 1 and 2 only, because the deletion of a session abandons all checkpoints
 * before it creates the session tombstone. (The page has one exception: a slot that remains from a
 * deleted session.)
 *
 * <h2>States</h2>
 *
 * <p>A put creates both objects with {@code If-None-Match: *}, and acknowledges the checkpoint only
 * after both exist. After that, a tombstone may replace either object, which is final.
 *
 * <table>
 * <caption>States of a checkpoint, by its two objects</caption>
 * <tr><th>slot</th><th>checkpoint object</th><th>state</th><th>what may follow</th></tr>
 * <tr><td>none</td><td>none</td><td>absent</td><td>a put creates both</td></tr>
 * <tr><td>claims it</td><td>none</td><td>pending</td>
 *   <td>its writer stores it, or any client abandons it</td></tr>
 * <tr><td>none, it is the next one</td><td>belongs to the slot</td><td>pending</td>
 *   <td>the same</td></tr>
 * <tr><td>claims it</td><td>belongs to the slot</td><td><b>stored</b></td>
 *   <td>a deletion abandons it</td></tr>
 * <tr><td>claims it</td><td>a tombstone, or belongs to another slot</td><td>abandoned</td>
 *   <td>a repair removes the slot</td></tr>
 * <tr><td>a tombstone, or claims another one</td><td>any, or none</td><td>abandoned</td>
 *   <td>a repair removes both</td></tr>
 * <tr><td>removed, newer ones exist</td><td>any, or none</td><td>abandoned</td>
 *   <td>a repair removes the checkpoint object</td></tr>
 * <tr><td>claims it, before a session tombstone</td><td>any, or none</td><td>abandoned</td>
 *   <td>a repair removes the slot</td></tr>
 * </table>
 *
 * <p>Four rules follow:
 *
 * <ol>
 *   <li>Each slot has at most one checkpoint, and an id has at most one checkpoint object per
 *       generation.
 *   <li>A tombstone is final. If one of the two objects is a tombstone, the checkpoint is abandoned
 *       for good.
 *   <li>If one object exists alone, any client may abandon the checkpoint: it creates the other
 *       object as a tombstone, with {@code If-None-Match: *}. If the writer comes later, it finds
 *       the key taken. If the writer was faster, the checkpoint is stored, and the client finds the
 *       key taken. An acknowledged checkpoint is therefore abandoned only by a deletion.
 *   <li>No client claims slot <i>n+1</i> before the checkpoint of slot <i>n</i> is stored or
 *       abandoned. So when slot <i>n+1</i> is claimed, no further checkpoint can be stored before
 *       it, and versions grow with slot numbers.
 * </ol>
 *
 * <h2>Expectations</h2>
 *
 * <p>A put that expects the latest checkpoint creates its slot last, at the moment at which it is
 * stored, and only if it has found no mark of a deletion of that checkpoint. A deletion creates the
 * mark first, then ensures that the slot of such a put is taken, then deletes the checkpoint.
 * {@link CheckpointDeletion} has the steps.
 *
 * <h2>Time</h2>
 *
 * <p>No clock decides which checkpoint is the latest. Clocks decide when an object may be removed:
 * once no handle can rely on it. A handle uses what it remembers of a session for {@link
 * SessionTailCache#MAX_AGE}. An operation acts on what it has read for {@link #MAX_STALENESS}. An
 * object is removed after {@link #MIN_AGE}, the newest slot of a session never.
 */
public final class S3Namespace {

  /**
   * The age from which a slot or a tombstone may be removed: much more than {@link
   * SessionTailCache#MAX_AGE}, and than a request may be in flight.
   */
  public static final Duration MIN_AGE = Duration.ofHours(1);

  /**
   * How long an operation may act on what it has read: much less than {@link #MIN_AGE}, so that
   * nobody can have removed and recreated the object since.
   */
  public static final Duration MAX_STALENESS = MIN_AGE.dividedBy(2);

  private final S3Store store;
  private final NamespaceKeys keys;
  private final NamespaceObjects objects;
  private final SessionReader reader;
  private final CheckpointFinder finder;
  private final CheckpointDecoder decoder;

  S3Namespace(S3Store store, NamespaceKeys keys) {
    this.store = store;
    this.keys = keys;
    this.objects = new NamespaceObjects(store.client(), keys, store.etagsAreMd5());
    this.reader = new SessionReader(store.client(), objects, keys);
    this.finder = new CheckpointFinder(objects, keys, store.clocks());
    this.decoder = new CheckpointDecoder(store.codec(), reader, objects, keys);
  }

  /** Reads a checkpoint by its id; empty if it is not stored. */
  public Optional<Checkpoint> get(String id, ErrorContext context) {
    return finder
        .find(id, ObjectPart.ALL)
        .storedDocument()
        .map(document -> decoder.decode(id, document, context));
  }

  public S3ObjectClient client() {
    return store.client();
  }

  public NamespaceKeys keys() {
    return keys;
  }

  public NamespaceObjects objects() {
    return objects;
  }

  /** Reads by session. */
  public SessionReader reader() {
    return reader;
  }

  /** Reads by id. */
  public CheckpointFinder finder() {
    return finder;
  }

  public CheckpointCodec codec() {
    return store.codec();
  }

  /** Decodes and verifies documents. */
  CheckpointDecoder decoder() {
    return decoder;
  }

  /** What the handle remembers of sessions, in all namespaces. */
  SessionTailCache tails() {
    return store.tails();
  }

  /** What the clocks show now; taken before reading what an operation will act on. */
  public ClockReading now() {
    return store.clocks().now();
  }
}
