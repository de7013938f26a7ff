package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.error.VersionConflictException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;

/** PROC: other processes, of which one is killed. */
abstract class ProcessRules extends FaultRules {

  private static final int KILLS = 3;
  private static final int MAX_MINUTES = 5;

  /** A put that a child process has begun; whether it was acknowledged. */
  private record Begun(Checkpoint checkpoint, boolean acknowledged) {}

  /** A child process that writes to the session s of this test's store. */
  private final class Child implements AutoCloseable {
    private final String writer;
    private final Process process;
    private final BufferedReader lines;
    private final Path errors;
    private final List<Begun> begun = new ArrayList<>();

    /** The session and the id, with a space between, of what was deleted. */
    private final List<String> deleted = new ArrayList<>();

    private Optional<String> refusal = Optional.empty();

    Child(String writer, int puts) {
      this.writer = writer;
      List<String> command = ChildJvm.command();
      childProcessProperties(scope())
          .forEach((key, value) -> command.add("-D%s=%s".formatted(key, value)));
      command.add(ChildProcess.class.getName());
      command.add(ProcessRules.this.getClass().getName());
      command.add(scope().location().toString());
      command.add(scope().name());
      command.add(writer);
      command.add(Integer.toString(puts));
      try {
        errors = Files.createTempFile("checkpoint-tck", ".txt");
        process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      lines = process.inputReader();
      // A thread that waits for a line of a process that hangs cannot be interrupted.
      CompletableFuture.delayedExecutor(MAX_MINUTES, TimeUnit.MINUTES)
          .execute(() -> process.toHandle().destroyForcibly());
    }

    /** Listens until so many puts were acknowledged, or the process has ended. */
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

    int awaitEnd() {
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
    for (int round = 1; round <= KILLS; round++) {
      closeHandles();
      String writer = "w" + round;
      Optional<Checkpoint> unacknowledged;
      try (Child child = new Child(writer, Integer.MAX_VALUE)) {
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
    try (Child child = new Child("child", 100)) {
      child.awaitAcknowledged(1);
      if (child.refusal.isPresent()) {
        assertThat(child.awaitEnd()).as("exit code of the child process").isZero();
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
                      assertThat(child.awaitEnd())
                          .as("exit code of the child process, which says: %s", child.errors())
                          .isZero();
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
    }
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
