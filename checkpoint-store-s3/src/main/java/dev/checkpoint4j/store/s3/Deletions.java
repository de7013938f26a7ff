package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.store.s3.Bucket.Listing;
import dev.checkpoint4j.store.s3.Bucket.Part;
import dev.checkpoint4j.store.s3.History.Found;
import dev.checkpoint4j.store.s3.History.Look;
import dev.checkpoint4j.store.s3.History.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Deletes, for one handle. Safe for use by several threads. */
final class Deletions {

  /**
   * How old a slot is at least that is removed: much older than what a handle remembers of its
   * session ({@link Hints}), and than a request that is still on its way.
   */
  static final Duration GRACE = Duration.ofHours(1);

  /** Of more ids than this for each page of a listing, the documents are listed first. */
  private static final int IDS_FOR_A_LISTING = 10;

  /** How often a session is deleted once more, since somebody has put meanwhile. */
  private static final int MOST_TRIES = 20;

  private final Bucket bucket;
  private final Hints hints;
  private final Locks locks = new Locks();

  /** By which this handle knows the deletions of its own that have failed halfway. */
  private final String owner = UUID.randomUUID().toString();

  /** How old a slot is at least that is taken for old. */
  private final Duration grace;

  Deletions(Bucket bucket, Hints hints, Duration grace) {
    this.bucket = bucket;
    this.hints = hints;
    this.grace = grace;
  }

  // ---- by id

  long delete(NamespaceKeys keys, List<String> ids) {
    History history = new History(bucket, keys);
    return bucket
        .all(
            candidates(keys, ids).stream()
                .<Supplier<Boolean>>map(id -> () -> delete(history, keys, id))
                .toList())
        .stream()
        .filter(existed -> existed)
        .count();
  }

  /** Those that may be there: all, unless listing what is there takes fewer requests. */
  private List<String> candidates(NamespaceKeys keys, List<String> ids) {
    Set<String> names = new HashSet<>();
    @Nullable String startAfter = null;
    for (int pages = 0; ids.size() > IDS_FOR_A_LISTING * (pages + 1); pages++) {
      Listing page = bucket.list(keys.documents(), startAfter, SlotSource.MOST_KEYS);
      for (Slot document : page.slots()) {
        startAfter = document.key();
        names.add(document.key().substring(keys.documents().length()));
      }
      if (!page.isTruncated()) {
        return ids.stream().filter(id -> names.contains(new Claim(id, 0).documentName())).toList();
      }
    }
    return ids;
  }

  private boolean delete(History history, NamespaceKeys keys, String id) {
    Lock lock = locks.of(id);
    lock.lock();
    try {
      Found found = history.find(id, Part.METADATA);
      String slotKey = found.slotKey();
      if (!found.isStored() || slotKey == null) {
        return false;
      }
      return deleteStored(history, keys, id, found.generation(), slotKey);
    } finally {
      lock.unlock();
    }
  }

  /** Deletes a document and its slot; returns whether this handle is the one to count it. */
  private boolean deleteStored(
      History history, NamespaceKeys keys, String id, int generation, String slotKey) {
    int mark = generation + 1;
    boolean isOurs = mark(keys, id, mark);
    while (!isOurs) {
      Optional<Document> other =
          history.document(new Claim(id, mark).documentName(), Part.METADATA);
      if (other.isPresent() && !other.get().isGivenUpByNobody()) {
        isOurs = other.get().owner().equals(owner);
        break;
      }
      // Of an earlier life of the id, which did not end with a deletion by id; or removed
      // meanwhile.
      mark += other.isPresent() ? 1 : 0;
      isOurs = mark(keys, id, mark);
    }
    int next = mark + 1;
    takeSlotBehind(slotKey);
    bucket.put(slotKey, SlotKind.DEAD.givenUp(), Map.of());
    Document givenUp = Document.givenUp(next, "");
    bucket.put(keys.document(new Claim(id, generation)), givenUp.body(), givenUp.metadata());
    if (generation > 0) {
      // One step from here to what comes next, however often the id is used.
      bucket.put(keys.document(new Claim(id, 0)), givenUp.body(), givenUp.metadata());
    }
    return isOurs;
  }

