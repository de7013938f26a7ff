package dev.checkpoint4j.store.s3.internal.verify;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.store.s3.S3StoreVerification;
import dev.checkpoint4j.store.s3.S3StoreVerification.Kind;
import dev.checkpoint4j.store.s3.S3StoreVerification.Listener;
import dev.checkpoint4j.store.s3.S3StoreVerification.Problem;
import dev.checkpoint4j.store.s3.internal.client.MalformedObjectException;
import dev.checkpoint4j.store.s3.internal.client.ObjectSummary;
import java.util.ArrayList;
import java.util.List;

/** What a verification has found so far. For one thread. */
final class Findings {

  private final Listener listener;
  private final List<Problem> problems = new ArrayList<>();
  private long namespaces;
  private long sessions;
  private long checkpoints;
  private long bytes;
  private long problemCount;
  private long leftovers;
  private long removed;

  Findings(Listener listener) {
    this.listener = listener;
  }

  void addNamespace() {
    namespaces++;
  }

  void addSession() {
    sessions++;
  }

  void addIntact(Checkpoint checkpoint) {
    checkpoints++;
    listener.intact(checkpoint);
  }

  void addObject(ObjectSummary object) {
    bytes += object.size();
  }

  void addRemoved(int count) {
    removed += count;
  }

  void add(String key, Kind kind, MalformedObjectException damage) {
    add(key, kind, String.valueOf(damage.getMessage()));
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

  Totals totals() {
    return new Totals(
        namespaces, sessions, checkpoints, bytes, problemCount, leftovers, removed, problems);
  }
}
