package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import dev.checkpoint4j.store.s3.Bucket.Part;
import dev.checkpoint4j.store.s3.History.Look;
import dev.checkpoint4j.store.s3.History.State;
import dev.checkpoint4j.store.s3.Leftovers.Leftover;
import dev.checkpoint4j.store.s3.S3StoreVerification.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Verifies one session of a namespace, oldest checkpoint first. For one thread. */
final class SessionWalk {

  private static final int MOST_DOCUMENTS_AT_ONCE = 64;
  private static final long MOST_BYTES_AT_ONCE = 64L * 1024 * 1024;

  /** What a document counts that was not listed under the ETag of its slot. */
  private static final long UNKNOWN_SIZE = 4L * 1024 * 1024;

  /** How long a deletion of the session that is under way gets to come to its end. */
  private static final Duration DELETION = Duration.ofSeconds(2);

  private final Bucket bucket;
  private final NamespaceKeys keys;
  private final History history;
  private final CheckpointCodec codec;
  private final Findings findings;
  private final Leftovers leftovers;
  private final List<Slot> newestFirst;
  private final Slot newest;

  /** The number of the last slot that says that the session has ended; 0 if none does. */
  private final long end;

  /** Is told of documents that are not left over, and what leads to them neither. */
  private final Consumer<Claim> keeper;

  private long latestVersion;

  /** Claims that have no document, although they were settled once. */
  private final Map<Slot, Claim> missing = new LinkedHashMap<>();

  SessionWalk(
      Bucket bucket,
      NamespaceKeys keys,
      CheckpointCodec codec,
      Findings findings,
      Leftovers leftovers,
      List<Slot> newestFirst,
      Consumer<Claim> keeper) {
    this.bucket = bucket;
    this.keys = keys;
    this.history = new History(bucket, keys);
    this.codec = codec;
    this.findings = findings;
    this.leftovers = leftovers;
    this.newestFirst = newestFirst;
    this.newest = newestFirst.get(0);
    this.end =
        newestFirst.stream()
            .filter(slot -> slot.kind() == SlotKind.ENDED)
            .findFirst()
            .map(Slot::number)
            .orElse(0L);
    this.keeper = keeper;
  }

  /**
   * A slot that was read, with its document. No claim: it was given up meanwhile. No checkpoint: it
   * is not stored, or is damaged.
   */
  private record Seen(
      Slot slot,
      @Nullable Claim claim,
      @Nullable Look look,
      @Nullable Checkpoint checkpoint,
      @Nullable String damage) {}

  /** Verifies the session; {@code documents} are those of the namespace by name. */
  void run(Map<String, Slot> documents) {
    List<Slot> claims = new ArrayList<>();
    for (int i = newestFirst.size() - 1; i >= 0; i--) {
      Slot slot = newestFirst.get(i);
      if (slot.kind().isClaim()) {
        claims.add(slot);
      } else if (i > 0 && leftovers.isOldSlot(slot)) {
        leftovers.add(slot, Leftover.SLOT, "is given up");
      }
    }
    for (int from = 0; from < claims.size(); ) {
      int to = endOfBatch(claims, from, documents);
      bucket
          .all(
              claims.subList(from, to).stream()
                  .<Supplier<Seen>>map(slot -> () -> read(slot))
                  .toList())
          .forEach(this::verify);
      from = to;
    }
    if (latestVersion > 0) {
      findings.sessions++;
    }
    if (!missing.isEmpty()) {
      reportMissing();
    }
  }

  private static int endOfBatch(List<Slot> claims, int from, Map<String, Slot> documents) {
    long bytes = 0;
    int to = from;
    while (to < Math.min(claims.size(), from + MOST_DOCUMENTS_AT_ONCE)) {
      Slot document = documents.get(claims.get(to).etag());
      bytes += document == null ? UNKNOWN_SIZE : document.size();
      if (bytes > MOST_BYTES_AT_ONCE && to > from) {
        break;
      }
      to++;
    }
    return to;
  }

  private Seen read(Slot slot) {
    Claim claim = null;
    Look look = null;
    Checkpoint checkpoint = null;
    String damage = null;
    try {
      claim = history.claim(slot.key()).orElse(null);
      if (claim != null) {
        look = history.look(slot, Part.ALL);
        checkpoint = look.isStored() ? codec.decode(look.stored().body()) : null;
      }
    } catch (MalformedObjectException | CodecException e) {
      damage = String.valueOf(e.getMessage());
    }
    return new Seen(slot, claim, look, checkpoint, damage);
  }

