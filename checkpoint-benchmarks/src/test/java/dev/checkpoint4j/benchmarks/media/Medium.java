package dev.checkpoint4j.benchmarks.media;

import dev.checkpoint4j.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where checkpoints go: a store, or the medium below it. What an operation returns is for the
 * caller to consume, so that no compiler leaves the operation out.
 */
public interface Medium extends AutoCloseable {

  /** The length of a page of a listing. */
  int PAGE = 20;

  /** Stores values, which the caller goes on to change, durably before it returns. */
  Object put(String session, long version, Map<String, @Nullable Object> values);

  /** The checkpoint of the greatest version, with all its values as objects. */
  Object latest(String session);

  /** The greatest version, for a caller that goes on where others stopped; not measured. */
  long latestVersion(String session);

  Object get(String session, String id);

  /** The ids of a session; not measured. */
  List<String> ids(String session);

  /** A page of a session, newest first. */
  Object list(String session, @Nullable String cursor);

  /** The first page without values. */
  Object listHeaders(String session);

  /** A cursor behind so many checkpoints; not measured. */
  String cursorBehind(String session, int count);

  /** Reads the latest and stores the next. */
  Object save(String session, Map<String, @Nullable Object> values);

  Object deleteSession(String session);

  /** The bytes that the medium holds. */
  long storedBytes();

  @Override
  void close();

  /** A chat whose every step is stored. */
  default Chat chat(String session) {
    return new WholeChat(this, session);
  }

  /** A chat that grows by a message with each step. */
  interface Chat {

    /** Stores the state of the agent after a message. */
    Object step(Map<String, @Nullable Object> message);
  }

  /** Hands over the whole state each time, as an application has it. */
  final class WholeChat implements Chat {
    private final Medium medium;
    private final String session;
    private final Map<String, @Nullable Object> state = new LinkedHashMap<>();
    private final List<@Nullable Object> messages = new ArrayList<>();
    private int step;

    WholeChat(Medium medium, String session) {
      this.medium = medium;
      this.session = session;
      state.put("step", 0);
      state.put("lastToolResult", null);
      state.put("messages", messages);
    }

    @Override
    public Object step(Map<String, @Nullable Object> message) {
      messages.add(message);
      state.put("step", ++step);
      if ("tool".equals(message.get("role"))) {
        state.put("lastToolResult", message.get("content"));
      }
      return medium.put(session, step, state);
    }
  }

  /** Hands over what is new only; the rest of the state is that of the checkpoint before. */
  final class SharingChat implements Chat {
    private final Medium medium;
    private final String session;
    private Map<String, @Nullable Object> values = Map.of();
    private int step;

    SharingChat(Medium medium, String session) {
      this.medium = medium;
      this.session = session;
    }

    @Override
    public Object step(Map<String, @Nullable Object> message) {
      Map<String, @Nullable Object> changed = Values.append(values, "messages", message);
      changed.put("step", ++step);
      if ("tool".equals(message.get("role"))) {
        changed.put("lastToolResult", message.get("content"));
      }
      values = Values.freeze(changed);
      return medium.put(session, step, values);
    }
  }

  /** Hands over the whole state in a map and a list that are new each time. */
  final class CopyingChat implements Chat {
    private final Medium medium;
    private final String session;
    private Map<String, @Nullable Object> state = Map.of();
    private List<@Nullable Object> messages = List.of();
    private int step;

    CopyingChat(Medium medium, String session) {
      this.medium = medium;
      this.session = session;
    }

    @Override
    public Object step(Map<String, @Nullable Object> message) {
      messages = new ArrayList<>(messages);
      messages.add(message);
      state = new LinkedHashMap<>(state);
      state.put("messages", messages);
      state.put("step", ++step);
      if ("tool".equals(message.get("role"))) {
        state.put("lastToolResult", message.get("content"));
      }
      return medium.put(session, step, state);
    }
  }
}
