package dev.checkpoint4j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListCursorTest {

  /** Decodes a cursor of each kind, and encodes it again. */
  private static final List<UnaryOperator<String>> KINDS =
      List.of(
          cursor -> ListCursor.decode(cursor).encode(),
          cursor -> ListCursor.decodeSessions(cursor).encode(),
          cursor -> ListCursor.decodeNamespaces(cursor).encode());

  private static String forged(long version, byte[] session) {
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES + session.length).putLong(version).put(session).array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String forged(long version, String session) {
    return forged(version, session.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertRefused(String cursor) {
    for (UnaryOperator<String> decode : KINDS) {
      assertRefused(decode, cursor);
    }
  }

  private static void assertRefused(UnaryOperator<String> decode, String cursor) {
    assertThatIllegalArgumentException()
        .as("cursor '%s'", cursor)
        .isThrownBy(() -> decode.apply(cursor))
        .withMessageContaining("was not created by this method");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s", "a/b", " ", "\u00e9\u202e\ud83d\ude42", "%00", "~"})
  void aPositionReadsBackEqual(String session) {
    ListCursor position = new ListCursor(session, 7);
    assertThat(ListCursor.decode(position.encode())).isEqualTo(position);
    ListCursor ofSession = ListCursor.ofSession(session);
    assertThat(ListCursor.decodeSessions(ofSession.encode())).isEqualTo(ofSession);
    ListCursor ofNamespace = ListCursor.ofNamespace(session);
    assertThat(ListCursor.decodeNamespaces(ofNamespace.encode())).isEqualTo(ofNamespace);
    assertThat(ListCursor.decode(new ListCursor(session, Long.MAX_VALUE).encode()).position())
        .isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0000", "a\u0000b", "\u001b[2J", "a\nb", "\u007f", "\u0085", ""})
  void aSessionThatCannotBeIsRefused(String session) {
    assertRefused(forged(1, session));
    assertRefused(forged(0, session));
    assertRefused(forged(-1, session));
  }

  @Test
  void whatIsNoTextIsRefused() {
    assertRefused(forged(1, new byte[] {(byte) 0xff}));
    assertRefused(forged(1, new byte[] {(byte) 0xc0, (byte) 0x80}));
    assertRefused(forged(1, new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}));
    assertRefused(forged(-2, "s"));
    assertRefused(forged(Long.MIN_VALUE, "s"));
  }

  @Test
  void aCursorOfAnotherListingIsRefused() {
    List<String> cursors =
        List.of(
            new ListCursor("s", 1).encode(),
            ListCursor.ofSession("s").encode(),
            ListCursor.ofNamespace("s").encode());
    for (int kind = 0; kind < KINDS.size(); kind++) {
      for (int other = 0; other < cursors.size(); other++) {
        if (other != kind) {
          assertRefused(KINDS.get(kind), cursors.get(other));
        }
      }
    }
  }

  @Test
  void anotherSpellingOfACursorIsRefused() {
    String cursor = new ListCursor("ss", 1).encode();
    assertThat(cursor.length() % 4).as("there are bits that mean nothing").isNotZero();
    assertRefused(cursor + "=".repeat(4 - cursor.length() % 4));
    char last = cursor.charAt(cursor.length() - 1);
    assertRefused(cursor.substring(0, cursor.length() - 1) + (char) (last + 1));
  }

  /** Not one of them gets through: a text that is accepted is one that is made. */
  @Test
  void garbageIsRefused() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] session = new byte[1 + random.nextInt(4)];
      random.nextBytes(session);
      String cursor = forged(random.nextInt(3), session);
      try {
        ListCursor position = ListCursor.decode(cursor);
        assertThat(position.encode()).isEqualTo(cursor);
        assertThat(position.key().chars()).noneMatch(Character::isISOControl);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("was not created by this method");
      }
    }
    for (String text :
        new String[] {"", "=", "\u0000", "a", "AAAAAAAAAAA", "not base64!", "\ud800"}) {
      assertRefused(text);
    }
  }

  @Test
  void whatDoesNotShowIsEscapedInItsText() {
    assertThat(new ListCursor("a\u202e", 1).toString())
        .isEqualTo("ListCursor[key=a\\u202e, position=1]");
  }
}
