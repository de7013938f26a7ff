package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How calls and their arguments read in a message: shortened, with everything that looks alike
 * escaped. Unlike the texts of the API these show values, which here are those of the TCK.
 */
final class CallText {

  private static final int MOST_ENTRIES = 6;

  private CallText() {}

  static String put(Checkpoint checkpoint, Expectation expectation) {
    String expected =
        expectation
            .latestId()
            .map(id -> " if the latest is " + Differences.quote(id))
            .orElse(expectation.isAny() ? "" : " if there is no session");
    return "put " + checkpoint(checkpoint) + expected;
  }

  static String checkpoint(Checkpoint checkpoint) {
    return "Checkpoint[%s, values=%s]"
        .formatted(fields(checkpoint.header()), value(checkpoint.values()));
  }

  static String header(CheckpointHeader header) {
    return "CheckpointHeader[" + fields(header) + "]";
  }

  private static String fields(CheckpointHeader header) {
    StringJoiner fields = new StringJoiner(", ");
    fields.add("id=" + Differences.quote(header.id()));
    fields.add(session(header.sessionKey()));
    fields.add("version=" + header.version());
    fields.add("ts=" + header.ts());
    header.metadata().taskId().ifPresent(task -> fields.add("task=" + Differences.quote(task)));
    header.parentId().ifPresent(parent -> fields.add("parent=" + Differences.quote(parent)));
    if (!header.metadata().attributes().isEmpty()) {
      fields.add("attributes=" + value(header.metadata().attributes()));
    }
    return fields.toString();
  }

  static String session(SessionKey session) {
    return "namespace=%s, session=%s"
        .formatted(Differences.quote(session.namespace()), Differences.quote(session.sessionId()));
  }

  /** The conditions of a query, its order and its limit; not its cursor. */
  static String query(CheckpointQuery query) {
    StringJoiner text = new StringJoiner(", ");
    text.add("namespace=" + Differences.quote(query.namespace()));
    query.sessionId().ifPresent(id -> text.add("session=" + Differences.quote(id)));
    query.taskId().ifPresent(id -> text.add("task=" + Differences.quote(id)));
    query.parentId().ifPresent(id -> text.add("parent=" + Differences.quote(id)));
    if (query.minVersion() > 1 || query.maxVersion() < Long.MAX_VALUE) {
      text.add("versions=%d..%d".formatted(query.minVersion(), query.maxVersion()));
    }
    query.tsFrom().ifPresent(ts -> text.add("tsFrom=" + ts));
    query.tsBefore().ifPresent(ts -> text.add("tsBefore=" + ts));
    if (!query.attributes().isEmpty()) {
      text.add("attributes=" + value(query.attributes()));
    }
    return text.add(query.order().toString()).add("limit=" + query.limit()).toString();
  }

  static String ids(List<String> ids) {
    return value(ids);
  }

  /** A value with its Java type, where it is not a string or a container. */
  static String value(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      String more = map.size() > MOST_ENTRIES ? ", ... (" + map.size() + " entries)}" : "}";
      return map.entrySet().stream()
          .limit(MOST_ENTRIES)
          .map(
              entry ->
                  Differences.quote(String.valueOf(entry.getKey()))
                      + ": "
                      + value(entry.getValue()))
          .collect(Collectors.joining(", ", "{", more));
    }
    if (value instanceof List<?> list) {
      String more = list.size() > MOST_ENTRIES ? ", ... (" + list.size() + " elements)]" : "]";
      return list.stream()
          .limit(MOST_ENTRIES)
          .map(CallText::value)
          .collect(Collectors.joining(", ", "[", more));
    }
    return value instanceof String text ? Differences.quote(text) : Differences.describe(value);
  }
}
