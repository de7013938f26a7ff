package dev.checkpoint4j.tck;

import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.SessionKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Makes calls on a backend and on the reference, and compares the answers. Each method says how
 * they disagree, or nothing.
 */
final class ModelComparison {

  private final ReferenceBackend reference;
  private final ModelRun.Handles handles;
  private final ModelTally tally;
  private final ModelCursors cursors;
  private final ListingOrder namespaceOrder = new ListingOrder();
  private final Map<String, ListingOrder> sessionOrders = new HashMap<>();
  private final List<Supplier<String>> calls = new ArrayList<>();

  /** Of the namespaces of the backend, only those with the prefix are compared. */
  ModelComparison(
      ReferenceBackend reference, String prefix, ModelRun.Handles handles, ModelTally tally) {
    this.reference = reference;
    this.handles = handles;
    this.tally = tally;
    cursors = new ModelCursors(reference, prefix, this::order);
  }

  /** The calls so far, one in a line. */
  String calls() {
    return IntStream.range(0, calls.size())
        .mapToObj(i -> "%d. %s".formatted(i + 1, calls.get(i).get()))
        .collect(Collectors.joining("\n"));
  }

  private void say(int handle, Supplier<String> call) {
    calls.add(() -> "handle %d: %s".formatted(handle + 1, call.get()));
  }

  /** Makes a call that may change something. */
  String change(int handle, Call call) {
    tally.operation();
    String disagreement = compare(handle, call);
    cursors.changed();
    namespaceOrder.retain(
        reference.listNamespaces(CheckpointQuery.MAX_LIMIT, Optional.empty()).items());
    sessionOrders.forEach((namespace, order) -> order.retain(sessions(namespace)));
    return disagreement;
  }

  private List<String> sessions(String namespace) {
    return Reads.listSessions(reference, namespace, CheckpointQuery.MAX_LIMIT).stream()
        .map(SessionKey::sessionId)
        .toList();
  }

  String reopen() {
    if (handles.reopen()) {
      tally.operation();
      calls.add(() -> "all handles are closed and opened again");
    }
    return "";
  }

  String compare(int handle, Call call) {
    say(handle, call.lazyText());
    return disagreement(handle, call);
  }

  /** Makes calls, each on some handle; only one that disagrees becomes part of the message. */
  String read(List<Call> reads, Random choices) {
    for (Call read : reads) {
      String disagreement = read(choices.nextInt(2), read);
      if (!disagreement.isEmpty()) {
        return disagreement;
      }
    }
    return "";
  }

  /** Makes a call that becomes part of the message only if it disagrees. */
  String read(int handle, Call read) {
    String disagreement = disagreement(handle, read);
    if (!disagreement.isEmpty()) {
      say(handle, read.lazyText());
    }
    return disagreement;
  }

  private String disagreement(int handle, Call call) {
    tally.comparison();
    Object expected = call.outcome(reference);
    Object actual = call.outcome(handles.get(handle));
    String disagreement = Call.disagreement(expected, actual);
    return disagreement.isEmpty() && actual instanceof Listing<?> listing
        ? order(listing.namespace()).contradiction(listing.order()).orElse("")
        : disagreement;
  }

  private ListingOrder order(String namespace) {
    return namespace.isEmpty()
        ? namespaceOrder
        : sessionOrders.computeIfAbsent(namespace, key -> new ListingOrder());
  }

  String startListing(int handle, CheckpointQuery query, Random choices) {
    tally.comparison();
    return cursors.start(query, handles.get(handle), call -> say(handle, call), choices);
  }

  String continueListing(int handle, int limit, Random choices) {
    tally.comparison();
    return cursors.resume(handles.get(handle), call -> say(handle, call), limit, choices);
  }
}
