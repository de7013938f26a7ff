package dev.checkpoint4j.store.s3.internal.layout;

import dev.checkpoint4j.store.s3.internal.Digests;
import dev.checkpoint4j.store.s3.internal.client.MalformedObjectException;
import dev.checkpoint4j.store.s3.internal.client.StoredObject;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The content of a claimed slot: the checkpoint that has its place. The name of the checkpoint
 * object is the MD5 of the claim, which is also the ETag of the slot; so a listing of slots shows
 * where the checkpoint objects are. The SHA-256 at the start prevents two crafted ids from having
 * the same MD5.
 *
 * @param id of the checkpoint
 * @param generation how many checkpoint objects of this id were abandoned before
 */
public record SlotClaim(String id, int generation) {

  private static final Pattern TEXT =
      Pattern.compile("([0-9a-f]{64})\\n(\\d{1,9})\\n([^\\n]+)\\n+");

  /** The bytes of the slot, padded to a size that encodes its kind. */
  public byte[] body(SlotKind kind) {
    return kind.padded(Digests.sha256(id) + "\n" + generation + "\n" + id + "\n");
  }

  /** The name of the checkpoint object. */
  public String objectName() {
    return Digests.md5(body(SlotKind.CLAIMED));
  }

  /** The claim of the same checkpoint with the next generation. */
  public SlotClaim next() {
    return new SlotClaim(id, generation + 1);
  }

  /**
   * Reads what a slot claims; empty for a tombstone.
   *
   * @throws MalformedObjectException if it is not what {@link #body} writes
   */
  public static Optional<SlotClaim> read(StoredObject slot) {
    byte[] body = slot.body();
    if (!SlotKind.ofSize(body.length).isClaimed()) {
      return Optional.empty();
    }
    Matcher text = TEXT.matcher(new String(body, StandardCharsets.UTF_8));
    if (!text.matches() || !text.group(1).equals(Digests.sha256(text.group(3)))) {
      throw new MalformedObjectException(slot.key(), "does not say whose slot it is");
    }
    return Optional.of(new SlotClaim(text.group(3), Integer.parseInt(text.group(2))));
  }
}
