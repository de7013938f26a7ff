package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.store.s3.Bucket.Listing;
import dev.checkpoint4j.store.s3.Bucket.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is stored, as the objects tell. A checkpoint is stored while a slot claims it and its
 * document belongs to that slot; {@code docs/s3-layout.md} says why that is enough.
 */
final class History {

  /** Slots of the first request; the newest one is nearly always what is looked for. */
  private static final int FIRST_SLOTS = 4;

  private static final int MOST_LOOKS_AT_ONCE = 64;

  /** How often a session that others change meanwhile is looked at again. */
  private static final int MOST_TRIES = 100;

  private final Bucket bucket;
  private final NamespaceKeys keys;

  History(Bucket bucket, NamespaceKeys keys) {
    this.bucket = bucket;
    this.keys = keys;
  }

  /** Others were at work all the time. */
  static final class ContendedException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Whether the checkpoint of a slot is stored. */
  enum State {
    /** It is. */
    STORED,
    /** There is no document: it is not yet written, or was deleted. */
    WITHOUT_DOCUMENT,
    /** It is not, and never will be. */
    GIVEN_UP
  }

  /** A slot and its document. Null stands for what was not found or not looked for. */
  record Look(Slot slot, State state, @Nullable Claim claim, @Nullable Document document) {

    boolean isStored() {
      return state == State.STORED;
    }

    /** What the slot claims, if it has no document. */
    Claim claimed() {
      if (claim == null) {
        throw new IllegalStateException(slot + " is " + state);
      }
      return claim;
    }

    Document stored() {
      if (document == null) {
        throw new IllegalStateException(slot + " is " + state);
      }
      return document;
    }

    /** The name of the document that is stored. */
    String documentName() {
      return claim == null ? slot.etag() : claim.documentName();
    }
  }

  /** Looks at a slot of a listing. */
  Look look(Slot slot, Part part) {
    if (!slot.kind().isClaim()) {
      return new Look(slot, State.GIVEN_UP, null, null);
    }
    if (slot.kind() == SlotKind.CLAIM) {
      Optional<Document> document = document(slot.etag(), part);
      if (document.isPresent()) {
        return look(slot, null, document.get());
      }
    }
    // Its ETag is no MD5, or there is no document: the slot itself tells.
    Optional<Claim> claim = claim(slot.key());
    if (claim.isEmpty()) {
      return new Look(slot, State.GIVEN_UP, null, null);
    }
    String name = claim.get().documentName();
    Optional<Document> document =
        name.equals(slot.etag()) ? Optional.empty() : document(name, part);
    return document
        .map(found -> look(slot, claim.get(), found))
        .orElse(new Look(slot, State.WITHOUT_DOCUMENT, claim.get(), null));
  }

  private static Look look(Slot slot, @Nullable Claim claim, Document document) {
    return document.belongsTo(slot.key())
        ? new Look(slot, State.STORED, claim, document)
        : new Look(slot, State.GIVEN_UP, claim, null);
  }

  List<Look> look(List<Slot> slots, Part part) {
    return bucket.all(slots.stream().<Supplier<Look>>map(slot -> () -> look(slot, part)).toList());
  }

  Optional<Document> document(String name, Part part) {
    return bucket.get(keys.document(name), part).map(Document::read);
  }

  /** What a slot claims; empty if it is given up or was never taken. */
  Optional<Claim> claim(String slotKey) {
    return bucket.get(slotKey, Part.ALL).flatMap(stored -> Claim.of(stored.body()));
  }

  // ---- by id

  /**
   * What there is of an id.
   *
   * @param generation of the document; the one to use next if there is none
   * @param slotKey the slot of the document
   */
  record Found(
      boolean isStored, int generation, @Nullable String slotKey, @Nullable Document document) {}

  Found find(String id, Part part) {
    int generation = 0;
    @Nullable Found withoutSlot = null;
    while (true) {
      Optional<Document> found = document(new Claim(id, generation).documentName(), part);
      if (found.isEmpty()) {
        return withoutSlot == null ? new Found(false, generation, null, null) : withoutSlot;
      }
      Document document = found.get();
      if (document.isGivenUp()) {
        generation = Math.max((int) document.number(), generation + 1);
        continue;
      }
      String slotKey = document.slotKey(keys.sessions());
      Optional<Bucket.Stored> slot = bucket.get(slotKey, Part.ALL);
      if (slot.isEmpty()) {
        // Not yet taken; or it was given up and removed, and a later generation is stored.
        withoutSlot =
            withoutSlot == null ? new Found(false, generation, slotKey, document) : withoutSlot;
      } else if (Claim.of(slot.get().body()).equals(Optional.of(new Claim(id, generation)))) {
        return new Found(true, generation, slotKey, document);
      }
      generation++;
    }
  }

