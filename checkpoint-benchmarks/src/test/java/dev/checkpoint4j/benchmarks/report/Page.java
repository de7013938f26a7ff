package dev.checkpoint4j.benchmarks.report;

import dev.checkpoint4j.benchmarks.Numbers;
import dev.checkpoint4j.benchmarks.Operation;
import dev.checkpoint4j.benchmarks.Point;
import dev.checkpoint4j.benchmarks.Results;
import dev.checkpoint4j.benchmarks.Run;
import dev.checkpoint4j.benchmarks.media.Backend;
import dev.checkpoint4j.benchmarks.media.Peers.Peer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The results for people, as Markdown. */
final class Page {

  private static final String NOTHING = "-";

  private final Results.All results;
  private final Figures figures;
  private final List<String> plots;
  private final StringBuilder text = new StringBuilder();

  Page(Results.All results, List<String> plots) {
    this.results = results;
    this.plots = plots;
    figures = new Figures(results);
  }

  String write() {
    Run run = results.run();
    line("# Performance");
    line("");
    line("Written by `%s` on %s; not by hand.".formatted(run.command(), run.date()));
    for (String again : run.again()) {
      line(again);
    }
    line("");
    line(
        """
        Every figure stands beside the bare medium below the store: the same state, the same
        durability, in the same run. Both encode and decode with Jackson where the medium stores
        bytes. A round measures one after the other, each in a JVM of its own, and the next round
        begins with the other one, so that what else the machine does meets both. The ratio is that
        of a round; given are its median and, in brackets, the least and the most. Rounds
        of what a budget is about: %d; of the rest: %d. Times are medians, of one operation on one
        thread.
        """
            .formatted(run.rounds(), run.fewerRounds()));
    machine(run);
    media();
    budgets(run);
    plots();
    chats();
    peers();
    for (Backend backend : run.backends()) {
      operations(backend);
    }
    jackson();
    failures();
    repeating();
    return text.toString();
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  private void header(String... names) {
    line("| " + String.join(" | ", names) + " |");
    line("|" + "---|".repeat(names.length));
  }

  private void row(String... cells) {
    line("| " + String.join(" | ", cells) + " |");
  }

  private void machine(Run run) {
    line("## Machine and versions");
    line("");
    header("", "");
    run.machine().forEach((name, value) -> row(name, value));
    for (Map.Entry<String, String> version : run.versions().entrySet()) {
      row(version.getKey(), version.getValue());
    }
    line("");
  }

  private void media() {
    line("## What is compared");
    line("");
    header("backend", "durability, on both sides", "the bare medium");
    for (Backend backend : results.run().backends()) {
      row(backend.toString(), backend.durability(), bareMedium(backend));
    }
    line("");
    if (results.run().backends().contains(Backend.S3MOCK)) {
      line(
          """
          S3Mock is an emulator, and takes one request at a time. As it is shipped, it writes the
          keys of all objects of a bucket anew with each put; here it keeps them in memory.
          """);
    }
    line(
        """
        The values are handed over as an application has them: maps and lists that it goes on to
        change. So a put includes the copy that makes them immutable, and an id. 1 KB is a state of
        4 messages, 16 KB of 32, 500 KB of 980, 16 MB of 64 large texts.
        """);
  }

  private static String bareMedium(Backend backend) {
    return switch (backend) {
      case JACKSON -> NOTHING;
      case MEMORY ->
          "`ConcurrentHashMap.put` and `get` of an immutable reference, which the library's"
              + " `Values.freeze` made";
      case FILE ->
          "an append to a log a session that stays open, and `FileChannel.force(false)`; a"
              + " positioned read";
      case H2, SQLITE, POSTGRESQL, MARIADB ->
          "on a pool of HikariCP, a prepared INSERT that is a transaction, into one table with the"
              + " same column type and two indexes; `SELECT ... LIMIT 1` by the session, `SELECT`"
              + " by the id";
      case S3MOCK, CEPH ->
          "`PutObject`, and `GetObject` of a key that is known, by the same client of the SDK";
    };
  }

  private void budgets(Run run) {
    line("## Budgets");
    line("");
    header("budget", "at most", "measured", "rounds", "", "the bare medium itself");
    for (Budget budget : Budget.all(run.backends(), run.longHistory())) {
      Optional<Spread> spread = budget.measure().in(figures);
      row(
          budget.text(),
          budget.limitText(),
          spread.map(found -> found.text(budget.format())).orElse(NOTHING),
          spread.map(found -> Integer.toString(found.rounds())).orElse("0"),
          spread.map(budget::verdict).orElse("not measured"),
          budget.ofBare().in(figures).map(found -> found.text(budget.format())).orElse(NOTHING));
    }
    line("");
    line("[Why some are not met](adr/0009-what-makes-the-stores-fast.md).");
    line("");
  }

  private void plots() {
    for (String plot : plots) {
      line("![%s](performance/%s)".formatted(plot.replace(".png", ""), plot));
      line("");
    }
  }

  private void chats() {
    line("## A chat that grows");
    line("");
    line(
        """
        After each message the whole state (all messages, a counter of steps, the last result of a
        tool) is a checkpoint. The messages are %s. With this library, what did not change is shared
        with the checkpoint before (`Values.append`), as on the bare medium of the memory store.
        Jackson alone encodes the state and stores nothing.
        """
            .formatted(
                results.run().recordedChats()
                    ? "those of recorded runs of a tool-calling agent, one after the other"
                    : "generated"));
    header("backend", "step", "put", "bare", "ratio", "Jackson alone", "stored", "stored, bare");
    for (Backend backend : results.run().backends()) {
      for (int step : figures.chatSteps()) {
        Point point = chat(backend, step);
        row(
            backend.toString(),
            Numbers.grouped(step),
            time(point, "ours"),
            time(point, "bare"),
            figures.ratio(point).map(Spread::ratio).orElse(NOTHING),
            time(chat(Backend.JACKSON, step), "bare"),
            bytes(figures.stored(backend, "ours", step)),
            bytes(figures.stored(backend, "bare", step)));
      }
    }
    line("");
  }

  private void peers() {
    if (results.run().peers().isEmpty()) {
      return;
    }
    line("## Beside other libraries");
    line("");
    line(
        """
        The same chat, on the same machine in the same run. Each is given the whole state in new
        maps and lists, as its graph would, and stores it as it does by default. "Open and latest" is
        what a process does that was started again. What took longer than a minute to get to its
        length is not measured.
        """);
    header("library", "a put that returned is");
    results.run().peers().forEach(peer -> row(peer.name(), peer.durability()));
    line("");
    header("library", "operation", "step", "time", "ours", "times ours");
    for (Peer peer : results.run().peers()) {
      for (Operation operation :
          List.of(Operation.CHAT_PUT, Operation.CHAT_LATEST, Operation.CHAT_RESUME)) {
        for (int step : figures.chatSteps()) {
          Point point = Point.base(operation, peer.backend()).history(step);
          if (figures.nanos(point, "ours").isPresent()) {
            peer(peer, point);
          }
        }
      }
    }
    line("");
    line(
        """
        langgraph4j has a saver for PostgreSQL as well, `org.bsc.langgraph4j:langgraph4j-postgres-saver`;
        the registry that this was built from does not have its jar: Maven says "Could not find
        artifact org.bsc.langgraph4j:langgraph4j-postgres-saver:jar:1.8.17 in central", and the same
        of the other versions that were tried (1.6.0-rc1 to 1.9.3). So it is not measured.
        """);
  }

  private void peer(Peer peer, Point point) {
    row(
        peer.name(),
        nameAmongPeers(point.operation()),
        Numbers.grouped(point.history()),
        time(point, peer.name()),
        time(point, "ours"),
        figures.ratio(point, peer.name(), point, "ours").map(Spread::ratio).orElse(NOTHING));
  }

  private static String nameAmongPeers(Operation operation) {
    return switch (operation) {
      case CHAT_PUT -> "put";
      case CHAT_LATEST -> "latest";
      default -> "open and latest";
    };
  }

  private static Point chat(Backend backend, int step) {
    return Point.base(Operation.CHAT_PUT, backend).history(step);
  }

  private String time(Point point, String side) {
    return figures.nanos(point, side).map(spread -> Numbers.time(spread.median())).orElse(NOTHING);
  }

  private String allocated(Point point, String side) {
    return figures
        .allocated(point, side)
        .map(spread -> Numbers.bytes(spread.median()))
        .orElse(NOTHING);
  }

  private static String bytes(OptionalLong bytes) {
    return bytes.isPresent() ? Numbers.bytes((double) bytes.getAsLong()) : NOTHING;
  }

  private void operations(Backend backend) {
    line("## " + backend);
    line("");
    header("operation", "state", "time", "bare", "ratio", "allocated", "bare allocates");
    for (Point point : operationsOf(backend)) {
      row(
          point.operation().title(),
          point.variation(),
          time(point, "ours"),
          time(point, "bare"),
          figures.ratio(point).map(Spread::ratio).orElse(NOTHING),
          allocated(point, "ours"),
          allocated(point, "bare"));
    }
    line("");
  }

  private List<Point> operationsOf(Backend backend) {
    return figures.points(point -> point.backend() == backend && !point.operation().isOfChat());
  }

  private void jackson() {
    line("## The encoding alone");
    line("");
    line(
        """
        What the library does before a document is stored, which is to freeze the values and to
        encode the checkpoint, and to decode it when it was read; beside
        `ObjectMapper.writeValueAsBytes` and `readValue` of the same states, as maps.
        """);
    header("operation", "state", "time", "Jackson", "ratio", "allocated", "Jackson allocates");
    for (Point point : operationsOf(Backend.JACKSON)) {
      row(
          point.operation() == Operation.PUT ? "encode" : "decode",
          point.variation(),
          time(point, "ours"),
          time(point, "bare"),
          figures.ratio(point).map(Spread::ratio).orElse(NOTHING),
          allocated(point, "ours"),
          allocated(point, "bare"));
    }
    line("");
  }

  private void failures() {
    if (results.failures().isEmpty()) {
      return;
    }
    line("## Not measured");
    line("");
    header("round", "what", "why");
    for (Results.Failure failure : results.failures()) {
      row(
          Integer.toString(failure.round()),
          "%s, %s, %s, %s"
              .formatted(
                  failure.side(),
                  failure.point().backend(),
                  failure.point().operation().title(),
                  failure.point().variation()),
          failure.reason().replace('\n', ' ').replace("|", "\\|"));
    }
    line("");
  }

  private void repeating() {
    line("## To repeat it");
    line("");
    line(
        """
        `./checkpoint-benchmarks/run` needs a JDK, Maven and git, and a machine that does nothing
        else. It starts the servers itself, and writes this page, its plots and every result of
        JMH ([results.jsonl](performance/results.jsonl)). `--quick` tells in a few minutes whether
        everything works; `--again --backend NAME` measures what has a budget anew when one store
        has changed, or adds a backend; `--help` says what else there is.
        """);
  }
}
