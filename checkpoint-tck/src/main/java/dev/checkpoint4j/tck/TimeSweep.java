package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.tck.DirectedHistory.Step;
import dev.checkpoint4j.tck.DirectedListings.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Times that a medium may take for one another, in checkpoints and as the bounds of queries. */
final class TimeSweep {

  private static final int PAGE = 3;

  private final List<Instant> times;
  private final String namespace;
  private final boolean attributeQuery;
  private final SessionKey session;
  private final List<Step> steps = new ArrayList<>();

  TimeSweep(List<Instant> times, String prefix, boolean attributeQuery) {
    this.times = times;
    this.namespace = prefix + "times";
    this.attributeQuery = attributeQuery;
    session = new SessionKey(namespace, "s");
  }

  List<Step> steps() {
    for (int i = 0; i < times.size(); i++) {
      steps.add(Step.change(Call.put(checkpoint(i))));
      steps.add(Step.read(Call.getBySession(session)));
      steps.add(Step.read(Call.get(namespace, checkpoint(i).id())));
    }
    steps.addAll(new DirectedListings(namespace, PAGE).by(conditions()));
    for (int i = 0; i < times.size(); i++) {
      for (Instant time : times) {
        steps.add(Step.change(Call.put(checkpoint(i).toBuilder().ts(time).build())));
      }
    }
    steps.add(Step.change(Call.deleteBySession(session)));
    return steps;
  }

  private Checkpoint checkpoint(int index) {
    return Checkpoint.builder(
            CheckpointMetadata.builder(session.sessionId())
                .taskId("t")
                .attribute("a", true)
                .build())
        .namespace(namespace)
        .id("c" + index)
        .version(index + 2L)
        .ts(times.get(index))
        .parentId("p")
        .values(Map.of("number", index))
        .build();
  }

  private List<Condition> conditions() {
    List<Condition> conditions =
        new ArrayList<>(DirectedListings.onFields(session.sessionId(), "t", "p"));
    if (attributeQuery) {
      conditions.add(query -> query.attribute("a", true));
    }
    for (Instant time : times) {
      conditions.add(query -> query.tsFrom(time));
      conditions.add(query -> query.tsBefore(time));
    }
    return conditions;
  }
}
