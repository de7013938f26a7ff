package dev.checkpoint4j.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.Values;
import dev.checkpoint4j.core.Checkpoints;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AgentSessionTest {

  private static final Transcript TRANSCRIPT =
      new Transcript(
          CheckpointMetadata.of("s", "t"),
          List.of(
              Values.freeze(Map.of("role", "user", "content", "a")),
              Values.freeze(Map.of("role", "assistant", "content", "b"))));

  private final CheckpointRepository repository = Checkpoints.open("memory:");

  @AfterEach
  void close() {
    repository.close();
  }

  private AgentSession session() {
    return new AgentSession(repository, TRANSCRIPT);
  }

  @Test
  void itResumesFromWhatIsStored() {
    assertThat(session().advance()).as("the first step").isPresent();

    AgentSession resumed = session();

    assertThat(resumed.step()).as("the step that is stored").isEqualTo(1);
    assertThat(resumed.advance()).as("the second step").isPresent();
    assertThat(resumed.isFinished()).as("whether the transcript is at its end").isTrue();
  }

  @Test
  void aStepThatItsPredecessorTakesMeanwhileIsNotTakenAgain() {
    AgentSession killed = session();
    AgentSession resumed = session();
    assertThat(killed.advance()).as("the last write of the one that was killed").isPresent();

    assertThat(resumed.advance()).as("the same step again").isEmpty();

    assertThat(resumed.step()).as("where it stands then").isEqualTo(1);
    assertThat(resumed.advance()).as("the second step").isPresent();
    assertThat(
            Verifier.verify(repository, List.of(TRANSCRIPT), List.of(), each -> 0, done -> {})
                .problems())
        .as("problems of what is stored")
        .isEmpty();
  }
}
