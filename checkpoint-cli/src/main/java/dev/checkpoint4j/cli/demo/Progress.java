package dev.checkpoint4j.cli.demo;

import java.io.PrintWriter;

/**
 * A progress bar for people: silent unless stderr is a terminal. Only the launcher knows (it sets
 * {@value #PROPERTY}): {@link System#console()} says something about stdin and stdout, and since
 * Java 22 not even that.
 */
public final class Progress {

  static final String PROPERTY = "checkpoint.cli.progress";

  private static final int WIDTH = 30;
  private static final long NANOS_BETWEEN = 50_000_000;

  private final PrintWriter err;
  private final boolean visible;
  private long lastShown = Long.MIN_VALUE;

  private Progress(PrintWriter err, boolean visible) {
    this.err = err;
    this.visible = visible;
  }

  public static Progress on(PrintWriter err) {
    return new Progress(err, Boolean.getBoolean(PROPERTY));
  }

  /** Shows how far it is, a few times a second at most. */
  public void show(String label, long done, long total) {
    long now = System.nanoTime();
    if (!visible || (lastShown != Long.MIN_VALUE && now - lastShown < NANOS_BETWEEN)) {
      return;
    }
    lastShown = now;
    int filled = (int) (WIDTH * done / total);
    err.printf(
        "\r[%s%s] %d of %d %s\u001b[K",
        "#".repeat(filled), ".".repeat(WIDTH - filled), done, total, label);
    err.flush();
  }

  /** Leaves an empty line for what comes next. */
  public void clear() {
    if (visible) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }
}
