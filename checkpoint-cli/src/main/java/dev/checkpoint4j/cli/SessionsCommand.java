package dev.checkpoint4j.cli;

import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.cli.support.Json;
import dev.checkpoint4j.cli.support.Printable;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the sessions of a namespace. */
@Command(name = "sessions", description = "Lists the ids of the sessions, one a line.")
final class SessionsCommand extends RepositoryCommand {

  @Option(names = "--json", description = "Prints one JSON object per line: {\"sessionId\": ...}.")
  private boolean json;

  @Override
  int run(CheckpointRepository repository) {
    PrintWriter out = out();
    try (Stream<String> sessions = repository.sessions()) {
      // A reader that has seen enough (| head) ends the listing.
      for (Iterator<String> ids = sessions.iterator(); !out.checkError() && ids.hasNext(); ) {
        String id = ids.next();
        out.println(json ? Json.compact(Map.of("sessionId", id)) : Printable.line(id));
      }
    }
    return ExitCode.OK;
  }
}
