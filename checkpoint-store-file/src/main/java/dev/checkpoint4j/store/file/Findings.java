package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The report of a verification in the words of a file store: files and offsets. */
final class Findings {

  static final ErrorContext CONTEXT = ErrorContext.of(FileBackendStorage.ID, "verify");

  /** What a log and a frame say whose they are; null for what they do not show. */
  static ErrorContext context(LogFormat.@Nullable Head head, @Nullable Frame frame) {
    return new ErrorContext(
        CONTEXT.backendId(),
        CONTEXT.operation(),
        head == null ? null : head.namespace(),
        head == null ? null : head.sessionId(),
        frame == null ? null : frame.id());
  }

  private final VerificationReport.Builder report;

  Findings(VerificationOptions options) {
    this.report = VerificationReport.builder(options);
  }

  void addNamespace() {
    report.addNamespace();
  }

  void addLog(long size) {
    report.addBytes(size);
  }

  void addCheckpoint(Checkpoint checkpoint) {
    report.addIntact(checkpoint);
  }

  /** Reports something about a whole file or directory. */
  void problem(Path file, FindingKind kind, String message) {
    add(kind, CONTEXT, file.toString(), message);
  }

  /** Reports something at a byte of a file. */
  void problem(Path file, long offset, FindingKind kind, ErrorContext context, String message) {
    add(kind, context, file + ", byte " + offset, message);
  }

  private void add(FindingKind kind, ErrorContext context, String location, String message) {
    report.add(Finding.of(kind, kind.severity(), context, location, message));
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
    problem(path, FindingKind.UNREADABLE, "cannot be read: " + e);
  }

  VerificationReport report() {
    return report.build();
  }
}
