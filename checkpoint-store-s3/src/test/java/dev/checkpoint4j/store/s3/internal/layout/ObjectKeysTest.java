package dev.checkpoint4j.store.s3.internal.layout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.store.s3.internal.client.StoredObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectKeysTest {

  @ParameterizedTest
  @ValueSource(strings = {"session-123", "a/b", "..", "%2F", "_", "a_5F", "ä", "😀", "A", " "})
  void segmentsTellTheirIds(String id) {
    assertThat(ObjectKeys.segment(id)).matches("[A-Za-z0-9_-]+");
    assertThat(ObjectKeys.idOf(ObjectKeys.segment(id))).contains(id);
  }

  @Test
  void longIdsShareNoSegment() {
    List<String> segments =
        Stream.of("x".repeat(512), "x".repeat(511) + "y", "\u00e9".repeat(256), "x".repeat(151))
            .map(ObjectKeys::segment)
            .toList();
    assertThat(segments).doesNotHaveDuplicates().allMatch(segment -> segment.length() <= 150);
    assertThat(segments).allMatch(segment -> ObjectKeys.idOf(segment).equals(Optional.empty()));
  }

  @Test
  void newestSlotSortsFirst() {
    String session = new ObjectKeys("p/").sessionPrefix(new SessionKey("default", "s"));
    String older = ObjectKeys.slot(session, 255);
    String newer = ObjectKeys.slot(session, 256);
    assertThat(newer).isLessThan(older).isGreaterThan(session);
    assertThat(ObjectKeys.endOf(session)).isGreaterThan(ObjectKeys.slot(session, 1));
    assertThat(ObjectKeys.slotNumber(newer)).isEqualTo(256);
    assertThat(ObjectKeys.sessionPrefixOf(newer)).isEqualTo(session);
    assertThat(ObjectKeys.segmentOf(session)).isEqualTo("s");
  }

  @Test
  void sizeOfASlotTellsItsKind() {
    for (SlotKind kind : SlotKind.values()) {
      byte[] body =
          kind.isClaimed()
              ? new SlotClaim("id-\u00e9", 12).body(kind)
              : kind.tombstone("default/sessions/s/1");
      assertThat(SlotKind.ofSize(body.length)).isEqualTo(kind);
      assertThat(SlotClaim.read(new StoredObject("k", Map.of(), body, "", Instant.EPOCH)))
          .isEqualTo(
              kind.isClaimed() ? Optional.of(new SlotClaim("id-\u00e9", 12)) : Optional.empty());
    }
  }
}
