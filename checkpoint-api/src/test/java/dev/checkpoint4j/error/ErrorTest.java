package dev.checkpoint4j.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErrorTest {

  private static final Checkpoint REFUSED =
      Checkpoint.builder("s")
          .id("i")
          .namespace("n")
          .version(3)
          .values(Map.of("key", "secret"))
          .build();

  private static final ErrorContext CONTEXT =
      ErrorContext.of("file", "get").session(new SessionKey("n", "s")).checkpoint("n", "i");

  @Test
  void aConflictTellsBothVersionsAndWhatToDo() {
    VersionConflictException conflict =
        new VersionConflictException("memory", REFUSED, Expectation.any(), 7);
    assertThat(conflict)
        .hasMessage(
            "version 3 is not greater than the latest stored version 7; nothing was changed. Read"
                + " the latest checkpoint and derive the next one from it [backend=memory,"
                + " operation=put, namespace=n, session=s, id=i]");
    assertThat(conflict.version()).isEqualTo(3);
    assertThat(conflict.latestVersion()).isEqualTo(7);
    assertThat(conflict.mayHaveBeenApplied()).isFalse();
    assertContext(conflict, "memory", "put");
  }

  @Test
  void aDuplicateTellsTheIdAndNoValue() {
    DuplicateCheckpointException duplicate = new DuplicateCheckpointException("memory", REFUSED);
    assertContext(duplicate, "memory", "put");
    assertThat(duplicate.getMessage())
        .contains("nothing was changed", "id=i")
        .doesNotContain("secret");
  }

  @Test
  void onlyAnUnknownOutcomeMayHaveBeenApplied() {
    Throwable cause = new IllegalStateException("cause");
    assertThat(new OutcomeUnknownException("m", CONTEXT, cause).mayHaveBeenApplied()).isTrue();
    for (CheckpointException failure :
        List.of(
            new StorageUnavailableException("m", CONTEXT, cause),
            new StorageAccessDeniedException("m", CONTEXT, cause),
            new StorageLimitExceededException("m", CONTEXT, cause),
            new CorruptCheckpointException("m", CONTEXT, cause))) {
      assertThat(failure.mayHaveBeenApplied()).isFalse();
      assertThat(failure)
          .hasMessage("m [backend=file, operation=get, namespace=n, session=s, id=i]")
          .hasCause(cause);
      assertContext(failure, "file", "get");
    }
  }

  @Test
  void aContextHoldsWhatIsKnown() {
    assertThat(ErrorContext.of("file", "open")).hasToString("[backend=file, operation=open]");
    assertThat(ErrorContext.of("file", "listSessions").namespace("n"))
        .hasToString("[backend=file, operation=listSessions, namespace=n]");
    assertThat(ErrorContext.of("file", "put").checkpoint(REFUSED))
        .isEqualTo(new ErrorContext("file", "put", "n", "s", "i"));
    BackendNotFoundException notFound = new BackendNotFoundException("gopher", "add it");
    assertThat(notFound.backendId()).isEqualTo("gopher");
    assertThat(notFound.namespace()).isEmpty();
    assertThat(notFound.sessionId()).isEmpty();
    assertThat(notFound.checkpointId()).isEmpty();
  }

  @Test
  void aConfigurationErrorListsEveryProblem() {
    BackendConfigurationException several =
        new BackendConfigurationException("file", List.of("one", "two"), null);
    assertThat(several.problems()).containsExactly("one", "two");
    assertThat(several).hasMessage("2 problems: one; two [backend=file, operation=open]");
    assertThat(new BackendConfigurationException("file", "only"))
        .hasMessage("only [backend=file, operation=open]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BackendConfigurationException("file", List.of(), null));
  }

  @Test
  void anErrorThatWasSerializedTellsTheSame() throws Exception {
    for (CheckpointException error :
        List.of(
            new StorageUnavailableException("m", CONTEXT, null),
            new OutcomeUnknownException("m", CONTEXT, null),
            new DuplicateCheckpointException("file", REFUSED))) {
      CheckpointException copy = serialized(error);
      assertThat(copy).as("copy of an error").hasMessage(error.getMessage());
      assertThat(copy.context()).as("context of %s", error).isEqualTo(error.context());
      assertThat(copy.mayHaveBeenApplied())
          .as("whether %s was applied", error)
          .isEqualTo(error.mayHaveBeenApplied());
    }
    assertThat(
            serialized(new VersionConflictException("file", REFUSED, Expectation.any(), 7))
                .latestVersion())
        .as("latest version of a conflict")
        .isEqualTo(7);
    assertThat(serialized(new BackendConfigurationException("file", "only")).problems())
        .as("problems of a configuration")
        .containsExactly("only");
  }

  @SuppressWarnings("unchecked") // A copy is of the class of its original.
  private static <E extends CheckpointException> E serialized(E error) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(error);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (E) in.readObject();
    }
  }

  private static void assertContext(CheckpointException error, String backend, String operation) {
    assertThat(error.backendId()).isEqualTo(backend);
    assertThat(error.operation()).isEqualTo(operation);
    assertThat(error.namespace()).contains("n");
    assertThat(error.sessionId()).contains("s");
    assertThat(error.checkpointId()).contains("i");
  }
}
