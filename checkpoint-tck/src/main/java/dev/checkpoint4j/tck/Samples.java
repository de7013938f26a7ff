package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** The checkpoints that rules store. */
abstract class Samples extends StoreHandles {

  private static final Instant BASE_TS = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicLong ids = new AtomicLong();

  /** The namespace of this test: no other test, of this run or another, uses it. */
  final String namespace() {
    return scope().namespace();
  }

  final SessionKey session(String sessionId) {
    return new SessionKey(namespace(), sessionId);
  }

  /**
   * A checkpoint in this test's namespace. Its id and its time are of no order, so that a backend
   * that sorts by either is found out.
   */
  final Checkpoint.Builder draft(String sessionId, long version) {
    return draft(CheckpointMetadata.of(sessionId), version);
  }

  final Checkpoint.Builder draft(CheckpointMetadata metadata, long version) {
    return Checkpoint.builder(metadata)
        .namespace(namespace())
        .id("%08x-%d".formatted(random().nextInt(), ids.incrementAndGet()))
        .version(version)
        .ts(BASE_TS.plus(random().nextInt(1_000_000_000), ChronoUnit.MICROS))
        .values(Map.of("version", version, "secret", secret()));
  }

  final Checkpoint checkpoint(String sessionId, long version) {
    return draft(sessionId, version).build();
  }

  @CanIgnoreReturnValue
  final Checkpoint put(Checkpoint checkpoint) {
    return put(checkpoint, Expectation.any());
  }

  @CanIgnoreReturnValue
  final Checkpoint put(Checkpoint checkpoint, Expectation expectation) {
    storage().put(checkpoint, expectation);
    return checkpoint;
  }

  /** Puts a checkpoint with a content of its own. */
  @CanIgnoreReturnValue
  final Checkpoint put(String sessionId, long version) {
    return put(checkpoint(sessionId, version));
  }

  @CanIgnoreReturnValue
  final List<Checkpoint> putAll(String sessionId, long... versions) {
    return LongStream.of(versions).mapToObj(version -> put(sessionId, version)).toList();
  }
}
