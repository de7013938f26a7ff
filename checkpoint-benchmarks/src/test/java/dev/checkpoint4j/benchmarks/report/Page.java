package dev.checkpoint4j.benchmarks.report;

import dev.checkpoint4j.benchmarks.Numbers;
import dev.checkpoint4j.benchmarks.Operation;
import dev.checkpoint4j.benchmarks.Point;
import dev.checkpoint4j.benchmarks.Results;
import dev.checkpoint4j.benchmarks.Run;
import dev.checkpoint4j.benchmarks.media.Backend;
import dev.checkpoint4j.benchmarks.media.Peers.Peer;
import java.util.ArrayList;
import java.util.Comparator;
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
    line(
        """
        `checkpoint-benchmarks` generates this page from [its results](performance/results.jsonl); do
        not edit it. Times are medians of one operation on one thread, unless a row names more. A
        ratio is measured within a round; the page gives the median of the rounds and, if there are
        several, the minimum and the maximum in brackets. Both sides of a ratio were measured in the
        same run. Different rows may be from different runs. The first run is from %s;
        [Method](#method) lists the later ones, and what has changed since.
        """
            .formatted(run.date()));
    line(
        """
        | question | section |
        |---|---|
        | How does it compare with other libraries? | [Other libraries](#other-libraries) |
        | Does it slow down as the history grows? | [Length of the history](#length-of-the-history) |
        | What does it add to the bare medium? | [Bare medium](#bare-medium) |
        | What does one operation cost? | [All operations](#all-operations) |
        | How was it measured, and how can I repeat it? | [Method](#method) |
        """);
    peers();
    growth(run);
    besideBare(run);
    chats();
    line("## All operations");
    line("");
    line(
        """
        *Time* and *allocated* are those of the store, *bare* those of the bare medium.
        *Store / bare* is the time of the store divided by that of the bare medium.
        """);
    for (Backend backend : run.backends()) {
      operations(backend);
    }
    jackson();
    failures();
    line("## Method");
    line("");
    method(run);
    media();
    machine(run);
    repeating();
    return text.toString();
  }

  private void method(Run run) {
    line(
        """
        - The bare medium stores the same state with the same durability. Where the medium stores
          bytes, both sides encode and decode with Jackson.
        - A round measures both sides one after the other, each in its own JVM. The next round starts
          with the other side, so that other load on the machine affects both.
        - Each ratio with a range in brackets is of %d rounds, every other one of %d (one round is
          indicative only).
        - In all tables but those of a growing chat, the benchmark passes maps and lists that the
          application goes on to change. A put of the store therefore includes the copy that makes
          them immutable, and a new id.
        - 1 KB is a state of 4 messages, 16 KB of 32, 500 KB of 980, and 16 MB of 64 large texts.
        """
            .formatted(run.rounds(), run.fewerRounds()));
    line("Measured by `%s` on %s.".formatted(run.command(), run.date()));
    for (String again : run.again()) {
      line(again);
    }
    line("");
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
    line("### Machine and versions");
    line("");
    header("property", "value");
    run.machine().forEach((name, value) -> row(name, value));
    for (Map.Entry<String, String> version : run.versions().entrySet()) {
      row(version.getKey(), version.getValue());
    }
    line("");
  }

  private void media() {
    header("backend", "durability of both sides", "bare medium");
    for (Backend backend : results.run().backends()) {
      row(backend.toString(), backend.durability(), bareMedium(backend));
    }
    line("");
    line(
        """
        | other operation | bare medium |
        |---|---|
        | list, list headers | a page of 20. Memory: a copy of references. File: positioned reads. Databases: one `SELECT`, of headers without the documents. S3: one listing, then one `GetObject` after the other |
        | save | latest, then put; in memory, the version and then put |
        | deleteBySession | memory: removes the entry. File: deletes the log and forces the directory. Databases: one `DELETE`. S3: `DeleteObjects` of up to 1,000 keys |
        | open | file: scans the log of the session, then latest. S3: lists the keys of the session, then one `GetObject`. Databases: connects, then latest |
        """);
    if (results.run().backends().contains(Backend.S3MOCK)) {
      line(
          """
          S3Mock is an emulator that handles one request at a time. As shipped, it reads and writes a
          file with all keys of the bucket at each put; here it keeps the keys in memory.
          """);
    }
  }

  private static String bareMedium(Backend backend) {
    return switch (backend) {
      case JACKSON -> NOTHING;
      case MEMORY ->
          "`ConcurrentHashMap.put` and `get` of a reference; a put includes the copy that the"
              + " library's `Values.freeze` makes";
      case FILE ->
          "an append to one open log per session and `FileChannel.force(false)`; a positioned read";
      case H2, SQLITE, POSTGRESQL, MARIADB ->
          "on a HikariCP pool: a prepared INSERT in its own transaction, into one table with the same"
              + " column type and two indexes; `SELECT ... LIMIT 1` by session, `SELECT` by id";
      case S3MOCK, CEPH -> "`PutObject`, and `GetObject` of a known key, by the same SDK client";
    };
  }

  private void growth(Run run) {
    line("## Length of the history");
    line("");
    line(
        """
        Time of an operation in a session of %s checkpoints, divided by its time in a session of 10.
        The budget is the maximum that the design allows.
        """
            .formatted(Numbers.grouped(run.longHistory())));
    budgets(Budget.growth(run.backends(), run.longHistory()));
    plot("put-by-history");
    plot("latest-by-history");
  }

  private void besideBare(Run run) {
    line("## Bare medium");
    line("");
    line(
        """
        Time of an operation of the store, divided by the time of the same operation on the bare
        medium: a program that stores the same bytes with the same durability, without versions,
        compare-and-set, parents or queries ([Method](#method)). State of 1 KB, history of 10. The row
        on opening is an absolute time.
        """);
    budgets(Budget.besideBare(run.backends()));
    line(
        "[ADR 0009](adr/0009-what-makes-the-stores-fast.md) explains each budget that is not met, and"
            + " why *memory: latest* has no budget any more.");
    line("");
    plot("ratios");
  }

  private void budgets(List<Budget> budgets) {
    header("operation", "budget", "measured", "rounds", "result", "the bare medium itself");
    for (Budget budget : budgets) {
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
  }

  private void plot(String name) {
    if (plots.contains(name + ".png")) {
      line("![%s](performance/%s.png)".formatted(name, name));
      line("");
    }
  }

  private void chats() {
    line("### A growing chat");
    line("");
    line(
        """
        After each message, the whole state (all messages, a step counter, the last tool result) is
        saved as a checkpoint. The messages are %s. Unchanged values are shared with the previous
        checkpoint (`Values.append`), also on the bare medium of the memory store. *Jackson alone*
        encodes the state and stores nothing. *Stored* is the size of all checkpoints.
        """
            .formatted(
                results.run().recordedChats()
                    ? "those of recorded runs of a tool-calling agent, one after the other"
                    : "generated"));
    header(
        "backend",
        "step",
        "put",
        "bare",
        "store / bare",
        "Jackson alone",
        "stored",
        "stored, bare");
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
    line("## Other libraries");
    line("");
    line(
        """
        A chat that grows: each step saves the whole state. All libraries ran the same chat on the
        same machine in the same run, with their default settings. Each library got the state as its
        usual caller passes it: the other libraries in new maps and lists at each step, this library
        in a state that shares unchanged values (`Values.append`). How much the sharing saves was not
        measured. The table shows the time of their put **divided by the time of a put of this
        library** on the same medium, and their time. More than 1 means that this library is faster.
        """);
    List<Integer> steps = figures.chatSteps();
    List<String> names = new ArrayList<>(List.of("library", "medium"));
    steps.forEach(step -> names.add("step " + Numbers.grouped(step)));
    names.add("a put of that library is");
    header(names.toArray(String[]::new));
    for (Peer peer : persistentFirst(results.run().peers())) {
      List<String> cells = new ArrayList<>(List.of(peer.name(), peer.backend().toString()));
      for (int step : steps) {
        Point point = chat(peer.backend(), step);
        cells.add(
            figures
                .ratio(point, peer.name(), point, "ours")
                .map(ratio -> "%s (%s)".formatted(ratio.ratio(), time(point, peer.name())))
                .orElse("over the time limit"));
      }
      cells.add(peer.durability());
      row(cells.toArray(String[]::new));
    }
    line("");
    plot("chat-put");
    line(
        """
        - A file saver rewrites one file with all steps at each put. The cost of a put therefore grows
          with the history. This library appends the new checkpoint.
        - A memory saver keeps a reference to the maps of the caller. This library copies and freezes
          them, so that a later change of the caller cannot change a saved checkpoint.
        - *Over the time limit*: the chat did not reach this step within a minute.
        """);
    line("### All operations of other libraries");
    line("");
    line(
        """
        *Open and latest* is what a restarted process does. A saver that reads from memory returns
        *latest* from a map of the process; this library reads the medium, and so also returns what
        another process has stored.
        """);
    header("library", "operation", "step", "that library", "this library", "that / this");
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
        langgraph4j also has a PostgreSQL saver, `org.bsc.langgraph4j:langgraph4j-postgres-saver`. It
        is not measured, because its jar was not available: Maven reported "Could not find artifact
        org.bsc.langgraph4j:langgraph4j-postgres-saver:jar:1.8.17 in central", and the same for the
        other versions that were tried (1.6.0-rc1 to 1.9.3).
        """);
  }

  private static List<Peer> persistentFirst(List<Peer> peers) {
    return peers.stream()
        .sorted(Comparator.comparing((Peer peer) -> !peer.backend().outlivesProcesses()))
        .toList();
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
    line("### " + backend);
    line("");
    header("operation", "state", "time", "bare", "store / bare", "allocated", "bare allocates");
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
    line("### Encoding alone");
    line("");
    line(
        """
        Freezing the values and encoding the checkpoint, and decoding it, without storing it. The
        comparison is `ObjectMapper.writeValueAsBytes` and `readValue` of the same states as maps.
        """);
    header(
        "operation",
        "state",
        "time",
        "Jackson",
        "this / Jackson",
        "allocated",
        "Jackson allocates");
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
    line("### Repeating the measurement");
    line("");
    line(
        """
        `./checkpoint-benchmarks/run` needs a JDK, Maven and git, and an otherwise idle machine. It
        starts the servers and writes this page, its plots and every JMH result.
        """);
    line(
        """
        | option | effect |
        |---|---|
        | `--quick` | checks in a few minutes that everything works |
        | `--peers` | measures other libraries as well |
        | `--again --backend NAME` | measures the points of one store that have a budget again, or adds a backend |
        | `--help` | lists all options |
        """);
  }
}
