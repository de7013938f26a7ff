package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.store.s3.Bucket.Part;
import dev.checkpoint4j.store.s3.Hints.End;
import dev.checkpoint4j.store.s3.Hints.Moment;
import dev.checkpoint4j.store.s3.History.ContendedException;
import dev.checkpoint4j.store.s3.History.Found;
import dev.checkpoint4j.store.s3.History.Look;
import dev.checkpoint4j.store.s3.History.Newest;
import dev.checkpoint4j.store.s3.History.State;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * One put of a checkpoint: its document and the slot behind the newest one of its session, each
 * made unless it is there, are both there in the end, or the checkpoint is not stored. For one
 * thread.
 */
final class Put {

  private static final int MOST_TRIES = 200;

  private static final int MOST_TIDIED = 4;

  /** How often it is looked whether another writer, who may be dead, has finished. */
  private static final int PATIENCE = 4;

  private final Bucket bucket;
  private final NamespaceKeys keys;
  private final Hints hints;
  private final History history;
  private final Checkpoint checkpoint;
  private final byte[] document;
  private final Function<Document, Checkpoint> decoder;
  private final ErrorContext context;
  private final String session;

  private int generation;

  /** Whether another writer of the session was met. */
  private boolean isContended;

  Put(
      Bucket bucket,
      Keys keys,
      Hints hints,
      Checkpoint checkpoint,
      byte[] document,
      Function<Document, Checkpoint> decoder,
      ErrorContext context) {
    this.bucket = bucket;
    this.keys = keys.namespace(checkpoint.namespace());
    this.hints = hints;
    this.history = new History(bucket, this.keys);
    this.checkpoint = checkpoint;
    this.document = document;
    this.decoder = decoder;
    this.context = context;
    this.session = this.keys.session(checkpoint.metadata().sessionId());
  }

  /** How it ended to make an object unless it is there. */
  private enum Ending {
    NOT_TRIED,
    MADE,
    THERE_WAS_ONE,
    FAILED
  }

  /** An object that was to be made; {@code etag} is that of one that was. */
  private record Attempt(Ending ending, String etag, @Nullable SdkException failure) {

    static final Attempt NOT_TRIED = new Attempt(Ending.NOT_TRIED, "", null);

    boolean isMade() {
      return ending == Ending.MADE;
    }

    boolean isTaken() {
      return ending == Ending.THERE_WAS_ONE;
    }

    boolean isTried() {
      return ending != Ending.NOT_TRIED;
    }

    boolean mayBeThere() {
      return isTried() && (failure == null || S3Errors.mayHaveBeenApplied(failure));
    }
  }

  /** Where the checkpoint is to go. */
  private record Place(long number, String slotKey, Claim claim, String documentKey) {}

