package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.tck.DirectedHistory.Step;
import dev.checkpoint4j.tck.DirectedListings.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values that a medium may take for one another, in several places of values and attributes. */
final class ValueSweep {

  private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

  /** Deeper than anything but a recursion compares. */
  private static final int DEPTH = 12;

  private static final int PAGE = 3;

  /** Where a value is in a map. */
  private enum Place {
    TOP,
    IN_A_LIST,
    IN_A_MAP,
    DEEP;

    @Nullable Object holding(@Nullable Object value) {
      return switch (this) {
        case TOP -> value;
        case IN_A_LIST -> Collections.singletonList(value);
        case IN_A_MAP -> Collections.singletonMap("k", value);
        case DEEP -> {
          Object deep = value;
          for (int level = 0; level < DEPTH; level++) {
            deep =
                level % 2 == 0
                    ? Collections.singletonMap("k", deep)
                    : Collections.singletonList(deep);
          }
          yield deep;
        }
      };
    }
  }

  private final List<@Nullable Object> values;
  private final String namespace;
  private final boolean attributeQuery;
  private final SessionKey session;
  private final List<Step> steps = new ArrayList<>();

  ValueSweep(List<@Nullable Object> values, String prefix, boolean attributeQuery) {
    this.values = values;
    this.namespace = prefix + "values";
    this.attributeQuery = attributeQuery;
    session = new SessionKey(namespace, "s");
  }

  List<Step> steps() {
    for (int i = 0; i < values.size(); i++) {
      change(Call.put(checkpoint(i)));
      read(Call.getBySession(session));
      read(Call.get(namespace, checkpoint(i).id()));
    }
    steps.addAll(new DirectedListings(namespace, PAGE).by(fields()));
    if (attributeQuery) {
      steps.addAll(new DirectedListings(namespace, 1).by(conditions()));
    }
    for (int i = 0; i < values.size(); i++) {
      change(Call.put(ModelPools.reordered(checkpoint(i))));
      for (int other = 0; other < values.size(); other++) {
        if (other != i) {
          putChanged(checkpoint(i), Place.values()[(i + other) % Place.values().length], other);
        }
      }
    }
    change(Call.deleteBySession(session));
    return steps;
  }

  private void change(Call call) {
    steps.add(Step.change(call));
  }

  private void read(Call call) {
    steps.add(Step.read(call));
  }

  private static Map<String, @Nullable Object> content(@Nullable Object value) {
    Map<String, @Nullable Object> content = new LinkedHashMap<>();
    for (Place place : Place.values()) {
      content.put(place.name(), place.holding(value));
    }
    return content;
  }

  private Checkpoint checkpoint(int index) {
    return Checkpoint.builder(
            CheckpointMetadata.builder(session.sessionId())
                .taskId("t")
                .attributes(content(values.get(index)))
                .build())
        .namespace(namespace)
        .id("c" + index)
        .version(index + 2L)
        .ts(TIME)
        .parentId("p")
        .values(content(values.get(index)))
        .build();
  }

  /** Once in the values, and once in the attributes. */
  private void putChanged(Checkpoint stored, Place place, int other) {
    Map<String, @Nullable Object> changed = new LinkedHashMap<>(stored.values());
    changed.put(place.name(), place.holding(values.get(other)));
    change(Call.put(stored.toBuilder().values(changed).build()));
    change(
        Call.put(
            stored.toBuilder()
                .metadata(stored.metadata().toBuilder().attributes(changed).build())
                .build()));
  }

  /** Each holds for every checkpoint. */
  private List<Condition> fields() {
    List<Condition> conditions =
        new ArrayList<>(DirectedListings.onFields(session.sessionId(), "t", "p"));
    conditions.add(query -> query.tsFrom(TIME));
    return conditions;
  }

  private List<Condition> conditions() {
    List<Condition> conditions = new ArrayList<>();
    for (Object value : values) {
      for (Place place : Place.values()) {
        conditions.add(query -> query.attribute(place.name(), place.holding(value)));
      }
    }
    return conditions;
  }
}
