package dev.checkpoint4j.benchmarks.media;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a long chat: recorded runs of an agent, one after the other, where their file is
 * given; otherwise generated ones of similar lengths.
 */
public final class Conversations {

  /** The property that tells a fork the file. */
  public static final String FILE_PROPERTY = "checkpoint.benchmarks.trajectories";

  private static final long SEED = 11;
  private static final int GENERATED = 1_100;

  private Conversations() {}

  public static boolean areRecorded() {
    return System.getProperty(FILE_PROPERTY) != null;
  }

  /** At least so many messages. */
  public static List<Map<String, @Nullable Object>> messages(int count) {
    List<Map<String, @Nullable Object>> once = areRecorded() ? recorded() : generated();
    List<Map<String, @Nullable Object>> messages = new ArrayList<>(once);
    while (messages.size() < count) {
      messages.addAll(once);
    }
    return messages;
  }

  private static List<Map<String, @Nullable Object>> recorded() {
    ObjectMapper mapper = new ObjectMapper();
    List<Map<String, @Nullable Object>> messages = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(Path.of(System.getProperty(FILE_PROPERTY)))) {
        for (JsonNode message : mapper.readTree(line).get("messages")) {
          @SuppressWarnings("unchecked")
          Map<String, @Nullable Object> map = mapper.convertValue(message, LinkedHashMap.class);
          messages.add(map);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return messages;
  }

  private static List<Map<String, @Nullable Object>> generated() {
    Random random = new Random(SEED);
    List<String> roles = List.of("user", "assistant", "tool", "assistant");
    List<Map<String, @Nullable Object>> messages = new ArrayList<>();
    for (int i = 0; i < GENERATED; i++) {
      Map<String, @Nullable Object> message = new LinkedHashMap<>();
      message.put("role", roles.get(i % roles.size()));
      message.put("content", Payloads.text(random, 100 + random.nextInt(760)));
      messages.add(message);
    }
    return messages;
  }
}
