package dev.checkpoint4j.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.Values;
import dev.checkpoint4j.cli.support.CommandFailedException;
import dev.checkpoint4j.cli.support.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads transcripts: one JSON object per line, with session_id, task_id (optional) and messages.
 */
final class Transcripts {

  private static final String SHIPPED = "transcripts.jsonl";

  private final String source;
  private final List<Transcript> transcripts = new ArrayList<>();
  private final Map<String, Integer> lineOfSession = new HashMap<>();
  private int lineNumber;

  private Transcripts(String source) {
    this.source = source;
  }

  /** Those of the file, or those that are shipped with the command if there is none. */
  static List<Transcript> read(@Nullable Path file) {
    return file == null ? readShipped() : readFile(file);
  }

  private static List<Transcript> readShipped() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(Transcripts.class.getResourceAsStream(SHIPPED), SHIPPED),
                StandardCharsets.UTF_8))) {
      return new Transcripts(SHIPPED).read(lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Transcript> readFile(Path file) {
    if (!Files.exists(file)) {
      throw unreadable(file, "does not exist");
    }
    if (!Files.isRegularFile(file)) {
      throw unreadable(file, "is not a regular file, which it must be to be read several times");
    }
    if (!Files.isReadable(file)) {
      throw unreadable(file, "may not be read by this user");
    }
    Transcripts transcripts = new Transcripts(file.toString());
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      return transcripts.read(lines);
    } catch (CharacterCodingException e) {
      throw unreadable(
          file, "is not UTF-8, somewhere after line " + transcripts.lineNumber + "; convert it");
    } catch (IOException e) {
      throw unreadable(file, "cannot be read: " + e);
    }
  }

  private static CommandFailedException unreadable(Path file, String problem) {
    return CommandFailedException.usage("the transcripts file '" + file + "' " + problem);
  }

  private List<Transcript> read(BufferedReader lines) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      lineNumber++;
      if (!line.isBlank()) {
        transcripts.add(parse(line));
      }
    }
    if (transcripts.isEmpty()) {
      throw CommandFailedException.usage(source + " holds no transcripts");
    }
    return transcripts;
  }

  private Transcript parse(String line) {
    Map<String, @Nullable Object> fields;
    try {
      fields = new LinkedHashMap<>(Json.readObject(line));
    } catch (JsonProcessingException e) {
      int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      throw malformed("not a JSON object (column " + column + "): " + e.getOriginalMessage());
    }
    if (!(fields.remove("session_id") instanceof String sessionId)) {
      throw malformed("\"session_id\" must be a string");
    }
    Object taskId = fields.remove("task_id");
    if (taskId != null && !(taskId instanceof String)) {
      throw malformed("\"task_id\" must be a string, or absent");
    }
    List<Map<String, @Nullable Object>> messages = messages(fields.remove("messages"));
    Integer earlier = lineOfSession.putIfAbsent(sessionId, lineNumber);
    if (earlier != null) {
      throw malformed("\"session_id\" is that of line " + earlier + " again");
    }
    try {
      return new Transcript(
          CheckpointMetadata.builder(sessionId).taskId((String) taskId).attributes(fields).build(),
          messages);
    } catch (IllegalArgumentException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
  }

  private List<Map<String, @Nullable Object>> messages(@Nullable Object value) {
    if (!(value instanceof List<?> list) || list.isEmpty()) {
      throw malformed("\"messages\" must be an array of at least one object");
    }
    List<Map<String, @Nullable Object>> messages = new ArrayList<>();
    for (Object element : list) {
      if (!(element instanceof Map<?, ?> message)) {
        throw malformed("\"messages[" + messages.size() + "]\" must be an object");
      }
      messages.add(frozen(message));
    }
    return messages;
  }

  private Map<String, @Nullable Object> frozen(Map<?, ?> message) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    message.forEach((name, value) -> fields.put((String) name, value));
    try {
      return Values.freeze(fields);
    } catch (IllegalArgumentException e) {
      throw malformed("a message cannot be stored: " + e.getMessage());
    }
  }

  private CommandFailedException malformed(String problem) {
    return CommandFailedException.usage(source + ", line " + lineNumber + ": " + problem);
  }
}
