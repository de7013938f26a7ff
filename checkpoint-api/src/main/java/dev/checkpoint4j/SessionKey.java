package dev.checkpoint4j;

import dev.checkpoint4j.internal.Ids;
import dev.checkpoint4j.spi.Printable;

/**
 * Names a session: everything that is saved under one session id of one namespace.
 *
 * @param namespace 1 to 255 UTF-8 bytes without control characters and unpaired surrogates
 * @param sessionId 1 to 512 UTF-8 bytes without control characters and unpaired surrogates
 */
public record SessionKey(String namespace, String sessionId) {

  /**
   * Creates a key.
   *
   * @throws IllegalArgumentException if an argument breaks its rule
   */
  public SessionKey {
    Ids.checkNamespace(namespace);
    Ids.checkSessionId(sessionId);
  }

  /** Both names; characters that do not show are escaped. */
  @Override
  public String toString() {
    return Printable.line("SessionKey[namespace=" + namespace + ", sessionId=" + sessionId + "]");
  }
}
