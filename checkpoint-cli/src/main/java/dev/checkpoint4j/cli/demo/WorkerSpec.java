package dev.checkpoint4j.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.checkpoint4j.cli.support.CommandFailedException;
import dev.checkpoint4j.cli.support.Json;
import dev.checkpoint4j.cli.support.StoreAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a worker of the demo is to do: the first line of its stdin. Not on its command line, which
 * everybody on the machine can read, since a store may need a password.
 *
 * @param store where to save
 * @param namespace in which namespace of it
 * @param transcripts the file to replay, or {@code null} for what is shipped
 */
public record WorkerSpec(StoreAddress store, String namespace, @Nullable Path transcripts) {

  public String toLine() {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("store", store.url());
    fields.put("options", store.options());
    fields.put("namespace", namespace);
    fields.put("transcripts", transcripts == null ? null : transcripts.toString());
    return Json.compact(fields);
  }

  public static WorkerSpec parse(@Nullable String line) {
    Map<String, @Nullable Object> fields;
    try {
      fields = Json.readObject(line == null ? "" : line);
    } catch (JsonProcessingException e) {
      throw CommandFailedException.usage("demo-worker is started by demo, not by hand");
    }
    String transcripts = (String) fields.get("transcripts");
    return new WorkerSpec(
        new StoreAddress(
            (String) Objects.requireNonNull(fields.get("store"), "store"),
            texts((Map<?, ?>) Objects.requireNonNull(fields.get("options"), "options"))),
        (String) Objects.requireNonNull(fields.get("namespace"), "namespace"),
        transcripts == null ? null : Path.of(transcripts));
  }

  private static Map<String, String> texts(Map<?, ?> members) {
    Map<String, String> texts = new LinkedHashMap<>();
    members.forEach((name, value) -> texts.put((String) name, (String) value));
    return texts;
  }
}
