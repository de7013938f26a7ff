package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.store.s3.internal.ClockReading;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Stored;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import java.util.Optional;

/**
 * Reads the latest checkpoint of a session, from what the handle remembers of it or from a listing.
 */
public final class LatestReader {

  private final S3Namespace namespace;
  private final SessionReader reader;
  private final SessionTailCache tails;
  private final String sessionPrefix;
  private final ErrorContext context;

  /** Creates a reader for one call. */
  public LatestReader(S3Namespace namespace, String sessionId, ErrorContext context) {
    this.namespace = namespace;
    this.reader = namespace.reader();
    this.tails = namespace.tails();
    this.sessionPrefix = namespace.keys().sessionPrefix(sessionId);
    this.context = context;
  }

  /** Reads the latest checkpoint; empty if the session has none. */
  public Optional<Checkpoint> read() {
    ClockReading since = namespace.now();
    Optional<TailPosition> remembered = tails.get(sessionPrefix);
    return remembered
        .flatMap(position -> readRemembered(position, since))
        .or(() -> readListed(remembered));
  }

  private Optional<Checkpoint> readRemembered(TailPosition position, ClockReading since) {
    TailPosition.Latest remembered = position.latest();
    if (remembered == null || !position.isDirect()) {
      return Optional.empty();
    }
    String objectName = remembered.objectName();
    Optional<Stored> latest =
        reader
            .remembered(sessionPrefix, position.slotNumber(), objectName)
            .filter(document -> since.isWithin(SessionTailCache.MAX_AGE));
    latest.ifPresent(document -> tails.put(sessionPrefix, position, since));
    return latest.map(
        document ->
            namespace
                .decoder()
                .decodeInSlot(
                    ObjectKeys.slot(sessionPrefix, position.slotNumber()),
                    objectName,
                    document,
                    context));
  }

  private Optional<Checkpoint> readListed(Optional<TailPosition> remembered) {
    ClockReading since = namespace.now();
    SessionTail tail = reader.latest(sessionPrefix, ObjectPart.ALL);
    if (tail.pending().isEmpty()) {
      TailPosition position = tail.position();
      // While other handles write, the next read lists at once.
      boolean othersWrite =
          remembered.filter(before -> before.slotNumber() != position.slotNumber()).isPresent();
      tails.put(sessionPrefix, othersWrite ? position.listedNextTime() : position, since);
    }
    return Optional.ofNullable(tail.stored())
        .map(slot -> namespace.decoder().decode(slot, context));
  }
}
