package dev.checkpoint4j.cli.demo;

import dev.checkpoint4j.CheckpointMetadata;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A recorded run of an agent: what the demo replays as one session.
 *
 * @param metadata the session, the task, and the other fields of the record
 * @param messages what was said, at least one, frozen so that states share them
 */
record Transcript(CheckpointMetadata metadata, List<Map<String, @Nullable Object>> messages) {

  Transcript {
    messages = List.copyOf(messages);
  }

  String sessionId() {
    return metadata.sessionId();
  }
}
