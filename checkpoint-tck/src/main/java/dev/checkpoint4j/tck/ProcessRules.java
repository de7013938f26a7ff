package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** PROC: other processes, of which one is killed. */
abstract class ProcessRules extends FaultRules {

  private static final int KILLS = 3;
  private static final int MAX_MINUTES = 5;

  /** Settings of a JVM: none of them changes what a backend stores, returns or compares. */
  private static final List<List<String>> SETTINGS =
      List.of(
          List.of(
              "-Dfile.encoding=ISO-8859-1",
              "-Duser.language=tr",
              "-Duser.country=TR",
              "-Duser.timezone=Pacific/Chatham"),
          // Digits of their own.
          List.of(
              "-Dfile.encoding=US-ASCII",
              "-Duser.language=ar",
              "-Duser.country=EG",
              "-Duser.timezone=America/St_Johns"),
          List.of(
              "-Dfile.encoding=windows-31j",
              "-Duser.language=th",
              "-Duser.country=TH",
              "-Duser.variant=TH",
              "-Duser.timezone=Africa/Casablanca"));

  /** Ids that a charset cannot write, or that a locale compares in its own way. */
  private static final List<String> IDS =
      List.of(
          "i",
          "I",
          "\u0130",
          "\u0131",
          "\u00e9",
          "e\u0301",
          "\u00df",
          "z",
          "Z",
          "\u00e4",
          "_",
          "-",
          "\u65e5\u672c",
          "\ud83d\ude00",
          "10",
          "9");

  /** Whose order is another one as texts. */
  private static final long[] VERSIONS = {9, 10_000_000_000L};

  private static final int PAGE = 5;
  private static final int OTHER_PAGE = 7;
  private static final int INTERLEAVINGS = 15;
  private static final int DELETIONS = 30;

  /** A put that a child process has begun; whether it was acknowledged. */
  private record Begun(Checkpoint checkpoint, boolean acknowledged) {}

  /** Where a listing goes on, and what follows there. */
  private record Continuation(
      String text, Function<BackendStorage, List<?>> rest, List<?> expected) {

    void check(String when, BackendStorage handle) {
      assertThat(rest.apply(handle)).as("%s %s", text, when).isEqualTo(expected);
    }
  }

  /** A child process that writes to the session s of this test's store. */
  private final class Child implements AutoCloseable {
    private final String writer;
    private final Process process;
    private final BufferedReader lines;
    private final Writer requests;
    private final Path errors;
    private final List<Begun> begun = new ArrayList<>();

    /** The session and the id, with a space between, of what was deleted. */
    private final List<String> deleted = new ArrayList<>();

    private Optional<String> refusal = Optional.empty();

