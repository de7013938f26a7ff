package dev.checkpoint4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a worker of the demo is to do: the first line of its stdin. Not on its command line, which
 * everybody on the machine can read, since the URL of a store may hold a password.
 *
 * @param store the URL of the store
 * @param namespace where to save
 * @param transcripts the file to replay, or {@code null} for what is shipped
 */
record WorkerOrder(String store, String namespace, @Nullable Path transcripts) {

  String toLine() {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("store", store);
    fields.put("namespace", namespace);
    fields.put("transcripts", transcripts == null ? null : transcripts.toString());
    return Json.compact(fields);
  }

  static WorkerOrder parse(@Nullable String line) {
    Map<String, @Nullable Object> fields;
    try {
      fields = Json.readObject(line == null ? "" : line);
    } catch (JsonProcessingException e) {
      throw CommandFailedException.usage("demo-worker is started by demo, not by hand");
    }
    String transcripts = (String) fields.get("transcripts");
    return new WorkerOrder(
        (String) Objects.requireNonNull(fields.get("store"), "store"),
        (String) Objects.requireNonNull(fields.get("namespace"), "namespace"),
        transcripts == null ? null : Path.of(transcripts));
  }
}
