package dev.checkpoint4j.benchmarks.peers;

import dev.checkpoint4j.benchmarks.media.ChatOnly;
import java.nio.file.Path;
import java.util.Map;
import org.bsc.langgraph4j.RunnableConfig;
import org.bsc.langgraph4j.checkpoint.BaseCheckpointSaver;
import org.bsc.langgraph4j.checkpoint.Checkpoint;
import org.bsc.langgraph4j.checkpoint.FileSystemSaver;
import org.bsc.langgraph4j.checkpoint.MemorySaver;
import org.bsc.langgraph4j.serializer.std.ObjectStreamStateSerializer;
import org.bsc.langgraph4j.state.AgentState;
import org.jspecify.annotations.Nullable;

/** A saver of langgraph4j, with the serializer that its graphs have by default. */
final class LangGraph4j extends ChatOnly {

  private final BaseCheckpointSaver saver;

  private LangGraph4j(BaseCheckpointSaver saver) {
    this.saver = saver;
  }

  static LangGraph4j memory() {
    return new LangGraph4j(new MemorySaver());
  }

  static LangGraph4j files(Path directory) {
    return new LangGraph4j(
        new FileSystemSaver(directory, new ObjectStreamStateSerializer<>(AgentState::new)));
  }

  private static RunnableConfig config(String session) {
    return RunnableConfig.builder().threadId(session).build();
  }

  @Override
  @SuppressWarnings("NullAway") // Its maps take null as well.
  public Object put(String session, long version, Map<String, @Nullable Object> values) {
    Checkpoint checkpoint =
        Checkpoint.builder().state(values).nodeId("agent").nextNodeId("agent").build();
    try {
      return saver.put(config(session), checkpoint);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Object latest(String session) {
    return saver.get(config(session)).orElseThrow();
  }

  @Override
  public Object deleteSession(String session) {
    try {
      return saver.release(config(session));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {}
}
