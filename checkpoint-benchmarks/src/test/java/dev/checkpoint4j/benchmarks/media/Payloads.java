package dev.checkpoint4j.benchmarks.media;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** States of a size, the same in every process, as the maps and lists of an application. */
public final class Payloads {

  /** The names of all sizes, by what plain JSON has. */
  public static final List<String> NAMES = List.of("1KB", "16KB", "500KB", "16MB");

  private static final long SEED = 7;
  private static final int MESSAGE = 480;

  private Payloads() {}

  /** A new state that the caller may change. */
  public static Map<String, @Nullable Object> create(String name) {
    return switch (name) {
      case "1KB" -> state(4, 200);
      case "16KB" -> state(32, MESSAGE);
      case "500KB" -> state(980, MESSAGE);
      case "16MB" -> state(64, 256 << 10);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static Map<String, @Nullable Object> state(int messages, int length) {
    Random random = new Random(SEED);
    List<@Nullable Object> all = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      Map<String, @Nullable Object> message = new LinkedHashMap<>();
      message.put("role", i % 2 == 0 ? "user" : "assistant");
      message.put("content", text(random, length));
      all.add(message);
    }
    Map<String, @Nullable Object> state = new LinkedHashMap<>();
    state.put("step", 0);
    state.put("score", 0.25);
    state.put("done", false);
    state.put("messages", all);
    return state;
  }

  /** Words of letters, in which a compression would find little. */
  static String text(Random random, int length) {
    StringBuilder text = new StringBuilder(length);
    while (text.length() < length) {
      int word = 2 + random.nextInt(8);
      for (int i = 0; i < word && text.length() < length - 1; i++) {
        text.append((char) ('a' + random.nextInt(26)));
      }
      text.append(' ');
    }
    return text.toString();
  }
}
