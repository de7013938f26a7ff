package dev.checkpoint4j.cli.support;

import dev.checkpoint4j.CheckpointHeader;
import java.io.PrintWriter;

/** A table of checkpoints of one session. */
public final class HeaderTable {

  private final TextTable table;

  public HeaderTable(PrintWriter out) {
    this.table = new TextTable(out, "VERSION", "ID", "TS", "PARENT", "TASK");
  }

  public void row(CheckpointHeader header) {
    table.row(
        Long.toString(header.version()),
        header.id(),
        header.ts().toString(),
        header.parentId().orElse("-"),
        header.metadata().taskId().orElse("-"));
  }

  public void end() {
    table.end();
  }
}
