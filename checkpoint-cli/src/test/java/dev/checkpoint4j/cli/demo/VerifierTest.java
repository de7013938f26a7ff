package dev.checkpoint4j.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.Values;
import dev.checkpoint4j.core.Checkpoints;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The demo is worth what its verification finds. */
class VerifierTest {

  private static final Transcript TRANSCRIPT =
      new Transcript(
          CheckpointMetadata.of("s", "t"),
          List.of(
              Values.freeze(Map.of("role", "user", "content", "a")),
              Values.freeze(Map.of("role", "tool", "content", Map.of("n", 1))),
              Values.freeze(Map.of("role", "assistant", "content", "c"))));

  private final CheckpointRepository repository = Checkpoints.open("memory:");
  private final List<WorkerMessage.Acknowledged> acknowledged = new ArrayList<>();

  @AfterEach
  void close() {
    repository.close();
  }

  /** What an uninterrupted run stores, in order. */
  private static List<Checkpoint> run() {
    List<Checkpoint> run = new ArrayList<>();
    Map<String, Object> state = AgentState.INITIAL;
    for (Map<String, Object> message : TRANSCRIPT.messages()) {
      state = AgentState.after(state, message);
      run.add(
          (run.isEmpty()
                  ? Checkpoint.builder(TRANSCRIPT.metadata())
                  : run.get(run.size() - 1).next())
              .values(state)
              .build());
    }
    return run;
  }

  private void acknowledge(Checkpoint checkpoint) {
    acknowledged.add(new WorkerMessage.Acknowledged("s", checkpoint.version(), checkpoint.id(), 1));
  }

  private Verifier.Result verify() {
    return Verifier.verify(
        repository, List.of(TRANSCRIPT), acknowledged, checkpoint -> 10, done -> {});
  }

  private void assertFinds(long lost, long mismatched, String problem) {
    Verifier.Result result = verify();
    assertThat(result.lost()).as("lost").isEqualTo(lost);
    assertThat(result.mismatched()).as("mismatched").isEqualTo(mismatched);
    assertThat(result.problems()).anySatisfy(found -> assertThat(found).contains(problem));
  }

  @Test
  void anIntactStoreHasNoProblems() {
    run().forEach(repository::put);
    repository.history("s").skip(1).forEach(this::acknowledge);

    assertThat(verify()).isEqualTo(new Verifier.Result(3, 30, 0, 0, List.of()));
  }

  @Test
  void anAcknowledgedCheckpointThatIsAbsentIsLost() {
    List<Checkpoint> run = run();
    run.forEach(this::acknowledge);
    repository.put(run.get(0));
    repository.put(run.get(2));

    assertFinds(1, 1, "lost: version 2 of session 's' (id " + run.get(1).id() + ")");
  }

  @Test
  void anAcknowledgedCheckpointUnderAnotherIdIsLost() {
    run().forEach(this::acknowledge);
    run().forEach(repository::put);

    assertThat(verify().lost()).isEqualTo(3);
    assertThat(verify().mismatched()).isZero();
  }

  @Test
  void anAcknowledgedCheckpointWithOtherContentIsLost() {
    List<Checkpoint> run = run();
    run.forEach(this::acknowledge);
    repository.put(run.get(0));
    Map<String, Object> state = run.get(1).values();
    repository.put(run.get(1).toBuilder().values(Values.with(state, "step", 2L)).build());
    repository.put(run.get(2));

    assertFinds(1, 1, "other content at version 2");
  }

  @Test
  void aMissingEndIsAMismatch() {
    repository.put(run().get(0));

    assertFinds(0, 1, "ends at version 1 instead of 3");
  }

  @Test
  void aMissingSessionIsAMismatch() {
    assertFinds(0, 1, "ends at version 0 instead of 3");
  }

  @Test
  void aWrongParentIsAMismatch() {
    List<Checkpoint> run = run();
    repository.put(run.get(0));
    repository.put(run.get(1));
    repository.put(run.get(2).toBuilder().parentId(run.get(0).id()).build());

    assertFinds(0, 1, "wrong parent at version 3");
  }

  @Test
  void aStepTooManyIsAMismatch() {
    List<Checkpoint> run = run();
    run.forEach(repository::put);
    repository.put(run.get(2).next().build());

    assertFinds(0, 1, "ends at version 4 instead of 3");
  }

  @Test
  void aForeignSessionIsAMismatch() {
    run().forEach(repository::put);
    repository.save("foreign", Map.of());

    assertFinds(0, 1, "session 'foreign' was never replayed");
  }
}
