package dev.checkpoint4j.benchmarks;

import dev.checkpoint4j.benchmarks.media.Backend;
import dev.checkpoint4j.benchmarks.media.Conversations;
import dev.checkpoint4j.benchmarks.media.Medium;
import dev.checkpoint4j.benchmarks.media.Place;
import dev.checkpoint4j.benchmarks.media.Side;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts what a chat leaves on a medium, whose every step is stored. */
final class StoredBytes {

  private StoredBytes() {}

  static void count(Iterable<Backend> backends, List<Integer> steps, Results results)
      throws IOException {
    for (Backend backend : backends) {
      if (backend.outlivesProcesses()) {
        for (Side side : Side.values()) {
          System.out.printf("counting the bytes of %s, %s%n", backend, side);
          for (Results.Stored stored : count(backend, side, steps)) {
            results.add(stored);
          }
        }
      }
    }
  }

  private static List<Results.Stored> count(Backend backend, Side side, List<Integer> steps) {
    Place place = new Place(backend, "bytes_" + side);
    List<Results.Stored> counts = new ArrayList<>();
    try (Medium medium = place.open(side)) {
      int last = steps.get(steps.size() - 1);
      Iterator<Map<String, @Nullable Object>> messages = Conversations.messages(last).iterator();
      Medium.Chat chat = medium.chat("chat");
      Object unused;
      for (int step = 1; step <= last; step++) {
        unused = chat.step(messages.next());
        if (steps.contains(step)) {
          counts.add(new Results.Stored(backend, side.toString(), step, medium.storedBytes()));
        }
      }
    }
    place.delete();
    return counts;
  }
}
