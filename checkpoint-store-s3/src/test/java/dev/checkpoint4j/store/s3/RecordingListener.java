package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.store.s3.S3StoreVerification.Kind;
import dev.checkpoint4j.store.s3.S3StoreVerification.Listener;
import dev.checkpoint4j.store.s3.S3StoreVerification.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Remembers what a verification tells. */
class RecordingListener implements Listener {

  /** With this, whatever was written before a verification is old enough to be left over. */
  static final Duration NO_MIN_AGE = Duration.ofSeconds(-10);

  final List<Checkpoint> intact = new ArrayList<>();
  final List<Problem> found = new ArrayList<>();

  @Override
  public void intact(Checkpoint checkpoint) {
    intact.add(checkpoint);
  }

  @Override
  public void found(Problem problem) {
    found.add(problem);
  }

  List<Kind> kinds() {
    return found.stream().map(Problem::kind).toList();
  }

  List<String> keys() {
    return found.stream().map(Problem::key).toList();
  }
}
