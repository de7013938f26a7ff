package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import java.time.Instant;
import java.util.Map;

/** What tests store. */
final class Samples {

  static final SessionKey SESSION = new SessionKey("default", "s");

  private Samples() {}

  static Checkpoint checkpoint(String session, String id, long version) {
    return Checkpoint.builder(session)
        .id(id)
        .version(version)
        .ts(Instant.EPOCH)
        .values(Map.of("version", version))
        .build();
  }

  /** Of {@link #SESSION}; its version is in its id. */
  static Checkpoint checkpoint(long version) {
    return checkpoint(SESSION.sessionId(), "id-" + version, version);
  }
}
