package dev.checkpoint4j.store.file.faults;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What a scenario does to a store. */
sealed interface Step {

  record Open() implements Step {}

  record Close() implements Step {}

  record Put(Checkpoint checkpoint) implements Step {
    @Override
    public String toString() {
      return "Put[%s, version %d]".formatted(checkpoint.id(), checkpoint.version());
    }
  }

  record Delete(String namespace, List<String> ids) implements Step {}

  record DeleteSession(SessionKey session) implements Step {}

  /** Reads everything in every way. */
  record Read() implements Step {}

  /** A checkpoint with a text of some length. */
  static Step put(String namespace, String session, String id, long version, int length) {
    return new Put(checkpoint(namespace, session, id, version, length));
  }

  static Checkpoint checkpoint(
      String namespace, String session, String id, long version, int length) {
    return Checkpoint.builder(session)
        .namespace(namespace)
        .id(id)
        .version(version)
        .ts(Instant.ofEpochSecond(version))
        .values(Map.of("step", version, "text", (id + ".").repeat(1 + length / id.length())))
        .build();
  }
}
