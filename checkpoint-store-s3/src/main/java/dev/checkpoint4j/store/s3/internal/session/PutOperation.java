package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.store.s3.internal.Backoff;
import dev.checkpoint4j.store.s3.internal.ClockReading;
import dev.checkpoint4j.store.s3.internal.S3Backend;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.client.S3Errors;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Stored;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Tombstone;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceObjects;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.store.s3.internal.layout.SlotKind;
import dev.checkpoint4j.store.s3.internal.session.CheckpointDeletion.Mark;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * One put of a checkpoint. It creates the checkpoint object and the slot after the newest one of
 * the session, each unless the key is taken. Either both exist in the end, or the checkpoint is
 * abandoned. For one thread.
 */
public final class PutOperation {

  private static final int MAX_ATTEMPTS = 200;

  /** How often a put waits for another writer of the same id to finish. */
  private static final int MAX_WAITS_FOR_SAME_ID = 4;

  private final S3Namespace namespace;
  private final NamespaceObjects objects;
  private final SessionTailCache tails;
  private final Checkpoint checkpoint;
  private final Expectation expectation;
  private final byte[] document;
  private final ErrorContext context;
  private final String sessionPrefix;

  private int generation;

  /** Taken before the end of the session was read. */
  private ClockReading since;

  /** Whether another writer of the session was observed. */
  private boolean isContended;

  /**
   * Creates a put.
   *
   * @param document the encoded checkpoint
   */
  public PutOperation(
      S3Namespace namespace,
      Checkpoint checkpoint,
      Expectation expectation,
      byte[] document,
      ErrorContext context) {
    this.namespace = namespace;
    this.objects = namespace.objects();
    this.tails = namespace.tails();
    this.checkpoint = checkpoint;
    this.expectation = expectation;
    this.document = document;
    this.context = context;
    this.sessionPrefix = namespace.keys().sessionPrefix(checkpoint.metadata().sessionId());
    this.since = namespace.now();
  }

