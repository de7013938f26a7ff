package dev.checkpoint4j.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageAccessDeniedException;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.StorageUnavailableException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the file system says, in the words the JDK passes on, and what the store makes of it. */
class IoErrorsTest {

  private static final ErrorContext CONTEXT = ErrorContext.of("file", "put");

  static Stream<Arguments> errors() {
    return Stream.of(
        // An unreadable directory, for everybody but root.
        Arguments.of(new AccessDeniedException("state"), StorageAccessDeniedException.class),
        Arguments.of(new ReadOnlyFileSystemException(), StorageAccessDeniedException.class),
        Arguments.of(
            new FileSystemException("state", null, "Read-only file system"),
            StorageAccessDeniedException.class),
        Arguments.of(
            new FileSystemException("state", null, "Operation not permitted"),
            StorageAccessDeniedException.class),
        Arguments.of(
            new IOException("No space left on device"), StorageLimitExceededException.class),
        Arguments.of(new IOException("Disk quota exceeded"), StorageLimitExceededException.class),
        Arguments.of(
            new FileSystemException("state", null, "Too many open files"),
            StorageUnavailableException.class),
        Arguments.of(new IOException("Input/output error"), StorageUnavailableException.class),
        Arguments.of(new NoSuchFileException("state"), StorageUnavailableException.class),
        Arguments.of(new ClosedByInterruptException(), StorageUnavailableException.class));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void anErrorBeforeAnythingWasChangedSaysSo(
      Exception error, Class<? extends CheckpointException> expected) {
    CheckpointException reported = IoErrors.notApplied(error, CONTEXT);
    assertThat(reported).as("what %s becomes", error).isExactlyInstanceOf(expected);
    assertThat(reported.mayHaveBeenApplied()).as("may have been applied").isFalse();
    assertThat(reported).hasMessageContaining("nothing was changed");
    assertThat(reported.operation()).isEqualTo("put");
  }

  @Test
  void anErrorWhileWritingLeavesTheOutcomeOpen() {
    CheckpointException reported =
        IoErrors.outcomeUnknown(new IOException("Input/output error"), CONTEXT);
    assertThat(reported).isExactlyInstanceOf(OutcomeUnknownException.class);
    assertThat(reported.mayHaveBeenApplied()).isTrue();
    assertThat(reported).hasMessageContaining("Input/output error").hasMessageContaining("again");
  }
}
