package dev.checkpoint4j.store.s3;

/**
 * The keys of the objects of a namespace.
 *
 * @param root what all of them begin with; ends with a slash
 */
record NamespaceKeys(String root) {

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

  String document(Claim claim) {
    return document(claim.documentName());
  }
}
