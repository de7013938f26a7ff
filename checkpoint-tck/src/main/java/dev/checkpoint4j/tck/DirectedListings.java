package dev.checkpoint4j.tck;

import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.tck.DirectedHistory.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Listings of one namespace by both methods, in both orders, with several pages. */
record DirectedListings(String namespace, int limit) {

  /** A condition, which is added to a query. */
  interface Condition extends UnaryOperator<CheckpointQuery.Builder> {}

  /**
   * A condition on each field but time and attributes, which holds for all checkpoints of a session
   * with one task and one parent from version 2 on, and none at all.
   */
  static List<Condition> onFields(String sessionId, String taskId, String parentId) {
    return List.of(
        query -> query,
        query -> query.sessionId(sessionId),
        query -> query.taskId(taskId),
        query -> query.parentId(parentId),
        query -> query.versions(2, Long.MAX_VALUE));
  }

  /** The listings for each condition alone. */
  List<Step> by(List<Condition> conditions) {
    List<Step> steps = new ArrayList<>();
    for (Condition condition : conditions) {
      for (Order order : Order.values()) {
        CheckpointQuery query =
            condition.apply(CheckpointQuery.builder(namespace)).order(order).limit(limit).build();
        steps.add(Step.read(Call.list(query)));
        steps.add(Step.read(Call.listHeaders(query)));
      }
    }
    return steps;
  }
}