  /**
   * Makes the document of a claim, given up, unless there is one, so that its writer cannot;
   * returns whether there was none. The slot is to be given up then.
   */
  boolean giveUp(Claim claim) {
    Document givenUp = Document.givenUp(claim.generation() + 1, "");
    return bucket.putIfAbsent(keys.document(claim), givenUp.body(), givenUp.metadata()).isPresent();
  }

  /**
   * Sees to it that {@link #find} finds a later generation of an id in one step: what leads there
   * may have been removed as a leftover, or lead elsewhere.
   */
  void leadTo(Claim claim) {
    if (claim.generation() == 0) {
      return;
    }
    Claim first = new Claim(claim.id(), 0);
    Document leading = Document.givenUp(claim.generation(), "");
    Optional<Document> there = document(first.documentName(), Part.METADATA);
    if (there.isEmpty()) {
      bucket.putIfAbsent(keys.document(first), leading.body(), leading.metadata());
    } else if (there.get().isGivenUp() && there.get().number() != claim.generation()) {
      bucket.put(keys.document(first), leading.body(), leading.metadata());
    }
  }

  /** The same; returns whether the id is found now. */
  boolean leadAgainTo(Claim claim, String slotKey) {
    leadTo(claim);
    return isFoundAt(claim, slotKey);
  }

  boolean isFoundAt(Claim claim, String slotKey) {
    Found found = find(claim.id(), Part.METADATA);
    return found.isStored() && slotKey.equals(found.slotKey());
  }

  // ---- by session

  /**
   * The newest stored checkpoint of a session as far as it was looked for.
   *
   * @param slot the newest slot, of whatever kind; null if there is none
   * @param stored the newest one that is stored; null if none is
   * @param passedOver the newer claims that are not stored, newest first
   */
  record Newest(@Nullable Slot slot, @Nullable Look stored, List<Look> passedOver) {

    /** Where the session ends. */
    Hints.End end() {
      if (slot == null || stored == null) {
        return new Hints.End(slot == null ? 0 : slot.number(), 0, null);
      }
      return stored.slot().equals(slot)
          ? Hints.End.of(slot.number(), stored.documentName(), stored.stored())
          : new Hints.End(slot.number(), stored.stored().number(), null);
    }

    /** The newest slot, if its document is not written yet. */
    Optional<Look> pending() {
      return passedOver.stream()
          .limit(1)
          .filter(look -> look.state() == State.WITHOUT_DOCUMENT && look.slot().equals(slot))
          .findFirst();
    }
  }

  /**
   * The document of the latest checkpoint, if it is still the one that is remembered. Both requests
   * are made at once; {@code docs/s3-layout.md} says why their order does not matter.
   */
  Optional<Document> rememberedLatest(String session, long slot, String documentName) {
    List<Optional<Bucket.Stored>> found =
        bucket.all(
            List.of(
                () -> bucket.get(Keys.slot(session, slot + 1), Part.METADATA),
                () -> bucket.get(keys.document(documentName), Part.ALL)));
    return found.get(0).isPresent()
        ? Optional.empty()
        : found
            .get(1)
            .map(Document::read)
            .filter(document -> document.belongsTo(Keys.slot(session, slot)));
  }

  Newest newest(String session, Part part) {
    List<Look> passedOver = new ArrayList<>();
    Slot first = null;
    SlotSource slots = SlotSource.newestFirst(bucket, session, null, FIRST_SLOTS);
    for (int size = 1; ; size = Math.min(size * 4, MOST_LOOKS_AT_ONCE)) {
      List<Slot> claims = slots.take(size);
      first = first == null ? slots.first() : first;
      if (claims.isEmpty()) {
        return new Newest(first, null, passedOver);
      }
      for (Look look : look(claims, part)) {
        if (look.isStored()) {
          return new Newest(first, look, passedOver);
        }
        passedOver.add(look);
      }
    }
  }

  /** What {@link #newest} finds, once nobody was at work while it looked: the latest checkpoint. */
  Newest latest(String session, Part part) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      Newest newest = newest(session, part);
      if (newest.passedOver().isEmpty() || isStill(newest, session)) {
        return newest;
      }
    }
    throw new ContendedException();
  }

  /** Whether no slot was taken and none that was passed over was filled meanwhile. */
  private boolean isStill(Newest newest, String session) {
    Listing now = bucket.list(session, null, 1);
    boolean isNewest =
        now.slots().stream()
            .anyMatch(slot -> newest.slot() != null && slot.key().equals(newest.slot().key()));
    return isNewest
        && newest
            .pending()
            .map(Look::claimed)
            .flatMap(claim -> document(claim.documentName(), Part.METADATA))
            .isEmpty();
  }
}
