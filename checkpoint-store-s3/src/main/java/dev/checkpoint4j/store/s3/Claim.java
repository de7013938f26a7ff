package dev.checkpoint4j.store.s3;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a slot of a session says while it is taken: which checkpoint it belongs to. The name of the
 * checkpoint's document is the MD5 of the claim, which is the claim's ETag; so a listing of slots
 * tells where the documents are. The SHA-256 in front keeps two ids that somebody made up from
 * having the same MD5.
 *
 * @param id of the checkpoint
 * @param generation how many documents of this id were given up before
 */
record Claim(String id, int generation) {

  private static final Pattern TEXT = Pattern.compile("[0-9a-f]{64}\\n(\\d{1,9})\\n([^\\n]+)\\n+");

  /** The bytes of the slot, padded to a size that tells its kind. */
  byte[] body(SlotKind kind) {
    return kind.padded(Digests.sha256(id) + "\n" + generation + "\n" + id + "\n");
  }

  /** The name of the document. */
  String documentName() {
    return Digests.md5(body(SlotKind.CLAIM));
  }

  /**
   * What the bytes of a slot claim; empty if it is given up.
   *
   * @throws MalformedObjectException if they are none that {@link #body} makes
   */
  static Optional<Claim> of(byte[] body) {
    if (!SlotKind.ofSize(body.length).isClaim()) {
      return Optional.empty();
    }
    Matcher text = TEXT.matcher(new String(body, StandardCharsets.UTF_8));
    if (!text.matches()) {
      throw new MalformedObjectException("a slot does not say whose it is");
    }
    return Optional.of(new Claim(text.group(2), Integer.parseInt(text.group(1))));
  }
}
