package dev.checkpoint4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CheckpointTest {

  @Test
  void aNewCheckpointIsTheFirstOfItsSession() {
    Instant before = Instant.now().minusSeconds(1);
    Checkpoint created = Checkpoint.create("s", Map.of("a", 1));
    assertThat(created.version()).isEqualTo(1);
    assertThat(created.parentId()).isEmpty();
    assertThat(created.namespace()).isEqualTo("default");
    assertThat(created.sessionKey()).isEqualTo(new SessionKey("default", "s"));
    assertThat(created.metadata()).isEqualTo(CheckpointMetadata.of("s"));
    assertThat(created.ts()).isBetween(before, Instant.now().plusSeconds(1));
    assertThat(created.id()).isNotEqualTo(Checkpoint.empty("s").id());
    assertThat(created.values()).isEqualTo(Map.of("a", 1));
    assertThat(Checkpoint.empty("s").values()).isEmpty();
  }

  @Test
  void whatIsPassedInIsNotAliased() {
    List<Object> inner = new ArrayList<>(List.of(1));
    int[] array = {1};
    byte[] bytes = {1};
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("list", inner);
    values.put("array", array);
    values.put("bytes", bytes);
    Map<String, Object> attributes = new LinkedHashMap<>(Map.of("list", inner));
    Checkpoint checkpoint =
        Checkpoint.builder(CheckpointMetadata.builder("s").attributes(attributes).build())
            .values(values)
            .build();
    inner.add(2);
    array[0] = 2;
    bytes[0] = 2;
    values.clear();
    attributes.clear();
    assertThat(checkpoint.values())
        .containsExactly(
            Map.entry("list", List.of(1)),
            Map.entry("array", List.of(1)),
            Map.entry("bytes", Binary.copyOf(new byte[] {1})));
    assertThat(checkpoint.metadata().attributes()).isEqualTo(Map.of("list", List.of(1)));
  }

  @Test
  void theNextCheckpointSharesWhatDidNotChange() {
    Checkpoint first = Checkpoint.create("s", Map.of("big", Map.of("k", List.of(1, 2)), "step", 1));
    Checkpoint next = first.next().values(Values.with(first.values(), "step", 2)).build();
    assertThat(next.values().get("big")).isSameAs(first.values().get("big"));
    assertThat(next.values().get("step")).isEqualTo(2);
    assertThat(first.next().build().values()).as("nothing changed at all").isSameAs(first.values());
    Checkpoint wrapped = Checkpoint.create("s", Map.of("previous", first.values()));
    assertThat(wrapped.values().get("previous")).isSameAs(first.values());
  }

  @Test
  void theNextCheckpointFollowsThisOne() {
    Checkpoint first =
        Checkpoint.builder(CheckpointMetadata.of("s", "t"))
            .namespace("n")
            .version(41)
            .values(Map.of("a", 1))
            .build();
    Checkpoint next = first.next().build();
    assertThat(next.version()).isEqualTo(42);
    assertThat(next.parentId()).contains(first.id());
    assertThat(next.id()).isNotEqualTo(first.id());
    assertThat(next.namespace()).isEqualTo("n");
    assertThat(next.metadata()).isEqualTo(first.metadata());
    assertThat(next.values()).isEqualTo(first.values());
  }

  @Test
  void toBuilderKeepsEverything() {
    Checkpoint checkpoint =
        Checkpoint.builder(CheckpointMetadata.of("s", "t"))
            .id("i")
            .namespace("n")
            .version(7)
            .parentId("p")
            .ts(Instant.EPOCH)
            .values(Map.of("a", 1))
            .build();
    assertThat(checkpoint.toBuilder().build())
        .isEqualTo(checkpoint)
        .hasSameHashCodeAs(checkpoint)
        .isNotSameAs(checkpoint);
    assertThat(Checkpoint.builder(checkpoint.header()).values(Map.of("a", 1)).build())
        .isEqualTo(checkpoint);
    assertThat(checkpoint.metadata().toBuilder().build()).isEqualTo(checkpoint.metadata());
  }

  @Test
  void checkpointsThatDifferInOneThingAreNotEqual() {
    Checkpoint base =
        Checkpoint.builder("s").id("i").ts(Instant.EPOCH).values(Map.of("a", 1)).build();
    assertThat(
            List.of(
                base.toBuilder().id("j").build(),
                base.toBuilder().ts(Instant.EPOCH.plusNanos(1000)).build(),
                base.toBuilder().version(2).build(),
                base.toBuilder().parentId("p").build(),
                base.toBuilder().namespace("n").build(),
                base.toBuilder().metadata(CheckpointMetadata.of("r")).build(),
                base.toBuilder().metadata(CheckpointMetadata.of("s", "t")).build(),
                base.toBuilder()
                    .metadata(CheckpointMetadata.builder("s").attribute("a", null).build())
                    .build(),
                base.toBuilder().values(Map.of("a", 1L)).build(),
                base.toBuilder().values(Map.of()).build()))
        .doesNotContain(base)
        .doesNotHaveDuplicates();
  }

  @Test
  void timesAreWholeMicrosecondsBetweenTheYears1And9999() {
    assertThat(Checkpoint.builder("s").ts(Instant.ofEpochSecond(-1, 999_999_999)).build().ts())
        .isEqualTo(Instant.ofEpochSecond(-1, 999_999_000));
    for (Instant limit : List.of(CheckpointHeader.MIN_TS, CheckpointHeader.MAX_TS)) {
      assertThat(Checkpoint.builder("s").ts(limit).build().ts()).isEqualTo(limit);
    }
    assertThat(Checkpoint.builder("s").ts(CheckpointHeader.MAX_TS.plusNanos(999)).build().ts())
        .isEqualTo(CheckpointHeader.MAX_TS);
    for (Instant outside :
        List.of(
            CheckpointHeader.MIN_TS.minusNanos(1),
            CheckpointHeader.MAX_TS.plusNanos(1000),
            Instant.MIN,
            Instant.MAX)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Checkpoint.builder("s").ts(outside))
          .withMessageContaining("is outside of 0001-01-01T00:00:00Z to 9999-12-31");
    }
  }

  @Test
  void aVersionIsAtLeastOne() {
    for (long version : new long[] {0, -1, Long.MIN_VALUE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Checkpoint.builder("s").version(version))
          .withMessage("version " + version + " is less than 1");
    }
    assertThat(Checkpoint.builder("s").version(Long.MAX_VALUE).build().version())
        .isEqualTo(Long.MAX_VALUE);
    Checkpoint last = Checkpoint.builder("s").version(Long.MAX_VALUE).build();
    assertThatIllegalArgumentException().isThrownBy(last::next);
  }

  @Test
  void namespacesAndIdsHave1To255BytesSessionsAndTasks1To512() {
    for (String one : List.of("a", "é", "\u6f22", "\uD83D\uDE00")) {
      int bytes = one.getBytes(StandardCharsets.UTF_8).length;
      String most255 = one.repeat(255 / bytes) + "x".repeat(255 % bytes);
      String most512 = one.repeat(512 / bytes) + "x".repeat(512 % bytes);
      Checkpoint checkpoint =
          Checkpoint.builder(CheckpointMetadata.of(most512, most512))
              .id(most255)
              .namespace(most255)
              .parentId(most255)
              .build();
      assertThat(checkpoint.id()).isEqualTo(most255);
      assertThat(new SessionKey(most255, most512)).isEqualTo(checkpoint.sessionKey());
      refusedId("id has 256 UTF-8 bytes", () -> Checkpoint.builder("s").id(most255 + "x"));
      refusedId("namespace has 256", () -> Checkpoint.builder("s").namespace(most255 + "x"));
      refusedId("parentId has 256", () -> Checkpoint.builder("s").parentId(most255 + "x"));
      refusedId("sessionId has 513", () -> Checkpoint.builder(most512 + "x"));
      refusedId("taskId has 513", () -> CheckpointMetadata.of("s", most512 + "x"));
      refusedId("namespace has 256", () -> new SessionKey(most255 + "x", "s"));
      refusedId("sessionId has 513", () -> new SessionKey("n", most512 + "x"));
    }
  }

  @Test
  void emptyIdsControlCharactersAndUnpairedSurrogatesAreRefused() {
    refusedId("sessionId is empty", () -> Checkpoint.builder(""));
    refusedId("id is empty", () -> Checkpoint.builder("s").id(""));
    refusedId(
        "sessionId has a control character (U+0000) at index 1", () -> Checkpoint.builder("a\0"));
    for (String bad : List.of("\n", "\u001f", "\u007f", "\u0085", "\u009f")) {
      refusedId("a control character", () -> Checkpoint.builder("s").id(bad));
    }
    for (String bad :
        List.of("\uD83D", "\uDE00", "\uDE00\uD83D", "a\uD83Db", "\uD83D\uD83D\uDE00")) {
      refusedId("an unpaired surrogate", () -> Checkpoint.builder("s").namespace(bad));
    }
  }

  @Test
  void idsThatLookAlikeAreDifferent() {
    List<String> ids =
        List.of(
            "a",
            "A",
            "a ",
            " a",
            "é",
            "e\u0301",
            "..",
            "a/b",
            "%2F",
            "child:1",
            "child:10",
            "\u00a0",
            "\u200b",
            "\uFEFF");
    assertThat(ids.stream().map(id -> new SessionKey(id, id))).doesNotHaveDuplicates();
  }

  private static void refusedId(String message, ThrowingCallable call) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
  }

  @Test
  @SuppressWarnings("NullAway") // What callers without a checker may do.
  void nullIsRefusedByName() {
    assertThatNullPointerException()
        .isThrownBy(() -> Checkpoint.builder((String) null))
        .withMessage("sessionId");
    assertThatNullPointerException()
        .isThrownBy(() -> Checkpoint.builder((CheckpointMetadata) null))
        .withMessage("metadata");
    assertThatNullPointerException()
        .isThrownBy(() -> Checkpoint.builder("s").values(null))
        .withMessage("values");
    assertThatNullPointerException()
        .isThrownBy(() -> Checkpoint.builder("s").id(null))
        .withMessage("id");
    assertThatNullPointerException()
        .isThrownBy(() -> Checkpoint.builder("s").ts(null))
        .withMessage("ts");
    assertThat(Checkpoint.builder("s").parentId(null).build().parentId()).isEmpty();
  }

  @Test
  void toStringShowsNoValue() {
    Checkpoint checkpoint =
        Checkpoint.builder(CheckpointMetadata.builder("s").attribute("user", "secret").build())
            .values(Map.of("key", "secret"))
            .build();
    assertThat(checkpoint.toString()).contains("sessionId=s", "1 values").doesNotContain("secret");
    assertThat(checkpoint.header().toString()).contains("user").doesNotContain("secret");
    assertThat(Binary.copyOf(new byte[] {1, 2}).toString()).isEqualTo("Binary[2 bytes]");
  }

  @Test
  void valueHelpersLeaveTheirArgumentAsItIs() {
    Map<String, @Nullable Object> values = Values.freeze(Map.of("list", List.of(1)));
    assertThat(Values.with(values, "a", null)).containsEntry("a", null).hasSize(2);
    assertThat(Values.without(values, "list")).isEmpty();
    assertThat(Values.append(values, "list", 2)).isEqualTo(Map.of("list", List.of(1, 2)));
    assertThat(Values.append(values, "other", null).get("other"))
        .isEqualTo(Arrays.asList((Object) null));
    assertThat(values).isEqualTo(Map.of("list", List.of(1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Values.append(Map.of("a", "secret"), "a", 1))
        .withMessage("the entry to append to is a java.lang.String, not a List");
    assertThat(Values.freeze(values)).isSameAs(values);
  }

  @Test
  void binaryIsImmutable() {
    byte[] bytes = {1, 2, 3};
    Binary binary = Binary.copyOf(bytes);
    bytes[0] = 9;
    binary.toByteArray()[0] = 9;
    assertThat(binary)
        .isEqualTo(Binary.copyOf(new byte[] {1, 2, 3}))
        .hasToString("Binary[3 bytes]");
    assertThat(binary.asByteBuffer().isReadOnly()).isTrue();
    ByteBuffer buffer = ByteBuffer.wrap(new byte[] {0, 1, 2, 3, 4}, 1, 3);
    assertThat(Binary.copyOf(buffer)).isEqualTo(binary).hasSameHashCodeAs(binary);
    assertThat(buffer.position()).isEqualTo(1);
    assertThat(Objects.equals(binary, Binary.copyOf(new byte[0]))).isFalse();
  }

  @Test
  void aValueIsReadByNameAndType() {
    Map<String, @Nullable Object> values = new HashMap<>(Map.of("step", 1, "\u202eevil", "x"));
    values.put("nothing", null);
    Checkpoint checkpoint = Checkpoint.create("s", values);
    assertThat(checkpoint.value("step", Integer.class)).contains(1);
    assertThat(checkpoint.value("step", Number.class)).contains(1);
    assertThat(checkpoint.value("absent", Integer.class)).isEmpty();
    assertThat(checkpoint.value("nothing", Integer.class)).isEmpty();
    assertThatThrownBy(() -> checkpoint.value("step", Long.class))
        .isInstanceOf(ClassCastException.class)
        .hasMessage("value 'step' is of type java.lang.Integer, not java.lang.Long");
    assertThatThrownBy(() -> checkpoint.value("\u202eevil", Long.class))
        .hasMessageContaining("'\\u202eevil'");
  }

  @Test
  void theMapHoldsEveryFieldInTypesOfJson() {
    Checkpoint checkpoint =
        Checkpoint.builder(CheckpointMetadata.builder("s").attribute("at", Instant.EPOCH).build())
            .id("c-2")
            .version(2)
            .parentId("c-1")
            .ts(Instant.EPOCH)
            .values(
                Map.of(
                    "bytes",
                    Binary.copyOf(new byte[] {1, 2}),
                    "list",
                    List.of(Double.NaN, 1.5, Map.of("at", Instant.EPOCH))))
            .build();
    Map<String, @Nullable Object> map = checkpoint.toMap();
    assertThat(map.keySet())
        .containsExactly(
            "id",
            "namespace",
            "sessionId",
            "taskId",
            "version",
            "parentId",
            "ts",
            "attributes",
            "values");
    assertThat(map)
        .containsEntry("id", "c-2")
        .containsEntry("taskId", null)
        .containsEntry("version", 2L)
        .containsEntry("ts", "1970-01-01T00:00:00Z")
        .containsEntry("attributes", Map.of("at", "1970-01-01T00:00:00Z"))
        .containsEntry(
            "values",
            Map.of(
                "bytes",
                "AQI=",
                "list",
                List.of("NaN", 1.5, Map.of("at", "1970-01-01T00:00:00Z"))));
    assertThat(checkpoint.header().toMap().keySet()).doesNotContain("values");
  }
}
