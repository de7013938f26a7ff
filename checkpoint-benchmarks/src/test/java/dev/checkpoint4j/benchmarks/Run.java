package dev.checkpoint4j.benchmarks;

import dev.checkpoint4j.benchmarks.media.Backend;
import dev.checkpoint4j.benchmarks.media.Conversations;
import dev.checkpoint4j.benchmarks.media.Peers.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * When, where and how it was measured.
 *
 * @param machine what matters of it, by its name
 * @param versions of what was measured
 * @param longHistory what is compared with a history of 10
 * @param again what was measured again or added, and by what
 */
public record Run(
    String date,
    Map<String, String> machine,
    Map<String, String> versions,
    List<Backend> backends,
    List<Peer> peers,
    int rounds,
    int longHistory,
    boolean recordedChats,
    String command,
    List<String> again) {

  static Run of(
      List<Backend> backends,
      List<Peer> peers,
      Effort effort,
      Path directory,
      String classPath,
      String command)
      throws IOException {
    return new Run(
        LocalDate.now(ZoneOffset.UTC).toString(),
        Machine.describe(directory),
        Machine.versions(classPath),
        backends,
        peers,
        effort.rounds(),
        effort.longHistory(),
        Conversations.areRecorded(),
        command,
        List.of());
  }

  /** This one, and another one that measured some of it again or other backends as well. */
  Run again(Collection<Backend> measured, String later) {
    Set<Backend> all = new LinkedHashSet<>(backends);
    String what =
        all.addAll(measured)
            ? "Backends were added by `%s` on %s."
            : "Measured again by `%s` on %s, replacing earlier results.";
    List<String> sentences = new ArrayList<>(again);
    sentences.add(what.formatted(later, LocalDate.now(ZoneOffset.UTC)));
    return new Run(
        date,
        machine,
        versions,
        List.copyOf(all),
        peers,
        rounds,
        longHistory,
        recordedChats,
        command,
        sentences);
  }

  /** Of the points that no budget is about. */
  public int fewerRounds() {
    return (rounds + 4) / 5;
  }
}
