package dev.checkpoint4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.checkpoint4j.error.UnsupportedValueException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class CheckpointQueryTest {

  private static final Instant TS = Instant.parse("2026-01-01T00:00:00.000005Z");

  private static final CheckpointHeader HEADER =
      CheckpointHeader.builder(
              CheckpointMetadata.builder("s")
                  .taskId("t")
                  .attribute("int", 1)
                  .attribute("null", null)
                  .attribute("list", List.of(1))
                  .build())
          .namespace("n")
          .id("i")
          .parentId("p")
          .version(5)
          .ts(TS)
          .build();

  private static boolean matches(UnaryOperator<CheckpointQuery.Builder> conditions) {
    return conditions.apply(CheckpointQuery.builder("n")).build().matches(HEADER);
  }

  @Test
  void withoutConditionsEverythingOfTheNamespaceMatches() {
    assertThat(matches(query -> query)).isTrue();
    assertThat(CheckpointQuery.builder("N").build().matches(HEADER)).isFalse();
    assertThat(CheckpointQuery.builder(new SessionKey("n", "s")).build().matches(HEADER)).isTrue();
    assertThat(CheckpointQuery.builder(new SessionKey("n", "S")).build().matches(HEADER)).isFalse();
  }

  @Test
  void idsMatchExactly() {
    assertThat(matches(query -> query.sessionId("s"))).isTrue();
    assertThat(matches(query -> query.sessionId("s "))).isFalse();
    assertThat(matches(query -> query.taskId("t"))).isTrue();
    assertThat(matches(query -> query.taskId("T"))).isFalse();
    assertThat(matches(query -> query.parentId("p"))).isTrue();
    assertThat(matches(query -> query.parentId("pp"))).isFalse();
    CheckpointHeader bare = CheckpointHeader.builder(CheckpointMetadata.of("s")).build();
    assertThat(CheckpointQuery.builder("default").taskId("t").build().matches(bare)).isFalse();
    assertThat(CheckpointQuery.builder("default").parentId("p").build().matches(bare)).isFalse();
  }

  @Test
  void bothEndsOfTheVersionsAreIncluded() {
    assertThat(matches(query -> query.versions(5, 5))).isTrue();
    assertThat(matches(query -> query.versions(1, 5))).isTrue();
    assertThat(matches(query -> query.versions(5, Long.MAX_VALUE))).isTrue();
    assertThat(matches(query -> query.versions(1, 4))).isFalse();
    assertThat(matches(query -> query.versions(6, 9))).isFalse();
  }

  @Test
  void theStartOfTheTimeIsIncludedAndItsEndIsNot() {
    assertThat(matches(query -> query.tsFrom(TS))).isTrue();
    assertThat(matches(query -> query.tsFrom(TS.plusNanos(1)))).isFalse();
    assertThat(matches(query -> query.tsFrom(TS.minusNanos(999)))).isTrue();
    assertThat(matches(query -> query.tsBefore(TS))).isFalse();
    assertThat(matches(query -> query.tsBefore(TS.plusNanos(1)))).isTrue();
    assertThat(matches(query -> query.tsBefore(TS.minusNanos(1)))).isFalse();
  }

  @Test
  void theGreatestAndTheLeastInstantAreLegalBounds() {
    assertThat(matches(query -> query.tsFrom(Instant.MIN).tsBefore(Instant.MAX))).isTrue();
    assertThat(matches(query -> query.tsFrom(Instant.MAX))).isFalse();
    assertThat(matches(query -> query.tsBefore(Instant.MIN))).isFalse();
  }

  @Test
  void attributesMatchByTypeAndValue() {
    assertThat(matches(query -> query.attribute("int", 1))).isTrue();
    assertThat(matches(query -> query.attribute("int", (short) 1))).as("normalised").isTrue();
    assertThat(matches(query -> query.attribute("int", 1L))).isFalse();
    assertThat(matches(query -> query.attribute("int", "1"))).isFalse();
    assertThat(matches(query -> query.attribute("int", null))).isFalse();
    assertThat(matches(query -> query.attribute("null", null))).isTrue();
    assertThat(matches(query -> query.attribute("absent", null))).isFalse();
    assertThat(matches(query -> query.attribute("list", new int[] {1}))).isTrue();
    assertThat(matches(query -> query.attribute("int", 1).attribute("null", null))).isTrue();
    assertThat(matches(query -> query.attribute("int", 1).attribute("null", 0))).isFalse();
  }

  @Test
  void orderLimitAndCursorPlayNoPart() {
    assertThat(
            matches(
                query ->
                    query.order(CheckpointQuery.Order.OLDEST_FIRST).limit(1).cursor("anything")))
        .isTrue();
  }

  @Test
  @SuppressWarnings("JavaUtilDate") // What is refused.
  void illegalConditionsAreRefused() {
    CheckpointQuery.Builder query = CheckpointQuery.builder("n");
    assertThatIllegalArgumentException().isThrownBy(() -> query.versions(0, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> query.versions(2, 1))
        .withMessage("min version 2 is greater than max version 1");
    for (int limit : new int[] {0, -1, 1001}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> query.limit(limit))
          .withMessage("limit " + limit + " is not 1 to 1000");
    }
    assertThat(query.limit(1000).build().limit()).isEqualTo(1000);
    assertThatIllegalArgumentException().isThrownBy(() -> query.sessionId(""));
    assertThatIllegalArgumentException().isThrownBy(() -> CheckpointQuery.builder("\0"));
    assertThatExceptionOfType(UnsupportedValueException.class)
        .isThrownBy(() -> query.attribute("when", new Date(0)))
        .withMessage("attributes.when: java.util.Date is not supported; use Instant");
  }

  @Test
  void toBuilderKeepsEverything() {
    CheckpointQuery query =
        CheckpointQuery.builder("n")
            .sessionId("s")
            .taskId("t")
            .parentId("p")
            .attribute("a", "secret")
            .versions(2, 9)
            .tsFrom(TS)
            .tsBefore(TS.plusSeconds(1))
            .order(CheckpointQuery.Order.OLDEST_FIRST)
            .limit(7)
            .cursor("c")
            .build();
    assertThat(query.toBuilder().build()).usingRecursiveComparison().isEqualTo(query);
    assertThat(query.toString()).contains("versions=2..9", "[a]").doesNotContain("secret");
    assertThat(query.toBuilder().cursor(null).build().cursor()).isEmpty();
  }

  @Test
  void theDefaultsAreNewestFirstAHundredAtATime() {
    CheckpointQuery query = CheckpointQuery.builder("n").build();
    assertThat(query.order()).isEqualTo(CheckpointQuery.Order.NEWEST_FIRST);
    assertThat(query.limit()).isEqualTo(100);
    assertThat(query.minVersion()).isEqualTo(1);
    assertThat(query.maxVersion()).isEqualTo(Long.MAX_VALUE);
    assertThat(query.cursor()).isEmpty();
  }

  @Test
  @SuppressWarnings("NullAway") // What callers without a checker may do.
  void nullIsRefusedByName() {
    assertThatNullPointerException()
        .isThrownBy(() -> CheckpointQuery.builder((String) null))
        .withMessage("namespace");
    assertThatNullPointerException()
        .isThrownBy(() -> CheckpointQuery.builder((SessionKey) null))
        .withMessage("session");
    assertThatNullPointerException()
        .isThrownBy(() -> CheckpointQuery.builder("n").attribute(null, 1))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> CheckpointQuery.builder("n").build().matches(null))
        .withMessage("header");
    assertThatNullPointerException().isThrownBy(() -> Page.of(null, null)).withMessage("items");
    assertThatNullPointerException()
        .isThrownBy(() -> Page.of(List.of(1), null).map(null))
        .withMessage("mapper");
  }

  @Test
  void aPageKeepsACopyOfItsItems() {
    List<Integer> items = new ArrayList<>(List.of(1, 2));
    Page<Integer> page = Page.of(items, "next");
    items.clear();
    assertThat(page.items()).containsExactly(1, 2).isUnmodifiable();
    assertThat(page.nextCursor()).contains("next");
    assertThat(page.map(item -> "v" + item))
        .isEqualTo(new Page<>(List.of("v1", "v2"), Optional.of("next")));
    assertThat(Page.of(List.of(), null).nextCursor()).isEmpty();
  }
}
