package dev.checkpoint4j.cli;

import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.cli.support.HeaderTable;
import dev.checkpoint4j.cli.support.Json;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the checkpoints of a session. */
@Command(
    name = "history",
    description = "Lists the checkpoints of a session, newest first, without their values.")
final class HistoryCommand extends RepositoryCommand {

  @Parameters(paramLabel = "SESSION", description = "The id of the session.")
  @SuppressWarnings("NullAway.Init") // Required, hence set by picocli.
  private String sessionId;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Ends after the N newest (default: all).")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = "--json",
      description = "Prints the header of each checkpoint as an object on a line.")
  private boolean json;

  @Override
  int run(CheckpointRepository repository) {
    if (limit < 1) {
      throw wrongUsage("--limit must be at least 1; it is " + limit);
    }
    int page = (int) Math.min(limit, CheckpointQuery.MAX_LIMIT);
    CheckpointQuery query =
        argument(() -> repository.query().sessionId(sessionId).limit(page).build());
    try (Stream<CheckpointHeader> headers = repository.streamHeaders(query)) {
      Iterator<CheckpointHeader> found = headers.limit(limit).iterator();
      if (!found.hasNext()) {
        throw NotFound.session(repository, sessionId);
      }
      print(found);
    }
    return ExitCode.OK;
  }

  private void print(Iterator<CheckpointHeader> headers) {
    PrintWriter out = out();
    HeaderTable table = json ? null : new HeaderTable(out);
    // A reader that has seen enough (| head) ends the listing.
    while (!out.checkError() && headers.hasNext()) {
      if (table == null) {
        out.println(Json.compact(Json.view(headers.next())));
      } else {
        table.row(headers.next());
      }
    }
    if (table != null) {
      table.end();
    }
  }
}
