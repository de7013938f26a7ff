package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * One call of a backend, whose answer can be compared with that of another backend.
 *
 * @param text how the call reads in a message
 * @param body makes the call and returns its answer
 */
record Call(String text, Function<BackendStorage, Object> body) {

  private static final String DONE = "done";

  /** The answer, or which refusal the call met; equal for two backends that agree. */
  Object outcome(BackendStorage storage) {
    try {
      return body.apply(storage);
    } catch (VersionConflictException e) {
      return "a VersionConflictException with the latest version " + e.latestVersion();
    } catch (DuplicateCheckpointException e) {
      return "a DuplicateCheckpointException";
    } catch (RuntimeException | AssertionError e) {
      return "unexpected " + e;
    }
  }

  /** Makes the call on both; says how they disagree, or nothing. */
  String disagreement(BackendStorage reference, BackendStorage storage) {
    Object expected = outcome(reference);
    Object actual = outcome(storage);
    return Objects.equals(expected, actual)
        ? ""
        : "expected " + expected + ", but it was " + actual;
  }

  static Call put(Checkpoint checkpoint) {
    return put(checkpoint, Expectation.any());
  }

  static Call put(Checkpoint checkpoint, Expectation expectation) {
    return new Call(
        expectation.isAny() ? "put " + checkpoint : "put " + checkpoint + " if " + expectation,
        storage -> {
          storage.put(checkpoint, expectation);
          return DONE;
        });
  }

  static Call get(String namespace, String id) {
    return new Call("get(%s, %s)".formatted(namespace, id), storage -> storage.get(namespace, id));
  }

  static Call getBySession(SessionKey session) {
    return new Call(
        "getBySession(%s)".formatted(session), storage -> storage.getBySession(session));
  }

  static Call delete(String namespace, List<String> ids) {
    return new Call(
        "delete(%s, %s)".formatted(namespace, ids), storage -> storage.delete(namespace, ids));
  }

  static Call deleteBySession(SessionKey session) {
    return new Call(
        "deleteBySession(%s)".formatted(session), storage -> storage.deleteBySession(session));
  }

  /** All pages; the answer is what they hold of each session, since backends order those freely. */
  static Call list(CheckpointQuery query) {
    return new Call(
        "list(%s)".formatted(query),
        storage -> bySession(Reads.listAll(storage, query), Checkpoint::header));
  }

  /** As {@link #list}. */
  static Call listHeaders(CheckpointQuery query) {
    return new Call(
        "listHeaders(%s)".formatted(query),
        storage -> bySession(Reads.listAllHeaders(storage, query), Function.identity()));
  }

  private static <T> Map<SessionKey, List<T>> bySession(
      List<T> listed, Function<T, CheckpointHeader> headerOf) {
    Map<SessionKey, List<T>> sessions = new LinkedHashMap<>();
    SessionKey last = null;
    for (T entry : listed) {
      SessionKey session = headerOf.apply(entry).sessionKey();
      if (!session.equals(last) && sessions.containsKey(session)) {
        throw new AssertionError(session + " is listed in several pieces");
      }
      sessions.computeIfAbsent(session, key -> new ArrayList<>()).add(entry);
      last = session;
    }
    return sessions;
  }

  /** All pages of those with a prefix, sorted, since backends order namespaces freely. */
  static Call listNamespaces(String prefix, int limit) {
    return new Call(
        "listNamespaces(%d)".formatted(limit),
        storage ->
            Reads.allPages("listNamespaces", limit, cursor -> storage.listNamespaces(limit, cursor))
                .stream()
                .filter(name -> name.startsWith(prefix))
                .sorted()
                .toList());
  }

  /** All pages, sorted, since backends order sessions freely. */
  static Call listSessions(String namespace, int limit) {
    return new Call(
        "listSessions(%s, %d)".formatted(namespace, limit),
        storage ->
            Reads.listSessions(storage, namespace, limit).stream()
                .map(SessionKey::sessionId)
                .sorted()
                .toList());
  }
}