    Child(String writer, List<String> settings) {
      this.writer = writer;
      List<String> command = ChildJvm.command();
      command.addAll(settings);
      childProcessProperties(scope())
          .forEach((key, value) -> command.add("-D%s=%s".formatted(key, value)));
      command.add(ChildProcess.class.getName());
      command.add(ProcessRules.this.getClass().getName());
      command.add(scope().location().toString());
      command.add(scope().name());
      try {
        errors = Files.createTempFile("checkpoint-tck", ".txt");
        process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      lines = process.inputReader(StandardCharsets.UTF_8);
      requests = process.outputWriter(StandardCharsets.UTF_8);
      // A thread that waits for a line of a process that hangs cannot be interrupted.
      CompletableFuture.delayedExecutor(MAX_MINUTES, TimeUnit.MINUTES)
          .execute(() -> process.toHandle().destroyForcibly());
    }

    /** Lets it append to the session s. */
    void append(int puts) {
      request("%s %s %d".formatted(ChildProcess.APPEND, writer, puts));
    }

    private void request(String line) {
      try {
        requests.write(line + "\n");
        requests.flush();
      } catch (IOException e) {
        // The process has ended; its last lines say why.
      }
    }

    /** The handle of the process, while it does not append. */
    BackendStorage handle(BackendDescriptor descriptor) {
      return new RemoteStorage(descriptor, this::answer);
    }

    private String answer(String call) {
      request(ChildProcess.CALL + " " + call);
      return await(ChildProcess.ANSWER + " ");
    }

    /** The rest of the next line, which has to begin so. */
    private String await(String beginning) {
      try {
        String line = lines.readLine();
        if (line == null || !line.startsWith(beginning)) {
          throw new AssertionError(
              "a child process said: %s; its errors: %s".formatted(line, errors()));
        }
        return line.substring(beginning.length());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** How many checkpoints this process and the child delete that delete the same ones at once. */
    long deleteAtOnce(BackendStorage storage, boolean isBySession, String prefix, int count) {
      request("%s %s %s %d".formatted(ChildProcess.DELETE, isBySession, prefix, count));
      String unused = await(ChildProcess.DELETING);
      long deleted = ChildProcess.delete(storage, namespace(), isBySession, prefix, count);
      return deleted + Long.parseLong(await(ChildProcess.ANSWER + " "));
    }

    /** Listens until so many puts were acknowledged, or the process has done all of them. */
    void awaitAcknowledged(int puts) {
      try {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          String[] words = line.split(" ", 2);
          switch (words[0]) {
            case ChildProcess.PUTTING -> begun.add(new Begun(named(words[1]), false));
            case ChildProcess.STORED -> {
              begun.set(begun.size() - 1, new Begun(named(words[1]), true));
              if (acknowledged().size() >= puts) {
                return;
              }
            }
            case ChildProcess.DELETED -> deleted.add(words[1]);
            case ChildProcess.APPENDED -> {
              return;
            }
            case ChildProcess.REFUSED_TO_OPEN -> refusal = Optional.of(words[1]);
            default -> throw new AssertionError("a child process said: " + line);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private Checkpoint named(String numbers) {
      String[] parts = numbers.split(" ", 2);
      return ChildProcess.checkpoint(
          session("s"), writer, Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
    }

    List<Checkpoint> acknowledged() {
      return begun.stream().filter(Begun::acknowledged).map(Begun::checkpoint).toList();
    }

    /** The put that was under way when the process was killed, if one was. */
    Optional<Checkpoint> unacknowledged() {
      return begun.isEmpty() || begun.get(begun.size() - 1).acknowledged()
          ? Optional.empty()
          : Optional.of(begun.get(begun.size() - 1).checkpoint());
    }

    void kill() {
      // Process.destroyForcibly would close the stream that the last lines come from.
      assertThat(process.toHandle().destroyForcibly())
          .as(
              "whether the child process %s, to be killed, was alive; it says: %s",
              writer, errors())
          .isTrue();
      // What it said before it died.
      awaitAcknowledged(Integer.MAX_VALUE);
      awaitEnd();
    }

    /** Lets it end, and waits until it has. */
    int end() {
      try {
        requests.close();
      } catch (IOException e) {
        // It has ended.
      }
      return awaitEnd();
    }

    private int awaitEnd() {
      try {
        assertThat(process.waitFor(Race.WAIT_SECONDS, TimeUnit.SECONDS))
            .as("whether the child process %s ended", writer)
            .isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while a child process ended", e);
      }
      return process.exitValue();
    }

    /** What went wrong, for a message. */
    String errors() {
      try {
        return Files.readString(errors).lines().limit(20).reduce("", (a, b) -> a + "\n" + b);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      process.destroyForcibly();
      Files.delete(errors);
    }
  }

  @Rule(id = "PROC-01", level = Level.MUST)
  protected final void acknowledgedCheckpointsSurviveAKilledProcess() throws IOException {
    requireDurability();
    List<Checkpoint> stored = new ArrayList<>(putAll("s", 1, 2));
    Sensitive ofParent = new Sensitive(namespace() + "-parent");
    ofParent.put("parent", storage());
    for (int round = 1; round <= KILLS; round++) {
      ofParent.prepare(storage());
      BackendDescriptor descriptor = storage().descriptor();
      closeHandles();
      String writer = "w" + round;
      Sensitive ofChild = new Sensitive(namespace() + "-" + writer);
      Optional<Checkpoint> unacknowledged;
      try (Child child = new Child(writer, SETTINGS.get(round - 1))) {
        BackendStorage handle = child.handle(descriptor);
        String with = "in a process with " + SETTINGS.get(round - 1);
        ofParent.assertReadBy(handle, with);
        ofChild.put(writer, handle);
        ofChild.prepare(handle);
        child.append(Integer.MAX_VALUE);
        child.awaitAcknowledged(1 + random().nextInt(200));
        assertThat(child.acknowledged())
            .as(
                "puts acknowledged to a child process, which says: %s%s",
                child.refusal.orElse(""), child.errors())
            .isNotEmpty();
        child.kill();
        stored.addAll(child.acknowledged());
        child.deleted.forEach(this::assertStaysDeleted);
        unacknowledged = child.unacknowledged();
      }
      ofChild.assertReadBy(storage(), "after a process wrote with " + SETTINGS.get(round - 1));
      // What it had put to delete it, and has not deleted.
      listSessions(storage(), namespace(), 1000).stream()
          .filter(session -> !session.equals(session("s")))
          .forEach(session -> storage().deleteBySession(session));
      String when = "after a process was killed that had put %s".formatted(unacknowledged);
      unacknowledged
          .filter(checkpoint -> storage().get(namespace(), checkpoint.id()).isPresent())
          .ifPresent(stored::add);
      assertHistory(when, stored);
      // The put may be repeated: the checkpoint is stored once.
      unacknowledged.ifPresent(
          checkpoint -> {
            put(checkpoint);
            if (!stored.contains(checkpoint)) {
              stored.add(checkpoint);
            }
          });
      stored.add(put("s", stored.get(stored.size() - 1).version() + 1));
      assertHistory(when + " and further puts", stored);
    }
  }

  private void assertStaysDeleted(String sessionAndId) {
    String[] parts = sessionAndId.split(" ", 2);
    assertThat(storage().get(namespace(), parts[1]))
        .as("get(%s), which was deleted before the process was killed", parts[1])
        .isEmpty();
    assertNoLatest("which was deleted before the process was killed", storage(), session(parts[0]));
  }

  private void assertHistory(String when, List<Checkpoint> stored) {
    List<Checkpoint> listed =
        listAll(
            storage(),
            query()
                .order(CheckpointQuery.Order.OLDEST_FIRST)
                .limit(CheckpointQuery.MAX_LIMIT)
                .build());
    assertThat(idsOf(listed))
        .as("ids listed, oldest first, %s, compared with those acknowledged", when)
        .containsExactlyElementsOf(idsOf(stored));
    for (int i = 0; i < stored.size(); i++) {
      assertSame("list " + when, stored.get(i), listed.get(i));
      assertStored(when, storage(), stored.get(i));
    }
    assertLatest(when, storage(), stored.get(stored.size() - 1));
  }

  @Rule(id = "PROC-02", level = Level.MUST)
  protected final void otherProcessSharesTheStoreOrIsRefused() throws IOException {
    requireDurability();
    Checkpoint first = put("s", 1);
    List<String> settings = SETTINGS.get(random().nextInt(SETTINGS.size()));
    try (Child child = new Child("child", settings)) {
      child.append(100);
      child.awaitAcknowledged(1);
      if (child.refusal.isPresent()) {
        assertThat(child.end()).as("exit code of the child process").isZero();
        Checkpoint next = put("s", 2);
        assertHistory("after a second process was refused", List.of(first, next));
        String reason = child.refusal.get().replace(scope().location().toString(), "<location>");
        throw notApplicable("a second process is refused when it opens: " + reason);
      }
      AtomicBoolean ended = new AtomicBoolean();
      List<Checkpoint> stored = new ArrayList<>(List.of(first));
      Race.<List<Checkpoint>>results(
              "two processes that append to one session",
              List.of(
                  () -> {
                    try {
                      child.awaitAcknowledged(Integer.MAX_VALUE);
                      return child.acknowledged();
                    } finally {
                      ended.set(true);
                    }
                  },
                  () -> appendUntil(ended)))
          .forEach(stored::addAll);
      stored.sort(Comparator.comparing(Checkpoint::version));
      assertThat(versionsOf(stored))
          .as("versions acknowledged to two processes, each once and without a gap")
          .containsExactlyElementsOf(LongStream.rangeClosed(1, stored.size()).boxed().toList());
      assertHistory("after two processes appended to one session", stored);
      assertDeletedOnce(child);
      assertShared("with " + settings, child.handle(storage().descriptor()));
      assertThat(child.end())
          .as("exit code of the child process, which says: %s", child.errors())
          .isZero();
    }
  }

  /** This process and another answer as two handles of one process do. */
  private void assertShared(String with, BackendStorage other) {
    Sensitive sensitive = new Sensitive(namespace() + "-both");
    sensitive.put("parent", storage());
    sensitive.put("child", other);
    sensitive.prepare(storage());
    sensitive.assertReadBy(other, "in another process, " + with);
    sensitive.prepare(other);
    sensitive.assertReadBy(storage(), "beside another process, " + with);
    assertSeenAtOnce("this-process", storage(), "another process, " + with, other);
    assertSeenAtOnce("other-process", other, "this process", storage());
    Interleavings.checkSome(INTERLEAVINGS, random(), namespace() + "-shared", storage(), other);
  }

  /** Every way to read in one process shows each change by the other at once. */
  private void assertSeenAtOnce(
      String name, BackendStorage writer, String where, BackendStorage reader) {
    HistoryBudget.Clock clock = run().histories().start(TIME_OF_REPETITIONS);
    ReadSample sample = new ReadSample(namespace() + "-by-" + name, writer, this::draft);
    List<ReadSample.Change> changes = new ArrayList<>(sample.puts());
    changes.addAll(sample.deletions());
    try (VisibilityCheck check = new VisibilityCheck(sample, writer)) {
      check.addReader(where, reader);
      check.check(changes, clock::isTimeLeft);
    }
  }

  /** Two processes delete the same checkpoints, each of which one of them counts. */
  private void assertDeletedOnce(Child child) {
    for (boolean isBySession : List.of(false, true)) {
      repeat(
          1,
          round -> {
            String prefix = "both-%s-%d-".formatted(isBySession, round);
            List<Checkpoint> doomed =
                IntStream.range(0, DELETIONS)
                    .mapToObj(i -> put(draft(prefix + i, 1).id(prefix + i).build()))
                    .toList();
            assertThat(child.deleteAtOnce(storage(), isBySession, prefix, DELETIONS))
                .as(
                    "checkpoints that two processes have deleted %s at the same time",
                    isBySession ? "by session" : "by id")
                .isEqualTo(DELETIONS);
            for (Checkpoint checkpoint : doomed) {
              assertNotStored("after two processes deleted it", storage(), checkpoint);
            }
          });
    }
  }

  /** A namespace with what the settings of a JVM change if it is not the backend that decides. */
  private final class Sensitive {
    private final String namespace;
    private final CheckpointQuery all;
    private final List<Checkpoint> stored = new ArrayList<>();
    private final List<Continuation> continuations = new ArrayList<>();
    private List<SessionKey> order = List.of();

    Sensitive(String namespace) {
      this.namespace = namespace;
      all = CheckpointQuery.builder(namespace).limit(CheckpointQuery.MAX_LIMIT).build();
    }

    /** A session with each of the ids, of which the first has two versions. */
    void put(String writer, BackendStorage handle) {
      for (int i = 0; i < IDS.size(); i++) {
        String id = IDS.get(i);
        String text = id + "\u00e4\u0131\u65e5\ud83d\ude00";
        CheckpointMetadata metadata =
            CheckpointMetadata.builder(id + writer).taskId(id).attribute(text, text).build();
        for (long version : i == 0 ? VERSIONS : new long[] {9}) {
          Checkpoint checkpoint =
              draft(metadata, version)
                  .namespace(namespace)
                  .id(id + " " + writer + " " + version)
                  .parentId(id)
                  .ts(TIMES.get((int) ((i + version) % TIMES.size())))
                  .values(Map.of(text, text, "time", TIMES.get(i % TIMES.size())))
                  .build();
          handle.put(checkpoint, Expectation.any());
          stored.add(checkpoint);
        }
      }
    }

    /** Notes how this handle orders the sessions, and where its cursors lead. */
    void prepare(BackendStorage handle) {
      order = listSessions(handle, namespace, CheckpointQuery.MAX_LIMIT);
      continuations.clear();
      for (CheckpointQuery.Order order : CheckpointQuery.Order.values()) {
        CheckpointQuery query = all.toBuilder().order(order).limit(PAGE).build();
        addContinuations(handle, query, listAll(handle, query));
      }
      Optional<String> afterSessions =
          handle.listSessions(namespace, PAGE, Optional.empty()).nextCursor();
      continuations.add(
          new Continuation(
              "sessions listed after a page",
              other ->
                  allPages(
                      "listSessions",
                      OTHER_PAGE,
                      cursor ->
                          other.listSessions(
                              namespace, OTHER_PAGE, cursor.or(() -> afterSessions))),
              order.subList(PAGE, order.size())));
      Optional<String> afterNamespace = handle.listNamespaces(1, Optional.empty()).nextCursor();
      List<String> namespaces =
          allPages("listNamespaces", PAGE, cursor -> handle.listNamespaces(PAGE, cursor));
      continuations.add(
          new Continuation(
              "namespaces listed after one",
              other ->
                  ours(
                      allPages(
                          "listNamespaces",
                          OTHER_PAGE,
                          cursor ->
                              other.listNamespaces(OTHER_PAGE, cursor.or(() -> afterNamespace)))),
              ours(namespaces.subList(1, namespaces.size()))));
    }

    private void addContinuations(
        BackendStorage handle, CheckpointQuery query, List<Checkpoint> listed) {
      List<Checkpoint> left = listed.subList(PAGE, listed.size());
      CheckpointQuery.Builder rest = query.toBuilder().limit(OTHER_PAGE);
      CheckpointQuery afterPage =
          rest.cursor(handle.list(query).nextCursor().orElseThrow()).build();
      continuations.add(
          new Continuation(
              "ids listed after a page, " + query.order(),
              other -> idsOf(restOf(afterPage, other::list)),
              idsOf(left)));
      CheckpointQuery afterHeaders =
          rest.cursor(handle.listHeaders(query).nextCursor().orElseThrow()).build();
      continuations.add(
          new Continuation(
              "headers listed after a page, " + query.order(),
              other -> restOf(afterHeaders, other::listHeaders),
              left.stream().map(Checkpoint::header).toList()));
    }

    /** Everything is read as it was put, in the same order, and each cursor leads on. */
    void assertReadBy(BackendStorage handle, String where) {
      for (Checkpoint checkpoint : stored) {
        assertStored(where, handle, checkpoint);
        if (checkpoint.version() != 9) {
          assertLatest(where, handle, checkpoint);
        }
      }
      assertThat(listSessions(handle, namespace, CheckpointQuery.MAX_LIMIT))
          .as("sessions listed %s", where)
          .isEqualTo(order);
      String id = IDS.get(random().nextInt(IDS.size()));
      Instant time = TIMES.get(random().nextInt(TIMES.size()));
      assertLists(handle, all, where);
      assertLists(handle, all.toBuilder().order(CheckpointQuery.Order.OLDEST_FIRST).build(), where);
      assertListsHeaders(handle, all, where);
      assertLists(handle, all.toBuilder().taskId(id).build(), where);
      assertListsHeaders(handle, all.toBuilder().parentId(id).build(), where);
      assertLists(handle, all.toBuilder().tsFrom(time).build(), where);
      assertListsHeaders(handle, all.toBuilder().tsBefore(time).build(), where);
      continuations.forEach(continuation -> continuation.check(where, handle));
    }

    private void assertLists(BackendStorage handle, CheckpointQuery query, String where) {
      List<Checkpoint> listed = listAll(handle, query);
      assertThat(idsOf(listed))
          .as("ids listed by %s %s", query, where)
          .containsExactlyElementsOf(expectedIds(stored, query, order));
      for (Checkpoint found : listed) {
        stored.stream()
            .filter(expected -> expected.id().equals(found.id()))
            .forEach(expected -> assertSame("list " + where, expected, found));
      }
    }

    private void assertListsHeaders(BackendStorage handle, CheckpointQuery query, String where) {
      assertThat(listAllHeaders(handle, query).stream().map(CheckpointHeader::id))
          .as("ids of headers listed by %s %s", query, where)
          .containsExactlyElementsOf(expectedIds(stored, query, order));
    }
  }

  private static <T> List<T> restOf(
      CheckpointQuery query, Function<CheckpointQuery, Page<T>> list) {
    return allPages(
        query.toString(),
        query.limit(),
        cursor ->
            list.apply(cursor.map(next -> query.toBuilder().cursor(next).build()).orElse(query)));
  }

  private List<Checkpoint> appendUntil(AtomicBoolean ended) {
    List<Checkpoint> acknowledged = new ArrayList<>();
    while (!ended.get()) {
      Checkpoint next =
          checkpoint("s", storage().getBySession(session("s")).orElseThrow().version() + 1);
      try {
        acknowledged.add(put(next));
      } catch (VersionConflictException e) {
        assertThat(e.latestVersion())
            .as("latestVersion when version %d was refused", next.version())
            .isGreaterThanOrEqualTo(next.version());
      }
    }
    return acknowledged;
  }
}
