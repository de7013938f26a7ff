package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** LAST: the latest checkpoint of a session is the one with the greatest version. */
abstract class LatestRules extends GetRules {

  @Rule(id = "LAST-01", level = Level.MUST)
  protected final void clockPlaysNoPart() {
    put(draft("s", 1).ts(CheckpointHeader.MAX_TS).build());
    put(draft("s", 2).ts(Instant.parse("2026-01-01T00:00:00Z")).build());
    Checkpoint last = put(draft("s", 3).ts(CheckpointHeader.MIN_TS).build());
    assertLatest("where the greatest version has the oldest time", storage(), last);
  }

  @Rule(id = "LAST-02", level = Level.MUST)
  protected final void versionsAreComparedAsNumbers() {
    for (long version : new long[] {2, 9, 10, 11, 99, 100, 1L << 31, (1L << 53) + 1, 1L << 62}) {
      Checkpoint last = put("s", version);
      assertLatest("after the put of version %d".formatted(version), storage(), last);
    }
  }

  @Rule(id = "LAST-03", level = Level.MUST)
  protected final void idsPlayNoPart() {
    put(draft("s", 1).id("zzz").build());
    put(draft("s", 2).id("mmm").build());
    Checkpoint last = put(draft("s", 3).id("aaa").build());
    assertLatest("where the greatest version has the first id", storage(), last);
  }

  @Rule(id = "LAST-04", level = Level.MUST)
  protected final void latestFollowsEveryPut() {
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    for (long version = 1; version <= 30; version++) {
      Checkpoint last = put(draft("s", version).ts(start.minus(version, ChronoUnit.DAYS)).build());
      assertLatest("after put number %d".formatted(version), storage(), last);
    }
  }

  @Rule(id = "LAST-05", level = Level.MUST)
  protected final void sessionWithoutCheckpointsHasNoLatest() {
    put("s", 1);
    for (String sessionId : List.of("absent", "S", "s2", namespace())) {
      assertNoLatest("where only the session s exists", storage(), session(sessionId));
    }
  }
}
