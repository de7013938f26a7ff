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
    Files.writeString(
        directory.resolve("performance.md"), new Page(results, plots(directory, results)).write());
  }

  private static List<String> plots(Path directory, Results.All results) throws IOException {
    try {
      return new Plots(
              new Figures(results), results.run().backends(), directory.resolve("performance"))
          .write();
    } catch (RuntimeException | LinkageError | InternalError e) {
      // So a JDK says that the machine has no fonts.
      System.err.println("no plots, for which this machine may have no fonts: " + e);
      return List.of();
    }
  }
}
