package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.spi.Capability;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** ATTR: conditions on attributes, a capability. */
abstract class AttributeRules extends CursorRules {

  private void requireAttributeQuery() {
    if (!declares(Capability.ATTRIBUTE_QUERY)) {
      throw notApplicable("the backend does not declare ATTRIBUTE_QUERY");
    }
  }

  private Checkpoint putWith(long version, String name, @Nullable Object value) {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("s").attribute(name, value).attribute("other", version).build();
    return put(draft(metadata, version).build());
  }

  private void assertMatches(CheckpointQuery query, String what, Checkpoint... expected) {
    List<String> ids = idsOf(List.of(expected));
    assertThat(idsOf(listAll(storage(), query)))
        .as("ids listed where %s", what)
        .containsExactlyInAnyOrderElementsOf(ids);
    List<String> headerIds =
        storage().listHeaders(query).items().stream().map(CheckpointHeader::id).toList();
    assertThat(headerIds)
        .as("ids of headers listed where %s", what)
        .containsExactlyInAnyOrderElementsOf(ids);
  }

  /** Stores one checkpoint for each value and expects each value to match its own only. */
  private void assertEachMatchesItself(List<@Nullable Object> values) {
    List<Checkpoint> stored = new ArrayList<>();
    for (Object value : values) {
      stored.add(putWith(stored.size() + 1, "a", value));
    }
    for (int i = 0; i < values.size(); i++) {
      Object value = values.get(i);
      String type = value == null ? "null" : value.getClass().getSimpleName() + " " + value;
      assertMatches(query().attribute("a", value).build(), "a is the " + type, stored.get(i));
    }
  }

  @Rule(id = "ATTR-01", level = Level.MUST)
  protected final void valuesMatchWithTheirType() {
    requireAttributeQuery();
    assertEachMatchesItself(
        Arrays.asList(
            1,
            1L,
            1.0,
            "1",
            true,
            "true",
            BigInteger.ONE,
            BigDecimal.ONE,
            new BigDecimal("1.0"),
            0,
            0.0,
            -0.0,
            Double.NaN,
            "NaN",
            (1L << 53) + 1,
            1L << 53,
            Math.nextUp(1.0),
            Instant.parse("2026-11-24T01:02:03.000001Z"),
            Instant.parse("2026-11-24T01:02:03.000002Z"),
            "2026-11-24T01:02:03.000001Z",
            Binary.copyOf(new byte[] {1, 2, 3}),
            "AQID",
            "010203"));
  }

  @Rule(id = "ATTR-02", level = Level.MUST)
  protected final void nullIsNotAbsent() {
    requireAttributeQuery();
    Checkpoint withNull = putWith(1, "a", null);
    putWith(2, "a", "null");
    putWith(3, "a", "");
    putWith(4, "b", 1);
    assertMatches(query().attribute("a", null).build(), "a is null", withNull);
    assertMatches(query().attribute("absent", null).build(), "an absent attribute is null");
  }

  @Rule(id = "ATTR-03", level = Level.MUST)
  protected final void nestedValuesMatchAsAWhole() {
    requireAttributeQuery();
    Map<String, Object> nested = new LinkedHashMap<>();
    nested.put("x", 1);
    nested.put("y", List.of(1, 2));
    Map<String, Object> reordered = new LinkedHashMap<>();
    reordered.put("y", List.of(1, 2));
    reordered.put("x", 1);
    Checkpoint wanted = putWith(1, "a", nested);
    putWith(2, "a", Map.of("x", 1));
    putWith(3, "a", Map.of("x", 1L, "y", List.of(1, 2)));
    putWith(4, "a", Map.of("x", 1, "y", List.of(2, 1)));
    Checkpoint list = putWith(5, "a", List.of(1, 2));
    Checkpoint empty = putWith(6, "a", List.of());
    putWith(7, "a", Arrays.asList(1, null, 2));
    assertMatches(query().attribute("a", nested).build(), "a is a map", wanted);
    assertMatches(
        query().attribute("a", reordered).build(), "a is a map, keys in another order", wanted);
    assertMatches(query().attribute("a", List.of(1, 2)).build(), "a is a list", list);
    assertMatches(query().attribute("a", List.of()).build(), "a is an empty list", empty);
    assertMatches(query().attribute("a", Map.of()).build(), "a is an empty map");
  }

