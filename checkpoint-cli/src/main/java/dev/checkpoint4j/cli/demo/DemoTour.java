package dev.checkpoint4j.cli.demo;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.cli.support.HeaderTable;
import dev.checkpoint4j.cli.support.Printable;
import dev.checkpoint4j.cli.support.TextTable;
import java.io.PrintWriter;
import java.util.Map;
import java.util.stream.Stream;

/** Shows what one can do with what the demo has stored: look back, and fork. */
final class DemoTour {

  private static final int ROWS_SHOWN = 6;

  private final CheckpointRepository repository;
  private final Transcript transcript;

  DemoTour(CheckpointRepository repository, Transcript transcript) {
    this.repository = repository;
    this.transcript = transcript;
  }

  void print(PrintWriter out) {
    printHistory(out);
    printLineage(out, fork());
  }

  private void printHistory(PrintWriter out) {
    out.println();
    out.println("History of session " + Printable.line(transcript.sessionId()) + ", newest first:");
    CheckpointQuery query = repository.query().sessionId(transcript.sessionId()).build();
    HeaderTable table = new HeaderTable(out);
    try (Stream<CheckpointHeader> headers = repository.streamHeaders(query)) {
      headers.limit(ROWS_SHOWN).forEach(table::row);
    }
    table.end();
    printRest(out, transcript.messages().size());
  }

  /** Starts a session of its own from an earlier step, in the middle of the transcript. */
  private Checkpoint fork() {
    int step = (transcript.messages().size() + 1) / 2;
    Checkpoint earlier = repository.get(transcript.sessionId(), step).orElseThrow();
    Checkpoint fork =
        Checkpoint.builder(
                CheckpointMetadata.builder(unusedSessionId())
                    .taskId(transcript.metadata().taskId().orElse(null))
                    .build())
            .namespace(repository.namespace())
            .parentId(earlier.id())
            .values(
                AgentState.after(
                    earlier.values(),
                    Map.of("role", "user", "content", "Wait, let us take another way from here.")))
            .build();
    repository.put(fork);
    return fork;
  }

  private String unusedSessionId() {
    int number = 1;
    while (repository.getBySession("fork-" + number).isPresent()) {
      number++;
    }
    return "fork-" + number;
  }

  private void printLineage(PrintWriter out, Checkpoint fork) {
    int step = AgentState.step(fork.values());
    out.println();
    out.println(
        "Fork of it after step %d, as session %s; its lineage, parent by parent:"
            .formatted(step - 1, fork.metadata().sessionId()));
    TextTable table = new TextTable(out, "SESSION", "VERSION", "ID", "PARENT");
    try (Stream<Checkpoint> lineage = repository.lineage(fork.id())) {
      lineage
          .limit(ROWS_SHOWN)
          .forEach(
              each ->
                  table.row(
                      each.metadata().sessionId(),
                      Long.toString(each.version()),
                      each.id(),
                      each.parentId().orElse("-")));
    }
    table.end();
    printRest(out, step);
  }

  private static void printRest(PrintWriter out, int rows) {
    if (rows > ROWS_SHOWN) {
      out.println("... and " + (rows - ROWS_SHOWN) + " more, down to version 1");
    }
  }
}
