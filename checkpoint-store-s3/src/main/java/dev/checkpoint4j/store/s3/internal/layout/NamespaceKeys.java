package dev.checkpoint4j.store.s3.internal.layout;

import dev.checkpoint4j.store.s3.internal.client.ObjectSummary;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys of the objects of a namespace.
 *
 * @param root what all of them begin with; ends with a slash
 */
public record NamespaceKeys(String root) {

  /** A slot, after {@link #sessions()}: no other object below it is one of the store. */
  private static final Pattern SLOT = Pattern.compile("([^/]+)/[0-7][0-9a-f]{15}");

  /** Whether these are the keys of this namespace. */
  public boolean isOf(String namespace) {
    return ("/" + root).endsWith("/" + ObjectKeys.segment(namespace) + "/");
  }

  // ---- slots

  /** What the keys of all slots begin with. */
  public String sessions() {
    return root + "sessions/";
  }

  /** What the keys of all slots of a session begin with. */
  public String sessionPrefix(String sessionId) {
    return sessions() + ObjectKeys.segment(sessionId) + "/";
  }

  /** The slot that a listing shows; empty for another object. */
  public Optional<Slot> slot(ObjectSummary object) {
    if (!object.key().startsWith(sessions())) {
      return Optional.empty();
    }
    Matcher slot = SLOT.matcher(object.key()).region(sessions().length(), object.key().length());
    return slot.matches() && ObjectKeys.isSegment(slot.group(1))
        ? Optional.of(new Slot(object))
        : Optional.empty();
  }

  // ---- checkpoint objects

  /** What the keys of all checkpoint objects begin with. */
  public String checkpoints() {
    return root + "checkpoints/";
  }

  /** The key of the checkpoint object with this name. */
  public String checkpoint(String objectName) {
    return checkpoints() + objectName;
  }

  /** The key of the checkpoint object that a slot claims. */
  public String checkpoint(SlotClaim claim) {
    return checkpoint(claim.objectName());
  }

  /** The name of a checkpoint object; empty for the key of another object. */
  public Optional<String> objectName(String key) {
    return key.startsWith(checkpoints())
        ? Optional.of(key.substring(checkpoints().length()))
        : Optional.empty();
  }
}
