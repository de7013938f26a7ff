package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.store.file.FileStoreVerification.Kind;
import dev.checkpoint4j.store.file.FileStoreVerification.Listener;
import dev.checkpoint4j.store.file.FileStoreVerification.Problem;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a verification has found so far. Counts it, keeps it, and gives it to the listener. */
final class Findings {

  private final Listener listener;
  private final List<Problem> problems = new ArrayList<>();
  private long namespaces;
  private long sessions;
  private long checkpoints;
  private long bytes;
  private long problemCount;

  Findings(Listener listener) {
    this.listener = listener;
  }

  void addNamespace() {
    namespaces++;
  }

  void addSession() {
    sessions++;
  }

  void addLog(long size) {
    bytes += size;
  }

  void addCheckpoint(Checkpoint checkpoint) {
    checkpoints++;
    listener.intact(checkpoint);
  }

  long checkpoints() {
    return checkpoints;
  }

  void problem(Path file, long offset, Kind kind, String message) {
    Problem problem = new Problem(file, offset, kind, message);
    if (kind.isDamage()) {
      problemCount++;
    }
    if (problems.size() < FileStoreVerification.MAX_PROBLEMS) {
      problems.add(problem);
    }
    listener.found(problem);
  }

  /**
   * Reports a file that cannot be read.
   *
   * @throws ClosedByInterruptException if the thread was interrupted, which says nothing about the
   *     file
   */
  void unreadable(Path path, IOException e) throws IOException {
    if (e instanceof ClosedByInterruptException) {
      throw e;
    }
    problem(path, 0, Kind.UNREADABLE, "cannot be read: " + e);
  }

  FileStoreVerification result() {
    return new FileStoreVerification(
        namespaces, sessions, checkpoints, bytes, problemCount, problems);
  }
}
