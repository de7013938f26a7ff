package dev.checkpoint4j.cli.demo;

import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.cli.support.CliCommand;
import dev.checkpoint4j.cli.support.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/**
 * The process that the demo kills: replays transcripts, several sessions at a time, from where the
 * store says that each one stands. Its stdin says what to do, then how many checkpoints to store;
 * it ends with its stdin, that is, with its parent.
 */
@Command(name = "demo-worker", hidden = true, description = "Started by demo.")
public final class DemoWorkerCommand extends CliCommand {

  private static final int THREADS = 2;

  @Override
  public Integer call() throws IOException, InterruptedException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    WorkerSpec order = WorkerSpec.parse(in.readLine());
    try (CheckpointRepository store = order.store().open()) {
      CheckpointRepository repository = store.namespace(order.namespace());
      List<AgentSession> sessions = new ArrayList<>();
      for (Transcript transcript : Transcripts.read(order.transcripts())) {
        sessions.add(new AgentSession(repository, transcript));
      }
      say(new WorkerMessage.Resumed(sessions.stream().mapToLong(AgentSession::step).sum()));
      Semaphore allowed = new Semaphore(allowance(in.readLine()));
      haltAtEndOf(in);
      replay(sessions, allowed);
      say(new WorkerMessage.Finished());
      return ExitCode.OK;
    } catch (ExecutionException e) {
      return failed(e.getCause() == null ? e : e.getCause());
    } catch (RuntimeException e) {
      return failed(e);
    }
  }

  private int failed(Throwable failure) {
    say(new WorkerMessage.Failed(String.valueOf(failure.getMessage())));
    return ExitCode.STORE;
  }

  private static int allowance(@Nullable String line) {
    return line == null ? 0 : Integer.parseInt(line);
  }

  /** Each thread takes its sessions in turn, a message at a time. */
  private void replay(List<AgentSession> sessions, Semaphore allowed)
      throws ExecutionException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> parts = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        List<AgentSession> part = new ArrayList<>();
        for (int j = i; j < sessions.size(); j += THREADS) {
          part.add(sessions.get(j));
        }
        parts.add(
            threads.submit(
                () -> {
                  replayInTurn(part, allowed);
                  return null;
                }));
      }
      for (Future<?> part : parts) {
        part.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void replayInTurn(List<AgentSession> sessions, Semaphore allowed)
      throws InterruptedException {
    List<AgentSession> unfinished = new ArrayList<>(sessions);
    unfinished.removeIf(AgentSession::isFinished);
    while (!unfinished.isEmpty()) {
      for (AgentSession session : unfinished) {
        allowed.acquire();
        session.advance().ifPresentOrElse(this::say, allowed::release);
      }
      unfinished.removeIf(AgentSession::isFinished);
    }
  }

  private synchronized void say(WorkerMessage message) {
    out().println(message.toLine());
    out().flush();
  }

  /** A worker must not outlive its parent, whatever ended that one. */
  private static void haltAtEndOf(BufferedReader in) {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (in.read() >= 0) {
                  // Nothing more is said: only the end counts.
                }
              } catch (IOException e) {
                // As good as the end.
              }
              Runtime.getRuntime().halt(ExitCode.INTERNAL);
            },
            "demo-worker-parent-watch");
    watch.setDaemon(true);
    watch.start();
  }
}
