package dev.checkpoint4j.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.SessionKey;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {

  @ParameterizedTest
  @ValueSource(strings = {"session-123", "a/b", "..", "%2F", "_", "a_5F", "ä", "😀", "A", " "})
  void segmentsTellTheirIds(String id) {
    assertThat(Keys.segment(id)).matches("[A-Za-z0-9_-]+");
    assertThat(Keys.idOf(Keys.segment(id))).contains(id);
  }

  @Test
  void longIdsShareNoSegment() {
    List<String> segments =
        Stream.of("x".repeat(512), "x".repeat(511) + "y", "\u00e9".repeat(256), "x".repeat(151))
            .map(Keys::segment)
            .toList();
    assertThat(segments).doesNotHaveDuplicates().allMatch(segment -> segment.length() <= 150);
    assertThat(segments).allMatch(segment -> Keys.idOf(segment).equals(Optional.empty()));
  }

  @Test
  void newestSlotSortsFirst() {
    String session = new Keys("p/").session(new SessionKey("default", "s"));
    String older = Keys.slot(session, 255);
    String newer = Keys.slot(session, 256);
    assertThat(newer).isLessThan(older).isGreaterThan(session);
    assertThat(Keys.endOf(session)).isGreaterThan(Keys.slot(session, 1));
    assertThat(Keys.slotNumber(newer)).isEqualTo(256);
    assertThat(Keys.sessionOf(newer)).isEqualTo(session);
    assertThat(Keys.segmentOf(session)).isEqualTo("s");
  }

  @Test
  void sizeOfASlotTellsItsKind() {
    for (SlotKind kind : SlotKind.values()) {
      byte[] body = kind.isClaim() ? new Claim("id-\u00e9", 12).body(kind) : kind.givenUp();
      assertThat(SlotKind.ofSize(body.length)).isEqualTo(kind);
      assertThat(Claim.of(body))
          .isEqualTo(kind.isClaim() ? Optional.of(new Claim("id-\u00e9", 12)) : Optional.empty());
    }
  }
}
