package dev.checkpoint4j.tck.example;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.SessionKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Where the documents are: what the handles of one store share. Guarded by its own lock. */
final class ExampleMedium {

  /** One record: the document, and beside it the header, which is enough to list. */
  record Stored(CheckpointHeader header, Binary document) {}

  private record Name(String namespace, String id) {}

  /** The order of sessions: any, as long as it never changes. */
  static final Comparator<SessionKey> SESSION_ORDER =
      Comparator.comparing(SessionKey::namespace).thenComparing(SessionKey::sessionId);

  final TreeMap<SessionKey, TreeMap<Long, Stored>> sessions = new TreeMap<>(SESSION_ORDER);
  private final Map<Name, Stored> ids = new HashMap<>();

  @Nullable Stored byId(String namespace, String id) {
    return ids.get(new Name(namespace, id));
  }

  @Nullable Stored latest(SessionKey session) {
    TreeMap<Long, Stored> versions = sessions.get(session);
    return versions == null ? null : versions.lastEntry().getValue();
  }

  void add(Stored stored) {
    CheckpointHeader header = stored.header();
    ids.put(new Name(header.namespace(), header.id()), stored);
    sessions
        .computeIfAbsent(header.sessionKey(), session -> new TreeMap<>())
        .put(header.version(), stored);
  }

  void remove(CheckpointHeader header) {
    ids.remove(new Name(header.namespace(), header.id()));
    sessions.computeIfPresent(
        header.sessionKey(),
        (session, versions) -> {
          versions.remove(header.version());
          return versions.isEmpty() ? null : versions;
        });
  }
}
