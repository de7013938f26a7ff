package dev.checkpoint4j.internal;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Finds the name a user probably meant. */
public final class Similar {

  private Similar() {}

  /** The candidate with the least edit distance to {@code name}; there is at least one. */
  public static String nearest(String name, Collection<String> candidates) {
    return candidates.stream()
        .min(
            Comparator.comparingInt(
                candidate ->
                    distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT))))
        .orElseThrow();
  }

  /** The edit distance of Levenshtein (1966), by the row-wise algorithm of Wagner and Fischer. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(substitution, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
