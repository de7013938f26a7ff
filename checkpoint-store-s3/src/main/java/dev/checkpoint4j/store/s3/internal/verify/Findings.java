package dev.checkpoint4j.store.s3.internal.verify;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.store.s3.internal.S3Backend;
import dev.checkpoint4j.store.s3.internal.client.MalformedObjectException;
import dev.checkpoint4j.store.s3.internal.client.ObjectSummary;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;

/** The report of a verification in the words of an S3 store: keys and claims. For one thread. */
final class Findings {

  static final ErrorContext CONTEXT = ErrorContext.of(S3Backend.ID, "verify");

  private final VerificationReport.Builder report;

  Findings(VerificationOptions options) {
    this.report = VerificationReport.builder(options);
  }

  void addNamespace() {
    report.addNamespace();
  }

  void addIntact(Checkpoint checkpoint) {
    report.addIntact(checkpoint);
  }

  void addObject(ObjectSummary object) {
    report.addBytes(object.size());
  }

  void addRemoved(int count) {
    report.addRemoved(count);
  }

  void add(String key, FindingKind kind, MalformedObjectException damage) {
    add(key, kind, String.valueOf(damage.getMessage()));
  }

  void add(String key, FindingKind kind, String message) {
    add(key, kind, CONTEXT, message);
  }

  /** Adds a finding about the checkpoint that a slot claims. */
  void add(String key, FindingKind kind, SlotClaim claim, String message) {
    add(
        key,
        kind,
        new ErrorContext(CONTEXT.backendId(), CONTEXT.operation(), null, null, claim.id()),
        message);
  }

  /** Adds a finding about a checkpoint that can be read. */
  void add(String key, FindingKind kind, Checkpoint checkpoint, String message) {
    add(key, kind, CONTEXT.checkpoint(checkpoint), message);
  }

  private void add(String key, FindingKind kind, ErrorContext context, String message) {
    report.add(Finding.of(kind, kind.severity(), context, key, message));
  }

  VerificationReport report() {
    return report.build();
  }
}
