package dev.checkpoint4j.core.internal.json;

import static dev.checkpoint4j.core.internal.json.Sample.list;
import static dev.checkpoint4j.core.internal.json.Sample.map;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@code -Dcheckpoint.seed=N} repeats a run. */
class RandomRoundTripTest {

  private static final int CASES = 10_000;

  private final CheckpointCodec codec = new JacksonCheckpointCodec();

  @Test
  void everyCheckpointReadsBackAsItWas() {
    long seed = Long.getLong("checkpoint.seed", new SplittableRandom().nextLong());
    RandomCheckpoints checkpoints = new RandomCheckpoints(seed);
    for (int i = 0; i < CASES; i++) {
      Checkpoint checkpoint = checkpoints.next();
      Optional<String> failure = failure(checkpoint);
      if (failure.isPresent()) {
        Map<String, @Nullable Object> smallest =
            Shrinker.shrink(
                checkpoint.values(),
                values -> failure(checkpoint.toBuilder().values(values).build()).isPresent());
        Checkpoint shrunk = checkpoint.toBuilder().values(smallest).build();
        throw new AssertionError(
            "case %d of -Dcheckpoint.seed=%d: %s%nvalues shrunk to %s: %s%nheader %s, attributes %s"
                .formatted(
                    i,
                    seed,
                    failure.get(),
                    smallest,
                    failure(shrunk).orElse("passes"),
                    shrunk.header(),
                    shrunk.metadata().attributes()));
      }
    }
  }

  private Optional<String> failure(Checkpoint checkpoint) {
    try {
      byte[] document = codec.encode(checkpoint);
      return DeepDifference.between(checkpoint, codec.decode(document))
          .or(
              () ->
                  checkpoint.header().equals(codec.decodeHeader(document))
                      ? Optional.empty()
                      : Optional.of("decodeHeader gives another header"))
          .or(
              () ->
                  new String(document, StandardCharsets.ISO_8859_1).contains("\n")
                      ? Optional.of("the document has a line break")
                      : Optional.empty());
    } catch (RuntimeException e) {
      return Optional.of(e.toString());
    }
  }

  @Test
  void aFailingCaseShrinksToItsCause() {
    Map<String, @Nullable Object> failing =
        map(
            "irrelevant", 1,
            "outer", map("k1", list(1, list("a long text with an x in it", null), 2.0), "k2", true),
            "last", list());
    Map<String, @Nullable Object> smallest =
        Shrinker.shrink(failing, values -> values.values().toString().contains("x"));
    assertThat(smallest)
        .as("the predicate fails for any value with an x; only that should be left")
        .isEqualTo(map("", "x"));
  }

  @Test
  void aFailingKeyShrinksToItsCause() {
    Map<String, @Nullable Object> smallest =
        Shrinker.shrink(map("a", map("b$b", 1, "c", 2)), values -> values.toString().contains("$"));
    assertThat(smallest).isEqualTo(map("", map("$", null)));
  }

  @Test
  void aCaseThatFailsAlwaysShrinksToNothing() {
    assertThat(Shrinker.shrink(Sample.full().values(), values -> true)).isEmpty();
  }
}