  /** Stores the checkpoint, or returns if an equal one is stored. */
  public void run() {
    Optional<TailPosition> remembered = tails.get(sessionPrefix);
    isContended = tails.isContended(sessionPrefix);
    PendingSlotResolver resolver =
        new PendingSlotResolver(namespace, sessionPrefix, this::setContended);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      since = namespace.now();
      TailPosition tail = remembered.orElseGet(resolver::readTail);
      if (checkpoint.version() <= tail.version() || !isExpected(tail)) {
        if (remembered.isPresent()) {
          // Only what was read refuses a put.
          remembered = Optional.empty();
          continue;
        }
        if (isRepetition(tail)) {
          return;
        }
        continue;
      }
      PutTarget target = target(tail.slotNumber() + 1);
      Optional<CheckpointDeletion> deletion = deletionOfExpected(tail);
      boolean isStored =
          deletion.isPresent() ? isStoredUnless(deletion.get(), target) : isStoredAt(target);
      if (isStored) {
        return;
      }
      remembered = Optional.empty();
      tails.invalidate(sessionPrefix);
      setContended();
    }
    throw new ContendedException();
  }

  private boolean isExpected(TailPosition tail) {
    return expectation.isAny()
        || (tail.latest() == null
            ? expectation.latestId().isEmpty()
            : expectedLatest(tail).isPresent());
  }

  /** The claim of the expected checkpoint, if it is the latest. */
  private Optional<SlotClaim> expectedLatest(TailPosition tail) {
    TailPosition.Latest latest = tail.latest();
    return latest == null ? Optional.empty() : expectation.latestId().flatMap(latest::claimOf);
  }

  /** The deletion that this put must not come after. */
  private Optional<CheckpointDeletion> deletionOfExpected(TailPosition tail) {
    TailPosition.Latest latest = tail.latest();
    return latest == null
        ? Optional.empty()
        : expectedLatest(tail)
            .map(
                claim ->
                    new CheckpointDeletion(
                        namespace, claim, ObjectKeys.slot(sessionPrefix, latest.slotNumber())));
  }

  private void setContended() {
    isContended = true;
    tails.setContended(sessionPrefix, namespace.now());
  }

  private PutTarget target(long slotNumber) {
    return new PutTarget(
        ObjectKeys.slot(sessionPrefix, slotNumber), new SlotClaim(checkpoint.id(), generation));
  }

  /**
   * Whether an equal checkpoint is stored; otherwise the put is refused. Neither is the case if
   * this very checkpoint was the latest and was deleted in between: then there was no moment
   * without it in which a version was in the way, and the put begins again.
   */
  private boolean isRepetition(TailPosition tail) {
    Lookup found = namespace.finder().find(checkpoint.id(), ObjectPart.ALL);
    if (found.isStored()) {
      requireEqual(found.document());
      return true;
    }
    TailPosition.Latest latest = tail.latest();
    if (latest != null && latest.claimOf(checkpoint.id()).isPresent()) {
      return false;
    }
    throw new VersionConflictException(S3Backend.ID, checkpoint, expectation, tail.version());
  }

  private void requireEqual(@Nullable Stored stored) {
    if (stored == null
        || !namespace.decoder().decode(checkpoint.id(), stored, context).equals(checkpoint)) {
      throw new DuplicateCheckpointException(S3Backend.ID, checkpoint);
    }
  }

  // ---- writing the two objects

  /** Whether the checkpoint is stored now. If not, it is abandoned at this target. */
  private boolean isStoredAt(PutTarget target) {
    Stored ours = stored(target);
    Supplier<WriteAttempt> createSlot = () -> createSlot(target);
    Supplier<WriteAttempt> createObject = () -> createObject(target, ours);
    WriteAttempt slot = WriteAttempt.NOT_TRIED;
    WriteAttempt object = WriteAttempt.NOT_TRIED;
    try {
      if (isContended) {
        // The others wait for the one that gets the slot, and need not upload.
        slot = createSlot.get();
        if (slot.isCreated() || (slot.alreadyExists() && isClaimed(target))) {
          object = createObject.get();
        }
      } else if (ours.isLarge()) {
        // With the slot first, others would have to wait for the upload.
        object = createObject.get();
        if (object.isCreated() || (object.alreadyExists() && documentAt(target).isPresent())) {
          slot = createSlot.get();
        }
      } else {
        List<WriteAttempt> both = invokeBoth(createSlot, createObject);
        slot = both.get(0);
        object = both.get(1);
      }
      return isStored(target, ours, slot, object);
    } catch (SdkException e) {
      throw failure(e, slot.mayExist() && object.mayExist());
    }
  }

  /**
   * As {@link #isStoredAt}, unless the checkpoint that is expected as the latest is being deleted.
   * Creates the slot last: at this moment the checkpoint is stored. A deletion that began after the
   * put read the mark takes the slot before it deletes the expected checkpoint.
   */
  private boolean isStoredUnless(CheckpointDeletion deletion, PutTarget target) {
    Stored ours = stored(target);
    WriteAttempt slot = WriteAttempt.NOT_TRIED;
    try {
      List<FirstStep> both =
          namespace
              .client()
              .invokeAll(
                  List.<Supplier<FirstStep>>of(
                      () -> new FirstStep(deletion.findMark(), WriteAttempt.NOT_TRIED),
                      () -> new FirstStep(Optional.empty(), createObject(target, ours))));
      Optional<Mark> mark = both.get(0).mark();
      WriteAttempt object = both.get(1).object();
      if (mark.isPresent()) {
        // Another put of this checkpoint may have found the object, and created the slot.
        slot = takeSlot(target);
      } else if (object.isCreated() || (object.alreadyExists() && documentAt(target).isPresent())) {
        slot = createSlot(target);
      }
      if (isStored(target, ours, slot, object)) {
        return true;
      }
      // Without this, a deletion that was cut short would refuse such puts for ever.
      mark.ifPresent(it -> deletion.finish(it, since));
      return false;
    } catch (SdkException e) {
      throw failure(e, slot.mayExist());
    }
  }

  /** Ensures that no put can create the slot any more, so that the object can be abandoned. */
  private WriteAttempt takeSlot(PutTarget target) {
    return objects.putTombstoneIfAbsent(target.slotKey(), SlotKind.TOMBSTONE)
        ? WriteAttempt.NOT_TRIED
        : WriteAttempt.ALREADY_EXISTS;
  }

  /** One of the two requests before the slot is created. */
  private record FirstStep(Optional<Mark> mark, WriteAttempt object) {}

  private Stored stored(PutTarget target) {
    return Stored.of(target.slotKey(), checkpoint.version(), target.claim().generation(), document);
  }

  private WriteAttempt createSlot(PutTarget target) {
    return create(
        target.slotKey(),
        target.claim().body(SlotKind.CLAIMED),
        PendingSlotResolver.waitMetadata(tails.uploadTime()));
  }

  private WriteAttempt createObject(PutTarget target, Stored ours) {
    long start = System.nanoTime();
    WriteAttempt attempt =
        create(namespace.keys().checkpoint(target.claim()), document, ours.metadata());
    tails.addUploadTime(Duration.ofNanos(System.nanoTime() - start));
    return attempt;
  }

  private WriteAttempt create(String key, byte[] body, Map<String, String> metadata) {
    return WriteAttempt.create(namespace.client(), key, body, metadata);
  }

  private List<WriteAttempt> invokeBoth(
      Supplier<WriteAttempt> createSlot, Supplier<WriteAttempt> createObject) {
    try {
      return namespace.client().invokeAll(List.of(createSlot, createObject));
    } catch (SdkException e) {
      // The time of the call is over, and either write may still be in flight.
      WriteAttempt failed = WriteAttempt.failed(e);
      return List.of(failed, failed);
    }
  }

  private boolean isStored(PutTarget target, Stored ours, WriteAttempt slot, WriteAttempt object) {
    for (WriteAttempt attempt : List.of(slot, object)) {
      if (attempt.failure() != null) {
        return isStoredDespite(attempt.failure(), slot.mayExist() && object.mayExist());
      }
    }
    boolean isClaimed = slot.isCreated() || (slot.alreadyExists() && isClaimed(target));
    Optional<Stored> existing = object.alreadyExists() ? documentAt(target) : Optional.empty();
    if (isClaimed && (object.isCreated() || existing.isPresent())) {
      existing.ifPresent(this::requireEqual);
      acknowledge(target, ours, slot);
      return true;
    }
    if (isClaimed && object.isTried()) {
      abandonSlot(target.slotKey());
    }
    if (object.isCreated()) {
      abandonObject(target.claim());
      generation++;
    }
    return object.alreadyExists() && isStoredElsewhere();
  }

  private void acknowledge(PutTarget target, Stored ours, WriteAttempt slot) {
    if (!since.isWithin(S3Namespace.MAX_STALENESS)) {
      tails.invalidate(sessionPrefix);
      new StalePutCheck(namespace, target, context).requireStored();
    }
    if (slot.isCreated()) {
      markOpaqueEtag(target, slot.etag());
      tails.put(
          sessionPrefix,
          TailPosition.of(target.slotNumber(), target.claim().objectName(), ours),
          since);
    } else {
      // The slot may be old, and not be the newest any more.
      tails.invalidate(sessionPrefix);
    }
    namespace.finder().linkGeneration(target.claim());
  }

  /** A slot whose ETag is no MD5 shows that by its size. */
  private void markOpaqueEtag(PutTarget target, String etag) {
    if (!etag.equals(target.claim().objectName())) {
      namespace
          .client()
          .put(target.slotKey(), target.claim().body(SlotKind.CLAIMED_OPAQUE_ETAG), Map.of());
    }
  }

  /**
   * Whether the slot, which exists, is claimed for this checkpoint, and the claim is not one that a
   * deleted session has left.
   */
  private boolean isClaimed(PutTarget target) {
    return objects.claim(target.slotKey()).equals(Optional.of(target.claim()))
        && objects
            .slotsAfter(sessionPrefix, target.slotNumber())
            .peek(objects::requireOriginal)
            .noneMatch(slot -> slot.kind() == SlotKind.SESSION_TOMBSTONE);
  }

  /** The checkpoint object, which exists, if it belongs to the slot. */
  private Optional<Stored> documentAt(PutTarget target) {
    return SessionReader.belongingTo(
        target.slotKey(), objects.checkpoint(target.claim(), ObjectPart.ALL));
  }

  // ---- the id is in use

  /** Whether an equal checkpoint is stored; if not, {@link #generation} is free. */
  private boolean isStoredElsewhere() {
    for (int attempt = 0; ; attempt++) {
      Lookup found = namespace.finder().find(checkpoint.id(), ObjectPart.ALL);
      if (found.isStored()) {
        requireEqual(found.document());
        return true;
      }
      generation = found.generation();
      String slotKey = found.slotKey();
      if (slotKey == null) {
        return false;
      }
      if (attempt < MAX_WAITS_FOR_SAME_ID) {
        Backoff.pause(attempt);
      } else if (objects.putTombstoneIfAbsent(slotKey, SlotKind.TOMBSTONE)) {
        abandonObject(new SlotClaim(checkpoint.id(), generation));
        generation++;
        return false;
      }
    }
  }

  // ---- abandoning

  private void abandonSlot(String slotKey) {
    tryTo(() -> objects.putTombstone(slotKey));
  }

  /** Does nothing if the read is stale: the key may be that of a new checkpoint. */
  private void abandonObject(SlotClaim claim) {
    if (since.isWithin(S3Namespace.MAX_STALENESS)) {
      tryTo(() -> objects.put(claim, Tombstone.next(claim.generation() + 1)));
    }
  }

  /** Runs a request that may fail: the objects are void without their tombstones, too. */
  static void tryTo(Runnable request) {
    try {
      request.run();
    } catch (SdkException e) {
      // An operation that finds the objects later removes them.
    }
  }

  // ---- failures

  private boolean isStoredDespite(SdkException e, boolean mayBeStored) {
    if (!mayBeStored) {
      throw failure(e, false);
    }
    try {
      Lookup found = namespace.finder().find(checkpoint.id(), ObjectPart.ALL);
      if (found.isStored()) {
        requireEqual(found.document());
        return true;
      }
    } catch (SdkException unreadable) {
      e.addSuppressed(unreadable);
    }
    throw failure(e, true);
  }

  private CheckpointException failure(SdkException e, boolean mayBeStored) {
    tails.invalidate(sessionPrefix);
    return mayBeStored ? S3Errors.outcomeUnknown(e, context) : S3Errors.notApplied(e, context);
  }
}
