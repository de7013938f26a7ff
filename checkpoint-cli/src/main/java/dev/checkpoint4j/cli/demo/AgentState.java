package dev.checkpoint4j.cli.demo;

import dev.checkpoint4j.Values;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The state of an agent: all messages so far, how many, and what the last tool answered. */
final class AgentState {

  private static final String MESSAGES = "messages";
  private static final String STEP = "step";
  private static final String LAST_TOOL_RESULT = "lastToolResult";

  /** The state of an agent that has not heard anything yet. */
  static final Map<String, @Nullable Object> INITIAL = Map.of();

  private AgentState() {}

  /** The state after one more message; shares all it can with the state before. */
  static Map<String, @Nullable Object> after(
      Map<String, @Nullable Object> state, Map<String, @Nullable Object> message) {
    Map<String, @Nullable Object> next = Values.append(state, MESSAGES, message);
    next.put(STEP, step(state) + 1);
    next.put(
        LAST_TOOL_RESULT,
        "tool".equals(message.get("role")) ? message.get("content") : state.get(LAST_TOOL_RESULT));
    return next;
  }

  /** How many messages the agent has dealt with. */
  static int step(Map<String, @Nullable Object> state) {
    return state.get(STEP) instanceof Integer step ? step : 0;
  }
}
