package dev.checkpoint4j.benchmarks.peers;

import com.alibaba.cloud.ai.graph.RunnableConfig;
import com.alibaba.cloud.ai.graph.StateGraph;
import com.alibaba.cloud.ai.graph.checkpoint.BaseCheckpointSaver;
import com.alibaba.cloud.ai.graph.checkpoint.Checkpoint;
import com.alibaba.cloud.ai.graph.checkpoint.savers.MemorySaver;
import com.alibaba.cloud.ai.graph.checkpoint.savers.file.FileSystemSaver;
import com.alibaba.cloud.ai.graph.checkpoint.savers.postgresql.PostgresSaver;
import dev.checkpoint4j.benchmarks.media.ChatOnly;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A saver of Spring AI Alibaba Graph, with the serializer that its graphs have by default. */
final class SpringAiAlibaba extends ChatOnly {

  private final BaseCheckpointSaver saver;

  private SpringAiAlibaba(BaseCheckpointSaver saver) {
    this.saver = saver;
  }

  static SpringAiAlibaba memory() {
    return new SpringAiAlibaba(new MemorySaver());
  }

  static SpringAiAlibaba files(Path directory) {
    return new SpringAiAlibaba(
        FileSystemSaver.builder()
            .targetFolder(directory)
            .stateSerializer(StateGraph.DEFAULT_JACKSON_SERIALIZER)
            .build());
  }

  /** Of a server without passwords; its tables have fixed names. */
  static SpringAiAlibaba postgres(String jdbcUrl) {
    URI server = URI.create(jdbcUrl.substring("jdbc:".length()));
    return new SpringAiAlibaba(
        PostgresSaver.builder()
            .host(server.getHost())
            .port(server.getPort())
            .database("postgres")
            .user("postgres")
            .password("postgres")
            .createTables(!hasTables(jdbcUrl))
            .stateSerializer(StateGraph.DEFAULT_JACKSON_SERIALIZER)
            .build());
  }

  /** It can make them only where none of them is there. */
  private static boolean hasTables(String jdbcUrl) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery("SELECT to_regclass('graphcheckpoint') IS NOT NULL")) {
      found.next();
      return found.getBoolean(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
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