  void run() {
    Optional<End> hint = hints.get(session);
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      Moment since = Moment.now();
      End end = hint.orElseGet(this::end);
      if (checkpoint.version() <= end.version()) {
        if (hint.isPresent()) {
          hint = Optional.empty();
          continue;
        }
        refuse(end.version());
        return;
      }
      if (isStoredAt(place(end.slot() + 1), since)) {
        return;
      }
      hint = Optional.empty();
      hints.forget(session);
      isContended = true;
    }
    throw new ContendedException();
  }

  private Place place(long number) {
    Claim claim = new Claim(checkpoint.id(), generation);
    return new Place(number, Keys.slot(session, number), claim, keys.document(claim));
  }

  /** The version is not new: it is a repetition, or it is refused. */
  private void refuse(long latest) {
    Found found = history.find(checkpoint.id(), Part.ALL);
    if (!found.isStored()) {
      throw new VersionConflictException(S3BackendStorage.ID, checkpoint, latest);
    }
    requireEqual(found.document());
  }

  private void requireEqual(@Nullable Document stored) {
    if (stored == null || !decoder.apply(stored).equals(checkpoint)) {
      throw new DuplicateCheckpointException(S3BackendStorage.ID, checkpoint);
    }
  }

  // ---- the end of the session

  /** Where the session ends, once its newest slot is settled. */
  private End end() {
    while (true) {
      Newest newest = history.newest(session, Part.METADATA);
      Optional<Look> pending = newest.pending();
      if (pending.isPresent()) {
        settle(pending.get());
        continue;
      }
      // What is left of a session whose deletion was cut short may be much.
      newest.passedOver().stream()
          .limit(MOST_TIDIED)
          .filter(look -> look.state() == State.GIVEN_UP)
          .forEach(look -> giveUpSlot(look.slot().key()));
      return newest.end();
    }
  }

  /** Waits for a writer to write its document, and sees to it that it cannot when it does not. */
  private void settle(Look pending) {
    Claim claim = pending.claimed();
    String name = claim.documentName();
    for (int i = 0; i < PATIENCE; i++) {
      Bucket.pause(i);
      if (history.document(name, Part.METADATA).isPresent()) {
        return;
      }
    }
    if (history.giveUp(claim)) {
      giveUpSlot(pending.slot().key());
    }
  }

  // ---- taking a place

  /** Whether the checkpoint is stored now; if not, nobody will find it at this place. */
  private boolean isStoredAt(Place place, Moment since) {
    Document ours = Document.of(place.slotKey(), checkpoint.version(), document);
    Supplier<Attempt> makeSlot =
        () -> make(place.slotKey(), place.claim().body(SlotKind.CLAIM), Map.of());
    Supplier<Attempt> makeDocument = () -> make(place.documentKey(), document, ours.metadata());
    Attempt slot = Attempt.NOT_TRIED;
    Attempt doc = Attempt.NOT_TRIED;
    try {
      if (ours.isLarge()) {
        // Its slot is taken when it is there, lest others wait for it.
        doc = makeDocument.get();
        if (doc.isMade() || (doc.isTaken() && belonging(place).isPresent())) {
          slot = makeSlot.get();
        }
      } else if (isContended) {
        slot = makeSlot.get();
        if (slot.isMade() || (slot.isTaken() && isClaimed(place))) {
          doc = makeDocument.get();
        }
      } else {
        List<Attempt> both = bucket.all(List.of(makeSlot, makeDocument));
        slot = both.get(0);
        doc = both.get(1);
      }
      return isStored(place, ours, slot, doc, since);
    } catch (SdkException e) {
      throw failure(e, slot.mayBeThere() && doc.mayBeThere());
    }
  }

  private Attempt make(String key, byte[] body, Map<String, String> metadata) {
    try {
      return bucket
          .putIfAbsent(key, body, metadata)
          .map(etag -> new Attempt(Ending.MADE, etag, null))
          .orElse(new Attempt(Ending.THERE_WAS_ONE, "", null));
    } catch (SdkException e) {
      return new Attempt(Ending.FAILED, "", e);
    }
  }

  private boolean isStored(Place place, Document ours, Attempt slot, Attempt doc, Moment since) {
    for (Attempt attempt : List.of(slot, doc)) {
      if (attempt.failure() != null) {
        return isStoredAfter(attempt.failure(), slot, doc);
      }
    }
    boolean isClaimed = slot.isMade() || (slot.isTaken() && isClaimed(place));
    Optional<Document> other = doc.isTaken() ? belonging(place) : Optional.empty();
    if (isClaimed && (doc.isMade() || other.isPresent())) {
      other.ifPresent(this::requireEqual);
      if (slot.isMade()) {
        checkEtag(place, slot.etag());
        hints.put(session, End.of(place.number(), place.claim().documentName(), ours), since);
      } else {
        // It may have been taken long ago, and not be the newest.
        hints.forget(session);
      }
      history.leadTo(place.claim());
      return true;
    }
    if (isClaimed && doc.isTried()) {
      giveUpSlot(place.slotKey());
    }
    if (doc.isMade()) {
      giveUpDocument(place.documentKey(), ++generation);
    }
    return doc.isTaken() && isStoredElsewhere();
  }

  /**
   * Whether the slot, which was there, is claimed for this checkpoint; not by one that was deleted
   * with its session, and has left the claim behind.
   */
  private boolean isClaimed(Place place) {
    return history.claim(place.slotKey()).equals(Optional.of(place.claim()))
        && bucket
            .slots(session)
            .takeWhile(slot -> slot.number() > place.number())
            .noneMatch(slot -> slot.kind() == SlotKind.ENDED);
  }

  /** The document that was there, if it belongs to the slot. */
  private Optional<Document> belonging(Place place) {
    return history
        .document(place.claim().documentName(), Part.ALL)
        .filter(found -> found.belongsTo(place.slotKey()));
  }

  /** A slot whose ETag turns out to be no MD5 says so by its size. */
  private void checkEtag(Place place, String etag) {
    if (!etag.equals(place.claim().documentName())) {
      bucket.put(place.slotKey(), place.claim().body(SlotKind.OPAQUE_CLAIM), Map.of());
    }
  }

  // ---- the id is taken

  /** Whether the id is that of an equal checkpoint; if not, {@link #generation} is free. */
  private boolean isStoredElsewhere() {
    for (int tries = 0; ; tries++) {
      Found found = history.find(checkpoint.id(), Part.ALL);
      if (found.isStored()) {
        requireEqual(found.document());
        return true;
      }
      String slotKey = found.slotKey();
      if (slotKey == null) {
        generation = found.generation();
        return false;
      }
      if (tries < PATIENCE) {
        Bucket.pause(tries);
      } else if (bucket.putIfAbsent(slotKey, SlotKind.DEAD.givenUp(), Map.of()).isPresent()) {
        generation = found.generation();
        giveUpDocument(documentKey(found.generation()), ++generation);
        return false;
      }
    }
  }

  private String documentKey(int ofGeneration) {
    return keys.document(new Claim(checkpoint.id(), ofGeneration));
  }

  // ---- what is left behind does no harm, so that it may fail to be tidied up

  private void giveUpSlot(String key) {
    tidy(key, SlotKind.DEAD.givenUp(), Map.of());
  }

  private void giveUpDocument(String key, int next) {
    Document givenUp = Document.givenUp(next, "");
    tidy(key, givenUp.body(), givenUp.metadata());
  }

  private void tidy(String key, byte[] body, Map<String, String> metadata) {
    try {
      bucket.put(key, body, metadata);
    } catch (SdkException e) {
      // What it was is dead with or without the mark.
    }
  }

  // ---- failures

  private boolean isStoredAfter(SdkException e, Attempt slot, Attempt doc) {
    boolean mayBeStored = slot != null && slot.mayBeThere() && doc != null && doc.mayBeThere();
    if (!mayBeStored) {
      throw failure(e, false);
    }
    try {
      Found found = history.find(checkpoint.id(), Part.ALL);
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
    hints.forget(session);
    return mayBeStored ? S3Errors.outcomeUnknown(e, context) : S3Errors.notApplied(e, context);
  }
}
