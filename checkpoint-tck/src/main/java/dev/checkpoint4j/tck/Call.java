package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One call of a backend, whose answer can be compared with that of another backend.
 *
 * @param lazyText how the call reads in a message
 * @param body makes the call and returns its answer
 */
record Call(Supplier<String> lazyText, Function<BackendStorage, Object> body) {

  private static final String DONE = "done";

  static final Listing.Format<Checkpoint> CHECKPOINTS =
      new Listing.Format<>(CallText::checkpoint, Differences::firstInOrder);
  static final Listing.Format<CheckpointHeader> HEADERS =
      new Listing.Format<>(CallText::header, Differences::firstInOrder);

  /** How the call reads in a message. */
  String text() {
    return lazyText.get();
  }

  /** The answer, or which refusal the call met. */
  Object outcome(BackendStorage storage) {
    try {
      return body.apply(storage);
    } catch (RuntimeException | AssertionError e) {
      return failure(e);
    }
  }

  /** What is wrong with an answer, or what was thrown in its place. */
  static String failure(Throwable thrown) {
    return thrown instanceof AssertionError && TckExtension.isOfTck(thrown)
        ? String.valueOf(thrown.getMessage()).strip()
        : "unexpected " + thrown;
  }

  /** Makes the call on both; says how they disagree, or nothing. */
  String disagreement(BackendStorage reference, BackendStorage storage) {
    return disagreement(outcome(reference), outcome(storage));
  }

  /** How two answers differ, or nothing; listings may differ in the order of their groups. */
  static String disagreement(Object expected, Object actual) {
    if (expected instanceof Optional<?> wanted
        && actual instanceof Optional<?> found
        && wanted.isPresent()
        && found.isPresent()) {
      return Differences.firstInOrder((Checkpoint) wanted.get(), (Checkpoint) found.get())
          .map(difference -> difference + "; expected " + show(wanted))
          .orElse("");
    }
    if (expected instanceof Listing<?> wanted && actual instanceof Listing<?> found) {
      return difference(wanted, found).orElse("");
    }
    if (expected instanceof Listing<?>) {
      return actual.toString();
    }
    return Objects.equals(expected, actual)
        ? ""
        : "expected " + show(expected) + ", but it was " + show(actual);
  }

  /** The listings are of one call. */
  @SuppressWarnings("unchecked")
  private static <T> Optional<String> difference(Listing<T> expected, Listing<?> actual) {
    return expected.difference((Listing<T>) actual);
  }

  private static String show(Object answer) {
    if (answer instanceof Optional<?> found) {
      return found.map(checkpoint -> CallText.checkpoint((Checkpoint) checkpoint)).orElse("empty");
    }
    return answer.toString();
  }

  static Call put(Checkpoint checkpoint) {
    return put(checkpoint, Expectation.any());
  }

  static Call put(Checkpoint checkpoint, Expectation expectation) {
    return new Call(
        () -> CallText.put(checkpoint, expectation),
        storage -> {
          try {
            storage.put(checkpoint, expectation);
            return DONE;
          } catch (VersionConflictException e) {
            return "a VersionConflictException with the latest version %d%s%s"
                .formatted(
                    e.latestVersion(),
                    e.version() == checkpoint.version() ? "" : " and the version " + e.version(),
                    wrongContext(e, storage, checkpoint));
          } catch (DuplicateCheckpointException e) {
            return "a DuplicateCheckpointException" + wrongContext(e, storage, checkpoint);
          }
        });
  }

  private static String wrongContext(
      CheckpointException failure, BackendStorage storage, Checkpoint refused) {
    ErrorContext expected = ErrorContext.of(storage.descriptor().id(), "put").checkpoint(refused);
    return failure.context().equals(expected)
        ? ""
        : " whose context is %s instead of %s".formatted(failure.context(), expected);
  }

  static Call get(String namespace, String id) {
    return new Call(
        () -> "get(%s, %s)".formatted(Differences.quote(namespace), Differences.quote(id)),
        storage -> storage.get(namespace, id));
  }

  static Call getBySession(SessionKey session) {
    return new Call(
        () -> "getBySession(%s)".formatted(CallText.session(session)),
        storage -> storage.getBySession(session));
  }

  static Call delete(String namespace, List<String> ids) {
    return new Call(
        () -> "delete(%s, %s)".formatted(Differences.quote(namespace), CallText.ids(ids)),
        storage -> storage.delete(namespace, ids));
  }

  static Call deleteBySession(SessionKey session) {
    return new Call(
        () -> "deleteBySession(%s)".formatted(CallText.session(session)),
        storage -> storage.deleteBySession(session));
  }

  /** All pages. */
  static Call list(CheckpointQuery query) {
    return new Call(
        () -> "list(%s)".formatted(CallText.query(query)),
        storage ->
            Listing.ofSessions(
                query.namespace(),
                Reads.listAll(storage, query),
                Checkpoint::sessionKey,
                CHECKPOINTS));
  }

  /** All pages. */
  static Call listHeaders(CheckpointQuery query) {
    return new Call(
        () -> "listHeaders(%s)".formatted(CallText.query(query)),
        storage ->
            Listing.ofSessions(
                query.namespace(),
                Reads.listAllHeaders(storage, query),
                CheckpointHeader::sessionKey,
                HEADERS));
  }

  /** All pages of those that contain a text. */
  static Call listNamespaces(String part, int limit) {
    return new Call(
        () -> "listNamespaces(%d)".formatted(limit),
        storage ->
            Listing.ofNames(
                "",
                Reads.allPages(
                        "listNamespaces", limit, cursor -> storage.listNamespaces(limit, cursor))
                    .stream()
                    .filter(name -> name.contains(part))
                    .toList()));
  }

  /** All pages. */
  static Call listSessions(String namespace, int limit) {
    return new Call(
        () -> "listSessions(%s, %d)".formatted(Differences.quote(namespace), limit),
        storage ->
            Listing.ofNames(
                namespace,
                Reads.listSessions(storage, namespace, limit).stream()
                    .map(session -> sessionId(session, namespace))
                    .toList()));
  }

  private static String sessionId(SessionKey session, String namespace) {
    if (!session.namespace().equals(namespace)) {
      throw new AssertionError(
          "it lists a session of another namespace: " + CallText.session(session));
    }
    return session.sessionId();
  }
}