  private void verify(Seen seen) {
    try {
      verifyReadable(seen);
    } catch (MalformedObjectException e) {
      findings.add(seen.slot().key(), Kind.UNREACHABLE, String.valueOf(e.getMessage()));
    }
  }

  private void verifyReadable(Seen seen) {
    Slot slot = seen.slot();
    Claim claim = seen.claim();
    if (claim == null) {
      if (seen.damage() != null) {
        findings.add(slot.key(), Kind.SLOT, seen.damage());
      }
    } else if (seen.damage() != null) {
      keeper.accept(claim);
      findings.add(
          keys.document(claim), Kind.DOCUMENT, named(claim) + " is damaged: " + seen.damage());
    } else if (seen.checkpoint() != null && seen.look() != null) {
      keeper.accept(claim);
      verifyStored(slot, claim, seen.look().stored(), seen.checkpoint());
    } else if (seen.look() != null) {
      verifyNotStored(slot, claim, seen.look().state());
    }
  }

  private static String named(Claim claim) {
    return "checkpoint '" + claim.id() + "'";
  }

  private void verifyStored(Slot slot, Claim claim, Document document, Checkpoint checkpoint) {
    String key = keys.document(claim);
    if (!checkpoint.id().equals(claim.id())
        || checkpoint.version() != document.number()
        || !keys.isOf(checkpoint.namespace())
        || !keys.session(checkpoint.metadata().sessionId()).equals(slot.session())) {
      findings.add(
          key,
          Kind.DOCUMENT,
          "is that of another checkpoint than the slot claims, " + named(claim));
      return;
    }
    if (slot.number() < end) {
      findings.add(
          key,
          Kind.UNREACHABLE,
          named(claim) + " is found by its id, but its session was deleted; delete it by its id");
      return;
    }
    if (checkpoint.version() <= latestVersion) {
      findings.add(
          key,
          Kind.VERSION_ORDER,
          named(claim)
              + " has version "
              + checkpoint.version()
              + " behind version "
              + latestVersion);
      return;
    }
    latestVersion = checkpoint.version();
    if (claim.generation() > 0) {
      verifyFoundById(slot, claim);
    }
    findings.intact(checkpoint);
  }

  private void verifyFoundById(Slot slot, Claim claim) {
    boolean isFound =
        leftovers.isRepairing()
            ? history.leadAgainTo(claim, slot.key())
            : history.isFoundAt(claim, slot.key());
    // Or it was deleted meanwhile.
    if (!isFound && history.claim(slot.key()).equals(Optional.of(claim))) {
      findings.add(
          keys.document(claim),
          Kind.UNREACHABLE,
          named(claim) + " is in its session, but is not found by its id; repair the store");
    }
  }

  private void verifyNotStored(Slot slot, Claim claim, State state) {
    if (!leftovers.isOldSlot(slot)) {
      keeper.accept(claim);
    } else if (slot.number() < end || (!slot.equals(newest) && state == State.GIVEN_UP)) {
      leftovers.add(slot, Leftover.SLOT, "claims what is not stored, " + named(claim));
    } else if (slot.equals(newest)) {
      keeper.accept(claim);
      if (lastEnd() > slot.number()) {
        return;
      }
      findings.add(
          slot.key(), Kind.UNFINISHED_WRITE, "was taken for what is not stored, " + named(claim));
      if (leftovers.isRepairing() && (state == State.GIVEN_UP || history.giveUp(claim))) {
        bucket.put(slot.key(), SlotKind.DEAD.givenUp(), Map.of());
      }
    } else {
      keeper.accept(claim);
      missing.put(slot, claim);
    }
  }

  /** Unless the session was deleted meanwhile, or is at this moment. */
  private void reportMissing() {
    if (lastEnd() == 0) {
      LockSupport.parkNanos(DELETION.toNanos());
    }
    long lastEnd = lastEnd();
    missing.forEach(
        (slot, claim) -> {
          if (slot.number() > lastEnd) {
            findings.add(
                slot.key(),
                Kind.MISSING_DOCUMENT,
                named(claim)
                    + " has no document: the deletion of its session was cut short, and should be"
                    + " repeated, or is under way, or something else than the store has deleted '"
                    + keys.document(claim)
                    + "'");
          }
        });
  }

  /**
   * The number of the last slot that says that the session has ended; 0 if none of the newest does.
   */
  private long lastEnd() {
    return bucket.list(newest.session(), null, SlotSource.MOST_KEYS).slots().stream()
        .filter(slot -> slot.kind() == SlotKind.ENDED)
        .findFirst()
        .map(Slot::number)
        .orElse(0L);
  }
}