  @Rule(id = "ATTR-04", level = Level.MUST)
  protected final void namesAreTakenLiterally() {
    requireAttributeQuery();
    List<String> names =
        List.of(
            "a.b",
            "a",
            "A",
            "a ",
            "$a",
            "a[0]",
            "",
            "'",
            "\"",
            "\u00e9",
            "e\u0301",
            "*",
            "%",
            "_",
            "id",
            "namespace",
            "session",
            "sessionId",
            "session_id",
            "task",
            "taskId",
            "version",
            "ts",
            "parentId",
            "attributes",
            "values");
    List<Checkpoint> stored = new ArrayList<>();
    for (String name : names) {
      stored.add(putWith(stored.size() + 1, name, name.equals("a") ? Map.of("b", 7L) : 7L));
    }
    for (int i = 0; i < names.size(); i++) {
      Object value = names.get(i).equals("a") ? Map.of("b", 7L) : 7L;
      assertMatches(
          query().attribute(names.get(i), value).build(),
          "the attribute " + Differences.quote(names.get(i)) + " is " + value,
          stored.get(i));
    }
  }

  @Rule(id = "ATTR-05", level = Level.MUST)
  protected final void allConditionsMustHold() {
    requireAttributeQuery();
    List<Checkpoint> stored = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      CheckpointMetadata metadata =
          CheckpointMetadata.builder("s")
              .attribute("a", i / 4)
              .attribute("b", i / 2 % 2)
              .attribute("c", i % 2)
              .build();
      stored.add(put(draft(metadata, stored.size() + 1).build()));
    }
    assertMatches(
        query().attribute("a", 1).attribute("b", 0).attribute("c", 1).build(),
        "a is 1, b is 0 and c is 1",
        stored.get(5));
    assertMatches(
        query().attribute("a", 1).attribute("b", 0).build(),
        "a is 1 and b is 0",
        stored.get(4),
        stored.get(5));
    assertMatches(
        query().attribute("a", 1).versions(4, 5).build(),
        "a is 1 and the version is 4 or 5",
        stored.get(4));
    assertMatches(
        query().attribute("a", 1).sessionId("absent").build(), "a is 1 in an absent session");
    assertAnyNumberOfConditions();
  }

  /** Two checkpoints that differ in the last of many attributes. */
  private void assertAnyNumberOfConditions() {
    for (int conditions : new int[] {61, 250}) {
      CheckpointMetadata.Builder metadata = CheckpointMetadata.builder("s" + conditions);
      CheckpointQuery.Builder query = query();
      for (int i = 1; i < conditions; i++) {
        metadata.attribute("attribute " + i, i);
        query.attribute("attribute " + i, i);
      }
      Checkpoint wanted = put(draft(metadata.attribute("z", 1).build(), 1).build());
      put(draft(metadata.attribute("z", 2).build(), 2).build());
      assertMatches(
          query.attribute("z", 1).build(), "%d attributes match".formatted(conditions), wanted);
    }
  }

  @Rule(id = "ATTR-06", level = Level.MUST)
  protected final void limitCountsMatchingAttributesOnly() {
    requireAttributeQuery();
    List<Checkpoint> wanted = new ArrayList<>();
    for (long version = 1; version <= 20; version++) {
      Checkpoint stored = putWith(version, "a", version % 5 == 0);
      if (version % 5 == 0) {
        wanted.add(0, stored);
      }
    }
    Page<Checkpoint> page = storage().list(query().attribute("a", true).limit(3).build());
    assertThat(idsOf(page.items()))
        .as("one page of limit 3, newest first, where 4 of 20 checkpoints match")
        .containsExactlyElementsOf(idsOf(wanted.subList(0, 3)));
    assertThat(idsOf(listAll(storage(), query().attribute("a", true).limit(3).build())))
        .as("all pages of limit 3, newest first, where 4 of 20 checkpoints match")
        .containsExactlyElementsOf(idsOf(wanted));
  }

  @Rule(id = "ATTR-07", level = Level.MUST)
  protected final void stringsMatchExactly() {
    requireAttributeQuery();
    List<@Nullable Object> values = new ArrayList<>(HostileIds.all());
    values.addAll(List.of("", "a\u0000", "\ud83d", "x".repeat(5000) + 1, "x".repeat(5000) + 2));
    assertEachMatchesItself(values);
  }

  @Rule(id = "ATTR-08", level = Level.MUST)
  protected final void undeclaredConditionIsRefused() {
    if (declares(Capability.ATTRIBUTE_QUERY)) {
      throw notApplicable("the backend declares ATTRIBUTE_QUERY");
    }
    Checkpoint stored = putWith(1, "a", 1);
    CheckpointQuery query = query().attribute("a", 1).build();
    assertFails(
        "list with a condition on an attribute",
        UnsupportedOperationException.class,
        () -> storage().list(query));
    assertFails(
        "listHeaders with a condition on an attribute",
        UnsupportedOperationException.class,
        () -> storage().listHeaders(query));
    assertHolds("after refused queries", storage(), List.of(stored));
  }
}
