package dev.checkpoint4j.cli.support;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A table for people, written as its rows come. The first rows decide how wide the columns are, so
 * that a table of any length needs little memory.
 */
public final class TextTable {

  private static final int ROWS_MEASURED = 100;
  private static final String GAP = "  ";

  private final PrintWriter out;
  private final int[] widths;
  private final List<String[]> measured = new ArrayList<>();
  private boolean started;

  public TextTable(PrintWriter out, String... headings) {
    this.out = out;
    this.widths = new int[headings.length];
    row(headings);
  }

  /** Adds a row; what does not show in a cell is escaped. */
  public void row(String... cells) {
    String[] printable = new String[widths.length];
    for (int i = 0; i < widths.length; i++) {
      printable[i] = Printable.line(cells[i]);
    }
    if (started) {
      print(printable);
      return;
    }
    measured.add(printable);
    if (measured.size() > ROWS_MEASURED) {
      start();
    }
  }

  /** Writes what has not been written yet. */
  public void end() {
    if (!started) {
      start();
    }
  }

  private void start() {
    started = true;
    for (String[] row : measured) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], length(row[i]));
      }
    }
    measured.forEach(this::print);
    measured.clear();
  }

  private void print(String[] cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(cells[i]).append(" ".repeat(Math.max(0, widths[i] - length(cells[i]))));
      line.append(GAP);
    }
    out.println(line.toString().stripTrailing());
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
