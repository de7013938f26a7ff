package dev.checkpoint4j.cli.demo;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointRepository;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Compares what is stored with what an uninterrupted run would have stored, and with the acks. */
final class Verifier {

  /** Checkpoints can be large: a page of them must fit into memory. */
  private static final int PAGE = 50;

  /**
   * What was found.
   *
   * @param checkpoints how many are stored
   * @param bytes the sum of what the measure says of each
   * @param lost how many were acknowledged but are absent or different
   * @param mismatched how many sessions have a wrong chain or a wrong final state
   * @param problems each of them in words
   */
  record Result(long checkpoints, long bytes, long lost, long mismatched, List<String> problems) {}

  private final CheckpointRepository repository;
  private final ToLongFunction<Checkpoint> measure;
  private final Map<String, List<WorkerMessage.Acknowledged>> acknowledged;
  private final List<String> problems = new ArrayList<>();
  private long checkpoints;
  private long bytes;
  private long lost;
  private long mismatched;

  private Verifier(
      CheckpointRepository repository,
      List<WorkerMessage.Acknowledged> acknowledged,
      ToLongFunction<Checkpoint> measure) {
    this.repository = repository;
    this.measure = measure;
    this.acknowledged =
        acknowledged.stream().collect(Collectors.groupingBy(WorkerMessage.Acknowledged::sessionId));
  }

  /**
   * Verifies every session, and that there are no others.
   *
   * @param verified receives the number of sessions that are done, after each
   */
  static Result verify(
      CheckpointRepository repository,
      List<Transcript> transcripts,
      List<WorkerMessage.Acknowledged> acknowledged,
      ToLongFunction<Checkpoint> measure,
      LongConsumer verified) {
    Verifier verifier = new Verifier(repository, acknowledged, measure);
    long done = 0;
    for (Transcript transcript : transcripts) {
      verifier.verify(transcript);
      verified.accept(++done);
    }
    verifier.verifyNoOthers(transcripts);
    return new Result(
        verifier.checkpoints,
        verifier.bytes,
        verifier.lost,
        verifier.mismatched,
        verifier.problems);
  }

  private void verify(Transcript transcript) {
    Map<Long, String> intact = new HashMap<>();
    Uninterrupted expected = new Uninterrupted(repository.namespace(), transcript);
    CheckpointQuery query =
        repository
            .query()
            .sessionId(transcript.sessionId())
            .order(CheckpointQuery.Order.OLDEST_FIRST)
            .limit(PAGE)
            .build();
    try (Stream<Checkpoint> stored = repository.stream(query)) {
      for (Iterator<Checkpoint> each = stored.iterator(); each.hasNext(); ) {
        Checkpoint checkpoint = each.next();
        checkpoints++;
        bytes += measure.applyAsLong(checkpoint);
        if (expected.isIntact(checkpoint)) {
          intact.put(checkpoint.version(), checkpoint.id());
        }
      }
    }
    expected
        .problem()
        .ifPresent(
            problem -> {
              mismatched++;
              problems.add("mismatched: session '" + transcript.sessionId() + "' " + problem);
            });
    for (WorkerMessage.Acknowledged ack :
        acknowledged.getOrDefault(transcript.sessionId(), List.of())) {
      if (!ack.id().equals(intact.get(ack.version()))) {
        lost++;
        problems.add(
            "lost: version %d of session '%s' (id %s)"
                .formatted(ack.version(), ack.sessionId(), ack.id()));
      }
    }
  }

  private void verifyNoOthers(List<Transcript> transcripts) {
    Set<String> expected = new HashSet<>();
    transcripts.forEach(transcript -> expected.add(transcript.sessionId()));
    try (Stream<String> sessions = repository.sessions()) {
      sessions
          .filter(session -> !expected.contains(session))
          .forEach(
              session -> {
                mismatched++;
                problems.add("mismatched: session '" + session + "' was never replayed");
              });
    }
  }

  /** The run that nothing interrupts, to be compared with what is stored, oldest first. */
  private static final class Uninterrupted {

    private final String namespace;
    private final Transcript transcript;
    private Map<String, @Nullable Object> state = AgentState.INITIAL;
    private @Nullable String previousId;
    private long previousVersion;
    private @Nullable String firstProblem;

    Uninterrupted(String namespace, Transcript transcript) {
      this.namespace = namespace;
      this.transcript = transcript;
    }

    /** Whether the checkpoint holds what belongs into its version; notes what else is wrong. */
    boolean isIntact(Checkpoint stored) {
      long version = stored.version();
      if (version != previousVersion + 1) {
        note("has version " + version + " after " + previousVersion);
      }
      if (!stored.parentId().equals(Optional.ofNullable(previousId))) {
        note("has a wrong parent at version " + version);
      }
      previousId = stored.id();
      previousVersion = version;
      if (version > transcript.messages().size()) {
        return false;
      }
      while (AgentState.step(state) < version) {
        state = AgentState.after(state, transcript.messages().get(AgentState.step(state)));
      }
      boolean intact =
          stored.namespace().equals(namespace)
              && stored.metadata().equals(transcript.metadata())
              && DeepEquals.isSame(stored.values(), state);
      if (!intact) {
        note("has other content at version " + version);
      }
      return intact;
    }

    /** What is wrong with the chain or the final state, if anything. */
    Optional<String> problem() {
      int last = transcript.messages().size();
      if (previousVersion != last) {
        note("ends at version " + previousVersion + " instead of " + last);
      }
      return Optional.ofNullable(firstProblem);
    }

    private void note(String problem) {
      if (firstProblem == null) {
        firstProblem = problem;
      }
    }
  }
}
