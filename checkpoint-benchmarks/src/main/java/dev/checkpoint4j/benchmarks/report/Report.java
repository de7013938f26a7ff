package dev.checkpoint4j.benchmarks.report;

import dev.checkpoint4j.benchmarks.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a run leaves for people. */
public final class Report {

  private Report() {}

  /** Writes the page into a directory; the results, and the plots, are in another one there. */
  public static void write(Path directory, Results.All results) throws IOException {
    Figures figures = new Figures(results);
    List<String> plots =
        new Plots(figures, results.run().backends(), directory.resolve("performance")).write();
    Files.writeString(directory.resolve("performance.md"), new Page(results, plots).write());
  }
}
