package dev.checkpoint4j.store.s3;

import java.util.Optional;

/**
 * The keys of the objects of a namespace.
 *
 * @param root what all of them begin with; ends with a slash
 */
record NamespaceKeys(String root) {

  boolean isOf(String namespace) {
    return ("/" + root).endsWith("/" + Keys.segment(namespace) + "/");
  }

  /** What the keys of all slots begin with. */
  String sessions() {
    return root + "sessions/";
  }

  /** What the keys of all slots of a session begin with. */
  String session(String sessionId) {
    return sessions() + Keys.segment(sessionId) + "/";
  }

  /** What the keys of all documents begin with. */
  String documents() {
    return root + "checkpoints/";
  }

  String document(String name) {
    return documents() + name;
  }

  /** The name of a document; empty for the key of another object. */
  Optional<String> documentName(String key) {
    return key.startsWith(documents())
        ? Optional.of(key.substring(documents().length()))
        : Optional.empty();
  }

  String document(Claim claim) {
    return document(claim.documentName());
  }
}
