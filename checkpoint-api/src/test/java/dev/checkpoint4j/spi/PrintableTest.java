package dev.checkpoint4j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.UnsupportedValueException;
import dev.checkpoint4j.error.VersionConflictException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PrintableTest {

  /** Legal in an id, and shown by a terminal as something else: direction, lines, invisible. */
  private static final String NAME = "a\u202eb\u2028c\u2066d\u2029e\u200bf";

  private static final String SHOWN = "a\\u202eb\\u2028c\\u2066d\\u2029e\\u200bf";

  /** Legal as a key of a map only. */
  private static final String KEY = NAME + "\u0000\n\u001b[2J\u0085\ud800";

  private static final String SHOWN_KEY = SHOWN + "\\u0000\\u000a\\u001b[2J\\u0085\\ud800";

  private static final Checkpoint CHECKPOINT =
      Checkpoint.builder(CheckpointMetadata.builder(NAME).taskId(NAME).attribute(KEY, 1).build())
          .id(NAME)
          .parentId(NAME)
          .namespace(NAME)
          .build();

  private static final SessionKey SESSION = CHECKPOINT.sessionKey();

  private static final ErrorContext CONTEXT = ErrorContext.of("test", "get").checkpoint(CHECKPOINT);

  @Test
  void whatShowsStaysAsItIs() {
    String text = "Gr\u00fc\u00dfe, \u4f60\u597d, \ud83d\ude42 \\ \"%2F\" a/b";
    assertThat(Printable.line(text)).isSameAs(text);
  }

  @Test
  void whatDoesNotShowIsEscaped() {
    assertThat(Printable.line(KEY)).isEqualTo(SHOWN_KEY);
    assertThat(Printable.line("\udb40\udc01")).as("a tag").isEqualTo("\\udb40\\udc01");
  }

  /** How often each text quotes the name, and how often the key. */
  static Stream<Arguments> texts() {
    return Stream.of(
        Arguments.of("Checkpoint", CHECKPOINT.toString(), 5, 1),
        Arguments.of("CheckpointHeader", CHECKPOINT.header().toString(), 5, 1),
        Arguments.of("CheckpointMetadata", CHECKPOINT.metadata().toString(), 2, 1),
        Arguments.of("SessionKey", SESSION.toString(), 2, 0),
        Arguments.of("Page", Page.of(List.of(SESSION), null).toString(), 2, 0),
        Arguments.of("ErrorContext", CONTEXT.toString(), 3, 0),
        Arguments.of(
            "CheckpointQuery",
            CheckpointQuery.builder(SESSION)
                .taskId(NAME)
                .parentId(NAME)
                .attribute(KEY, 1)
                .cursor(KEY)
                .build()
                .toString(),
            4,
            2),
        Arguments.of(
            "StorageEvent",
            new StorageEvent(
                    CONTEXT,
                    Duration.ZERO,
                    Optional.of(new IllegalStateException("of a driver: " + KEY)))
                .toString(),
            3,
            1),
        Arguments.of("RecoveryEvent", new RecoveryEvent("test", NAME, NAME, KEY).toString(), 2, 1),
        message(new DuplicateCheckpointException("test", CHECKPOINT), 3, 0),
        message(new VersionConflictException("test", CHECKPOINT, Expectation.any(), 3), 3, 0),
        message(new StorageUnavailableException("no '" + KEY + "'", CONTEXT, null), 3, 1),
        message(new CorruptCheckpointException("the file " + KEY, CONTEXT, null), 3, 1),
        message(new BackendConfigurationException("test", "the option " + KEY), 0, 1),
        message(
            catchThrowable(() -> Checkpoint.builder("s").values(Map.of(KEY, new Object())).build()),
            0,
            1),
        message(
            catchThrowable(() -> CheckpointQuery.builder("n").attribute(KEY, new Object()).build()),
            0,
            1));
  }

  private static Arguments message(Throwable failure, int names, int keys) {
    return Arguments.of(failure.getClass().getSimpleName(), failure.toString(), names, keys);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("texts")
  void everyTextThatQuotesANameEscapesIt(String what, String text, int names, int keys) {
    assertThat(Printable.line(text)).as("the text has nothing to escape").isSameAs(text);
    assertThat(text.split(java.util.regex.Pattern.quote(SHOWN), -1))
        .as("parts of '%s'", text)
        .hasSize(names + keys + 1);
    assertThat(text.split(java.util.regex.Pattern.quote(SHOWN_KEY), -1)).hasSize(keys + 1);
  }

  @Test
  void theIdsOfAFailureAreStillThoseThatAreStored() {
    DuplicateCheckpointException failure = new DuplicateCheckpointException("test", CHECKPOINT);
    assertThat(failure.checkpointId()).contains(NAME);
    assertThat(failure.sessionId()).contains(NAME);
    assertThat(failure.namespace()).contains(NAME);
  }

  @Test
  void aPathThatIsCutShowsNoHalfOfACharacter() {
    String key = "k".repeat(56) + "\ud83d\ude42".repeat(10);
    assertThat(
            catchThrowable(() -> Checkpoint.builder("s").values(Map.of(key, new Object())).build()))
        .isInstanceOfSatisfying(
            UnsupportedValueException.class,
            e -> assertThat(e.path()).as("path").isEqualTo(Printable.line(e.path())));
  }
}
