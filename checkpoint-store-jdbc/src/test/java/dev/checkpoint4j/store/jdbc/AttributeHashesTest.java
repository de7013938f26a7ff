package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.CheckpointMetadata;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AttributeHashesTest {

  private static Map<String, @Nullable Object> attributes(String name, @Nullable Object value) {
    return CheckpointMetadata.builder("s").attribute(name, value).build().attributes();
  }

  private static String hash(@Nullable Object value) {
    return AttributeHashes.of("a", attributes("a", value).get("a"));
  }

  @Test
  void valuesThatAreNotEqualHaveOtherHashes() {
    List<@Nullable Object> values =
        Arrays.asList(
            null,
            true,
            false,
            1,
            1L,
            BigInteger.ONE,
            1.0,
            BigDecimal.ONE,
            new BigDecimal("1.0"),
            "1",
            "",
            "\ud800",
            "?",
            0.0,
            -0.0,
            Double.NaN,
            Instant.EPOCH,
            new byte[] {1},
            List.of(),
            List.of(1),
            List.of(List.of(1)),
            List.of("a", "b"),
            List.of("ab"),
            Map.of(),
            Map.of("a", 1),
            Map.of("a", 1L));
    assertThat(new HashSet<>(values.stream().map(AttributeHashesTest::hash).toList()))
        .as("hashes of %d values", values.size())
        .hasSameSizeAs(values);
    assertThat(AttributeHashes.of("a", 1)).as("of a").isNotEqualTo(AttributeHashes.of("b", 1));
  }

  @Test
  void orderOfKeysMakesNoDifference() {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("x", 1);
    one.put("y", Map.of("z", 2));
    Map<String, Object> other = new LinkedHashMap<>();
    other.put("y", Map.of("z", 2));
    other.put("x", 1);
    assertThat(hash(one)).as("hash of a map").isEqualTo(hash(other));
  }

  /** It is stored, so it must not change. */
  @Test
  void formIsFixed() {
    assertThat(AttributeHashes.of(attributes("lang", "fr")))
        .as("hashes of lang=fr")
        .isEqualTo(" FIXED");
    assertThat(AttributeHashes.of(Map.of())).as("hashes of no attribute").isNull();
  }

  @Test
  void moreThanAColumnTakesAreNotHashed() {
    CheckpointMetadata.Builder metadata = CheckpointMetadata.builder("s");
    for (int i = 0; i <= AttributeHashes.MOST; i++) {
      metadata.attribute("a" + i, i);
    }
    assertThat(AttributeHashes.of(metadata.build().attributes()))
        .as("hashes of %d attributes", AttributeHashes.MOST + 1)
        .isEqualTo(AttributeHashes.MANY);
  }
}
