package dev.checkpoint4j.cli;

import dev.checkpoint4j.CheckpointHeader;
import java.io.PrintWriter;

/** A table of checkpoints of one session. */
final class HeaderTable {

  private final TextTable table;

  HeaderTable(PrintWriter out) {
    this.table = new TextTable(out, "VERSION", "ID", "TS", "PARENT", "TASK");
  }

  void row(CheckpointHeader header) {
    table.row(
        Long.toString(header.version()),
        header.id(),
        header.ts().toString(),
        header.parentId().orElse("-"),
        header.metadata().taskId().orElse("-"));
  }

  void end() {
    table.end();
  }
}
