package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.store.s3.S3StoreVerification.Kind;
import dev.checkpoint4j.store.s3.S3StoreVerification.Listener;
import dev.checkpoint4j.store.s3.S3StoreVerification.Problem;
import java.util.ArrayList;
import java.util.List;

/** What a verification has found so far. */
final class Findings {

  final List<Problem> problems = new ArrayList<>();
  long namespaces;
  long sessions;
  long checkpoints;
  long bytes;
  long problemCount;
  long leftovers;
  long removed;

  private final Listener listener;

  Findings(Listener listener) {
    this.listener = listener;
  }

  void intact(Checkpoint checkpoint) {
    checkpoints++;
    listener.intact(checkpoint);
  }

  void add(String key, Kind kind, String message) {
    Problem problem = new Problem(key, kind, message);
    if (kind.isDamage()) {
      problemCount++;
    } else {
      leftovers++;
    }
    if (problems.size() < S3StoreVerification.MAX_PROBLEMS) {
      problems.add(problem);
    }
    listener.found(problem);
  }
}
