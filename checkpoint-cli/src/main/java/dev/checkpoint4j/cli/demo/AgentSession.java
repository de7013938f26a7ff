package dev.checkpoint4j.cli.demo;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.error.VersionConflictException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An agent, as an application would write it: it knows nothing but what is stored. */
final class AgentSession {

  private final CheckpointRepository repository;
  private final Transcript transcript;
  private @Nullable Checkpoint latest;

  AgentSession(CheckpointRepository repository, Transcript transcript) {
    this.repository = repository;
    this.transcript = transcript;
    resume();
  }

  private void resume() {
    latest = repository.getBySession(transcript.sessionId()).orElse(null);
  }

  int step() {
    return latest == null ? 0 : AgentState.step(latest.values());
  }

  boolean isFinished() {
    return step() >= transcript.messages().size();
  }

  /**
   * Takes a step; empty if that was taken already. The server of a database may be at the last
   * write of a worker that was killed when the next one looks where it stands.
   */
  Optional<WorkerMessage.Acknowledged> advance() {
    Checkpoint next = next().build();
    long start = System.nanoTime();
    try {
      repository.put(next);
    } catch (VersionConflictException e) {
      resume();
      return Optional.empty();
    }
    long micros = (System.nanoTime() - start) / 1_000;
    latest = next;
    return Optional.of(
        new WorkerMessage.Acknowledged(transcript.sessionId(), next.version(), next.id(), micros));
  }

  private Checkpoint.Builder next() {
    var message = transcript.messages().get(step());
    if (latest == null) {
      return Checkpoint.builder(transcript.metadata())
          .namespace(repository.namespace())
          .values(AgentState.after(AgentState.INITIAL, message));
    }
    return latest.next().values(AgentState.after(latest.values(), message));
  }
}
