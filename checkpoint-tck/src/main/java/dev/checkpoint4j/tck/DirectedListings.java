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
