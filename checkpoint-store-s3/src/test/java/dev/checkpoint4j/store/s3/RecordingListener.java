package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.VerificationListener;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.store.s3.internal.verify.FindingKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Records what a verification tells. */
class RecordingListener implements VerificationListener {

  /** With this, whatever was written before a verification is old enough to be left over. */
  static final Duration NO_MIN_AGE = Duration.ofSeconds(-10);

  final List<Checkpoint> intact = new ArrayList<>();
  final List<Finding> found = new ArrayList<>();

  @Override
  public void onIntact(Checkpoint checkpoint) {
    intact.add(checkpoint);
  }

  @Override
  public void onFinding(Finding finding) {
    found.add(finding);
  }

  /** Of a verification that notifies this. */
  VerificationOptions options() {
    return VerificationOptions.defaults().withListener(this);
  }

  List<FindingKind> kinds() {
    return found.stream().map(RecordingListener::kind).toList();
  }

  static FindingKind kind(Finding finding) {
    return FindingKind.valueOf(finding.kind().toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  List<String> keys() {
    return found.stream().map(Finding::location).toList();
  }
}
