package dev.checkpoint4j.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.cli.support.StoreAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerMessageTest {

  static Stream<WorkerMessage> messages() {
    return Stream.of(
        new WorkerMessage.Resumed(42),
        new WorkerMessage.Acknowledged("a\"b, \u202E 🙂", 7, "id", 123_456_789_012L),
        new WorkerMessage.Finished(),
        new WorkerMessage.Failed("it \"failed\"\nbadly"));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void aMessageIsOneLineAndReadsBack(WorkerMessage message) {
    assertThat(message.toLine().lines()).hasSize(1);
    assertThat(WorkerMessage.parse(message.toLine())).contains(message);
  }

  @Test
  void aLineThatAKillHasCutOffIsNoMessage() {
    String line = new WorkerMessage.Acknowledged("session", 7, "id", 5).toLine();
    for (int length = 0; length < line.length(); length++) {
      assertThat(WorkerMessage.parse(line.substring(0, length))).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[1]", "[\"acknowledged\"]", "[\"other\",1]", "{}", "null", "x"})
  void anythingElseIsNoMessage(String line) {
    assertThat(WorkerMessage.parse(line)).isEmpty();
  }

  @Test
  void ordersReadBackAndDoNotShowSecrets() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("password", "a=\"b\"\n\u202E");
    options.put("isolation", "");
    WorkerSpec order =
        new WorkerSpec(new StoreAddress("jdbc:x://h/?password=hidden", options), "n", null);

    assertThat(WorkerSpec.parse(order.toLine())).as("the order, read back").isEqualTo(order);
    assertThat(order.toString())
        .as("the order in a log")
        .contains("jdbc:x://h/", "options password, isolation")
        .doesNotContain("hidden", "a=");
  }
}
