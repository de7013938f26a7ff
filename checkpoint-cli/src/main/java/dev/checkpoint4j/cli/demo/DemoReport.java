package dev.checkpoint4j.cli.demo;

import dev.checkpoint4j.cli.support.Json;
import dev.checkpoint4j.cli.support.TextTable;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The outcome of a demo.
 *
 * @param sessions how many were replayed
 * @param checkpoints how many are stored
 * @param acknowledged how many the worker reported as stored; a kill may fall between storing and
 *     reporting
 * @param crashes how often the worker was killed
 * @param lost how many acknowledged checkpoints are absent or different
 * @param mismatched how many sessions have a wrong chain or a wrong final state
 * @param putMicrosP50 the median of the acknowledged puts, in microseconds
 * @param putMicrosP99 the 99th percentile
 * @param bytesStored what the store takes up for them
 */
record DemoReport(
    long sessions,
    long checkpoints,
    long acknowledged,
    long crashes,
    long lost,
    long mismatched,
    long putMicrosP50,
    long putMicrosP99,
    long bytesStored) {

  boolean isGood() {
    return lost == 0 && mismatched == 0;
  }

  String toJson() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("sessions", sessions);
    fields.put("checkpoints", checkpoints);
    fields.put("acknowledged", acknowledged);
    fields.put("crashes", crashes);
    fields.put("lost", lost);
    fields.put("mismatched", mismatched);
    fields.put("putMicrosP50", putMicrosP50);
    fields.put("putMicrosP99", putMicrosP99);
    fields.put("bytesStored", bytesStored);
    return Json.compact(fields);
  }

  void print(PrintWriter out) {
    TextTable table = new TextTable(out, "OUTCOME", "");
    table.row("sessions", grouped(sessions));
    table.row("checkpoints", grouped(checkpoints));
    table.row("acknowledged", grouped(acknowledged));
    table.row("crashes", grouped(crashes));
    table.row("lost", grouped(lost));
    table.row("mismatched", grouped(mismatched));
    table.row("put p50", grouped(putMicrosP50) + " microseconds");
    table.row("put p99", grouped(putMicrosP99) + " microseconds");
    table.row("bytes stored", grouped(bytesStored));
    out.println();
    table.end();
    out.println();
    out.println(
        isGood()
            ? "No acknowledged checkpoint was lost; every session is as if never interrupted."
            : "FAILED: the store has lost or changed what it had acknowledged.");
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /**
   * The smallest of the values such that {@code percent} of a hundred are no greater (nearest
   * rank).
   *
   * @param sorted at least one value, ascending
   */
  static long percentile(long[] sorted, int percent) {
    return sorted[(int) ((sorted.length * (long) percent + 99) / 100) - 1];
  }
}