  /** Makes the document by which deleters know who of them counts, unless there is one. */
  private boolean mark(NamespaceKeys keys, String id, int generation) {
    Document mark = Document.givenUp(generation + 1, owner);
    return bucket
        .putIfAbsent(keys.document(new Claim(id, generation)), mark.body(), mark.metadata())
        .isPresent();
  }

  /** Where somebody who remembers this slot as the newest sees that something has changed. */
  private void takeSlotBehind(String slotKey) {
    String session = Keys.sessionOf(slotKey);
    String next = Keys.slot(session, Keys.slotNumber(slotKey) + 1);
    if (bucket.putIfAbsent(next, SlotKind.DEAD.givenUp(), Map.of()).isPresent()) {
      hints.forget(session);
    }
  }

  // ---- by session

  long deleteSession(NamespaceKeys keys, String session) {
    History history = new History(bucket, keys);
    Set<String> done = new HashSet<>();
    long count = 0;
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      List<Slot> slots = bucket.slots(session).toList();
      if (slots.isEmpty()) {
        return count;
      }
      Slot newest = slots.get(0);
      List<Slot> claims =
          slots.stream()
              .takeWhile(slot -> slot.kind() != SlotKind.ENDED)
              .filter(slot -> slot.kind().isClaim() && !done.contains(slot.key()))
              .toList();
      List<Look> looks = history.look(claims, Part.METADATA);
      // A claim may be of what is stored in another session, which stays.
      List<Look> stored = looks.stream().filter(Look::isStored).toList();
      deleteDocuments(keys, stored);
      count += stored.size();
      boolean isSettled =
          looks.stream()
              .limit(1)
              .allMatch(look -> !look.slot().equals(newest) || isSettled(history, look));
      claims.stream().skip(isSettled ? 0 : 1).forEach(slot -> done.add(slot.key()));
      boolean isEnded = newest.kind() == SlotKind.ENDED;
      if (isSettled && (isEnded || isEndedBehind(newest))) {
        hints.forget(session);
        removeOld(isEnded ? slots.subList(1, slots.size()) : slots);
        return count;
      }
    }
    // There are writers all the time. What they have put last stays.
    return count;
  }

  /**
   * Documents of young slots are given up: a writer may still be about to make them, for whom they
   * must not be free. Of those that are old nobody knows any more.
   */
  private void deleteDocuments(NamespaceKeys keys, List<Look> stored) {
    List<String> old = new ArrayList<>();
    List<Supplier<String>> young = new ArrayList<>();
    Document givenUp = Document.givenUp(0, "");
    for (Look look : stored) {
      String key = keys.document(look.documentName());
      if (isOld(look.slot())) {
        old.add(key);
      } else {
        young.add(() -> bucket.put(key, givenUp.body(), givenUp.metadata()));
      }
    }
    bucket.all(young);
    bucket.delete(old);
  }

  private boolean isOld(Slot slot) {
    return slot.modified().isBefore(bucket.now().minus(grace));
  }

  /**
   * Whether the checkpoint of the newest slot is stored, or never will be, as its writer finds if
   * he comes late: behind the end of the session nobody would see it.
   */
  private boolean isSettled(History history, Look newest) {
    if (newest.state() != State.WITHOUT_DOCUMENT) {
      return true;
    }
    if (!history.giveUp(newest.claimed())) {
      return false;
    }
    bucket.put(newest.slot().key(), SlotKind.DEAD.givenUp(), Map.of());
    return true;
  }

  /** Whether nobody has taken the next slot, so that it says now that the session has ended. */
  private boolean isEndedBehind(Slot newest) {
    return bucket
        .putIfAbsent(
            Keys.slot(newest.session(), newest.number() + 1), SlotKind.ENDED.givenUp(), Map.of())
        .isPresent();
  }

  /** Removes, of slots that are not the newest, what nobody can take for the end any more. */
  private void removeOld(List<Slot> slots) {
    bucket.delete(slots.stream().filter(this::isOld).map(Slot::key).toList());
  }
}
