package dev.checkpoint4j.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.cli.support.CommandFailedException;
import dev.checkpoint4j.cli.support.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TranscriptsTest {

  private static final String GOOD =
      "{'session_id':'a','task_id':'t','reward':0.5,'messages':[{'role':'user','content':'x'}]}";

  @TempDir private Path folder;

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("t.jsonl"), content.replace('\'', '"'));
  }

  @Test
  void theShippedOnesAreDialoguesWithTools() {
    List<Transcript> shipped = Transcripts.read(null);

    assertThat(shipped).hasSizeBetween(12, 20);
    assertThat(shipped)
        .allSatisfy(
            transcript -> {
              assertThat(transcript.messages()).hasSizeBetween(8, 20);
              assertThat(transcript.messages())
                  .extracting(message -> message.get("role"))
                  .contains("system", "user", "assistant", "tool");
            });
  }

  @Test
  void otherFieldsBecomeAttributes() throws IOException {
    Transcript transcript = Transcripts.read(file(GOOD + "\n\n")).get(0);

    assertThat(transcript.sessionId()).isEqualTo("a");
    assertThat(transcript.metadata().taskId()).contains("t");
    assertThat(transcript.metadata().attributes()).isEqualTo(Map.of("reward", 0.5));
    assertThat(transcript.messages()).containsExactly(Map.of("role", "user", "content", "x"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'session_id'|not a JSON object (column",
        "[1]|not a JSON object (column",
        "null|not a JSON object (column",
        "{} {}|not a JSON object (column",
        "{'messages':[{}]}|\"session_id\" must be a string",
        "{'session_id':7,'messages':[{}]}|\"session_id\" must be a string",
        "{'session_id':'','messages':[{}]}|sessionId is empty",
        "{'session_id':'b\\u0007','messages':[{}]}|control character",
        "{'session_id':'b','task_id':1,'messages':[{}]}|\"task_id\" must be a string",
        "{'session_id':'b'}|\"messages\" must be an array",
        "{'session_id':'b','messages':[]}|at least one",
        "{'session_id':'b','messages':[{},3]}|\"messages[1]\" must be an object",
        "{'session_id':'a','messages':[{}]}|that of line 1 again",
        "{'session_id':'b','session_id':'c','messages':[{}]}|Duplicate field",
      })
  void anErrorNamesTheLine(String line, String message) throws IOException {
    Path file = file(GOOD + "\n\n" + line + "\n");

    assertThatThrownBy(() -> Transcripts.read(file))
        .isInstanceOfSatisfying(
            CommandFailedException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageStartingWith(file + ", line 3: ")
        .hasMessageContaining(message);
  }

  @Test
  void aFileThatCannotBeReadSaysWhy() throws IOException {
    assertThatThrownBy(() -> Transcripts.read(folder.resolve("none")))
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> Transcripts.read(folder)).hasMessageContaining("not a regular file");
    assertThatThrownBy(() -> Transcripts.read(file(" \n"))).hasMessageContaining("no transcripts");
    Path latin1 =
        Files.write(folder.resolve("latin1"), "{\"é\":1}".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Transcripts.read(latin1)).hasMessageContaining("not UTF-8");
  }
}
