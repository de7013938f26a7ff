package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The fields of a checkpoint that hold an id: what faults change. */
@SuppressWarnings("ImmutableEnumChecker") // lambdas without state
enum Field {
  NAMESPACE(
      "namespace",
      header -> Optional.of(header.namespace()),
      (checkpoint, text) -> checkpoint.toBuilder().namespace(text).build()),
  SESSION(
      "sessionId",
      header -> Optional.of(header.metadata().sessionId()),
      (checkpoint, text) ->
          checkpoint.toBuilder()
              .metadata(
                  CheckpointMetadata.builder(text)
                      .taskId(checkpoint.metadata().taskId().orElse(null))
                      .attributes(checkpoint.metadata().attributes())
                      .build())
              .build()),
  TASK(
      "taskId",
      header -> header.metadata().taskId(),
      (checkpoint, text) ->
          checkpoint.toBuilder()
              .metadata(checkpoint.metadata().toBuilder().taskId(text).build())
              .build()),
  PARENT(
      "parentId",
      CheckpointHeader::parentId,
      (checkpoint, text) -> checkpoint.toBuilder().parentId(text).build()),
  ID(
      "id",
      header -> Optional.of(header.id()),
      (checkpoint, text) -> checkpoint.toBuilder().id(text).build());

  private final String label;
  private final Function<CheckpointHeader, Optional<String>> get;
  private final BiFunction<Checkpoint, String, Checkpoint> with;

  Field(
      String label,
      Function<CheckpointHeader, Optional<String>> get,
      BiFunction<Checkpoint, String, Checkpoint> with) {
    this.label = label;
    this.get = get;
    this.with = with;
  }

  String label() {
    return label;
  }

  Optional<String> of(CheckpointHeader header) {
    return get.apply(header);
  }

  /**
   * The checkpoint with another text in this field; unchanged if it has none, or if it is illegal.
   */
  Checkpoint change(Checkpoint checkpoint, UnaryOperator<String> change) {
    Optional<String> text = of(checkpoint.header());
    if (text.isEmpty()) {
      return checkpoint;
    }
    String changed = change.apply(text.get());
    return changed.isEmpty() || changed.equals(text.get())
        ? checkpoint
        : with.apply(checkpoint, changed);
  }
}
