package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** Expectations that are fulfilled by something else, and conflicts that tell something else. */
final class ExpectationFaults {

  private ExpectationFaults() {}

  static List<GeneratedMutant> all() {
    List<GeneratedMutant> all = new ArrayList<>();
    latest(all, "the latest by time", byLatest(Comparator.comparing(Checkpoint::ts)));
    latest(all, "the latest by id", byLatest(Comparator.comparing(Checkpoint::id)));
    latest(all, "the latest of the task", ExpectationFaults::latestOfTask);
    latest(all, "the parent of the latest", ExpectationFaults::parentOfLatest);
    latest(all, "the latest or the one before", ExpectationFaults::oneBefore);
    latest(all, "the latest of another namespace", ExpectationFaults::latestElsewhere);
    ignored(
        all,
        "if its id is the parent",
        put ->
            put.checkpoint().parentId().equals(put.expectation().latestId())
                && put.checkpoint().parentId().isPresent());
    ignored(
        all,
        "if the parent is another",
        put ->
            put.expectation().latestId().isPresent()
                && put.checkpoint().parentId().isPresent()
                && !put.checkpoint().parentId().equals(put.expectation().latestId()));
    ignored(
        all,
        "if the version is the next",
        put ->
            put.expectation().latestId().isPresent()
                && put.checkpoint().version() == put.latestVersion() + 1);
    ignored(
        all,
        "if the version is not the next",
        put -> put.checkpoint().version() > put.latestVersion() + 1_000);
    ignored(all, "if there is a task", put -> put.checkpoint().metadata().taskId().isPresent());
    ignored(
        all, "if there are attributes", put -> !put.checkpoint().metadata().attributes().isEmpty());
    ignored(all, "if there are no values", put -> put.checkpoint().values().isEmpty());
    ignored(
        all,
        "noSession, if the version is not 1",
        put ->
            put.expectation().equals(Expectation.noSession()) && put.checkpoint().version() > 100);
    ignored(
        all,
        "noSession, in a session without a first version",
        put ->
            put.expectation().equals(Expectation.noSession())
                && put.storage()
                    .list(
                        CheckpointQuery.builder(put.checkpoint().sessionKey())
                            .versions(1, 1)
                            .build())
                    .items()
                    .isEmpty());
    ignored(
        all,
        "noSession, if there is one checkpoint",
        put ->
            put.expectation().equals(Expectation.noSession())
                && put.storage()
                        .list(
                            CheckpointQuery.builder(put.checkpoint().sessionKey()).limit(2).build())
                        .items()
                        .size()
                    == 1
                && put.latestVersion() > 10);
    ignored(
        all,
        "latestIs of an id that is not stored",
        put ->
            put.expectation()
                .latestId()
                .filter(id -> put.storage().get(put.checkpoint().namespace(), id).isEmpty())
                .isPresent());
    ignored(
        all,
        "latestIs of an id of another session",
        put ->
            put.expectation()
                .latestId()
                .flatMap(id -> put.storage().get(put.checkpoint().namespace(), id))
                .filter(each -> !each.sessionKey().equals(put.checkpoint().sessionKey()))
                .isPresent());
    ignored(
        all,
        "latestIs of its own id",
        put -> put.expectation().latestId().filter(put.checkpoint().id()::equals).isPresent());
    ignored(all, "latestIs in a session of more than 100", put -> put.latestVersion() > 100);
    all.add(
        GeneratedMutant.shared(
            "expectation remembered",
            "put, the expectation",
            "latest id, after deleteBySession",
            () -> {
              Map<SessionKey, String> last = new HashMap<>();
              return good ->
                  Faulty.put(
                      good,
                      (storage, checkpoint, expectation) -> {
                        synchronized (last) {
                          String known = last.get(checkpoint.sessionKey());
                          boolean isKnown =
                              expectation.latestId().filter(id -> id.equals(known)).isPresent()
                                  && storage.getBySession(checkpoint.sessionKey()).isEmpty();
                          storage.put(checkpoint, isKnown ? Expectation.any() : expectation);
                          last.put(checkpoint.sessionKey(), checkpoint.id());
                        }
                      });
            }));

    conflict(
        all,
        "latest version",
        "of the expected checkpoint",
        put ->
            put.told(
                put.expectation()
                    .latestId()
                    .flatMap(id -> put.storage().get(put.checkpoint().namespace(), id))
                    .map(Checkpoint::version)
                    .orElse(put.latestVersion())));
    conflict(
        all,
        "latest version",
        "0 if an expectation failed",
        put ->
            put.told(put.latestVersion() >= put.checkpoint().version() ? put.latestVersion() : 0));
    conflict(
        all,
        "latest version",
        "one less than the refused, if an expectation failed",
        put ->
            put.told(
                put.latestVersion() >= put.checkpoint().version() || put.latestVersion() == 0
                    ? put.latestVersion()
                    : put.checkpoint().version() - 1));
    conflict(
        all,
        "latest version",
        "the number of checkpoints",
        put ->
            put.told(
                Math.max(
                    put.latestVersion() == 0 ? 0 : 1,
                    Faulty.versions(put.storage(), put.checkpoint().sessionKey()).size())));
    conflict(
        all,
        "latest version",
        "the refused, if it is less by more than 1,000",
        put ->
            put.told(
                put.latestVersion() - put.checkpoint().version() > 1_000
                    ? put.checkpoint().version()
                    : put.latestVersion()));
    conflict(
        all,
        "session",
        "cut at 255 characters",
        put ->
            put.told(
                Field.SESSION.change(
                    put.checkpoint(),
                    text -> text.length() > 255 ? text.substring(0, 255) : text)));
    conflict(
        all,
        "session",
        "without case",
        put ->
            put.told(
                Field.SESSION.change(put.checkpoint(), text -> text.toLowerCase(Locale.ROOT))));
    conflict(
        all,
        "namespace",
        "default",
        put -> put.told(Field.NAMESPACE.change(put.checkpoint(), text -> "default")));
    conflict(
        all,
        "namespace",
        "without case",
        put ->
            put.told(
                Field.NAMESPACE.change(put.checkpoint(), text -> text.toLowerCase(Locale.ROOT))));
    conflict(
        all,
        "id",
        "of the latest",
        put ->
            put.told(
                put.storage()
                        .getBySession(put.checkpoint().sessionKey())
                        .orElse(put.checkpoint())
                        .id()
                        .equals(put.checkpoint().id())
                    ? put.checkpoint()
                    : Field.ID.change(
                        put.checkpoint(),
                        text ->
                            put.storage()
                                .getBySession(put.checkpoint().sessionKey())
                                .map(Checkpoint::id)
                                .orElse(text))));
    conflict(
        all,
        "id",
        "composed (NFC)",
        put ->
            put.told(
                Field.ID.change(
                    put.checkpoint(), text -> Normalizer.normalize(text, Normalizer.Form.NFC))));
    duplicate(
        all,
        "session",
        "of the stored checkpoint",
        (stored, put) -> Field.SESSION.change(put, text -> stored.metadata().sessionId()));
    duplicate(
        all,
        "id",
        "without case",
        (stored, put) -> Field.ID.change(put, text -> text.toLowerCase(Locale.ROOT)));
    duplicate(
        all,
        "namespace",
        "default",
        (stored, put) -> Field.NAMESPACE.change(put, text -> "default"));
    instead(
        all,
        "a conflict",
        "if the versions differ",
        (stored, put) -> stored.version() != put.version());
    instead(
        all,
        "a conflict",
        "in another session, if it has later versions",
        (stored, put) -> !stored.sessionKey().equals(put.sessionKey()));
    instead(
        all,
        "a conflict",
        "if only the time differs",
        (stored, put) -> stored.equals(put.toBuilder().ts(stored.ts()).build()));
    return all;
  }

  /** A put, and the storage before it. */
  private record Put(BackendStorage storage, Checkpoint checkpoint, Expectation expectation) {
    long latestVersion() {
      return storage.getBySession(checkpoint.sessionKey()).map(Checkpoint::version).orElse(0L);
    }

    VersionConflictException told(long latestVersion) {
      return new VersionConflictException(
          storage.descriptor().id(), checkpoint, expectation, latestVersion);
    }

    VersionConflictException told(Checkpoint refused) {
      return new VersionConflictException(
          storage.descriptor().id(), refused, expectation, latestVersion());
    }
  }

  /** The expectation is fulfilled by another checkpoint. */
  private static void latest(
      List<GeneratedMutant> all, String what, Function<Put, Optional<Checkpoint>> latest) {
    all.add(
        GeneratedMutant.of(
            "expectation fulfilled by",
            "put, the expectation",
            what,
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint, expectation) -> {
                      Optional<String> taken =
                          latest
                              .apply(new Put(storage, checkpoint, expectation))
                              .map(Checkpoint::id)
                              .filter(id -> expectation.latestId().filter(id::equals).isPresent());
                      storage.put(checkpoint, taken.isPresent() ? Expectation.any() : expectation);
                    })));
  }

  private static Function<Put, Optional<Checkpoint>> byLatest(Comparator<Checkpoint> order) {
    return put ->
        put.expectation().isAny()
            ? Optional.empty()
            : Faulty.versions(put.storage(), put.checkpoint().sessionKey()).stream().max(order);
  }

  private static Optional<Checkpoint> latestOfTask(Put put) {
    return put.expectation().isAny()
        ? Optional.empty()
        : Faulty.versions(put.storage(), put.checkpoint().sessionKey()).stream()
            .filter(
                each ->
                    each.metadata().taskId().isPresent()
                        && each.metadata().taskId().equals(put.checkpoint().metadata().taskId()))
            .findFirst();
  }

  private static Optional<Checkpoint> parentOfLatest(Put put) {
    return put.storage()
        .getBySession(put.checkpoint().sessionKey())
        .flatMap(Checkpoint::parentId)
        .flatMap(parent -> put.storage().get(put.checkpoint().namespace(), parent));
  }

  private static Optional<Checkpoint> oneBefore(Put put) {
    return put.expectation().isAny()
        ? Optional.empty()
        : Faulty.versions(put.storage(), put.checkpoint().sessionKey()).stream()
            .skip(1)
            .findFirst()
            .filter(each -> put.checkpoint().version() - each.version() > 2);
  }

  private static Optional<Checkpoint> latestElsewhere(Put put) {
    return put.expectation().isAny()
        ? Optional.empty()
        : put.storage().listNamespaces(CheckpointQuery.MAX_LIMIT, Optional.empty()).items().stream()
            .map(name -> new SessionKey(name, put.checkpoint().metadata().sessionId()))
            .flatMap(session -> put.storage().getBySession(session).stream())
            .filter(each -> put.expectation().latestId().filter(each.id()::equals).isPresent())
            .findFirst();
  }

  private static void ignored(List<GeneratedMutant> all, String when, Predicate<Put> isIgnored) {
    all.add(
        GeneratedMutant.of(
            "expectation ignored",
            "put, the expectation",
            when,
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint, expectation) ->
                        storage.put(
                            checkpoint,
                            !expectation.isAny()
                                    && isIgnored.test(new Put(storage, checkpoint, expectation))
                                ? Expectation.any()
                                : expectation))));
  }

  private static void conflict(
      List<GeneratedMutant> all,
      String field,
      String what,
      Function<Put, VersionConflictException> told) {
    all.add(
        GeneratedMutant.of(
            "details of a conflict: " + what,
            "put",
            field,
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint, expectation) -> {
                      try {
                        storage.put(checkpoint, expectation);
                      } catch (VersionConflictException e) {
                        throw told.apply(new Put(storage, checkpoint, expectation));
                      }
                    })));
  }

  /** What a put is told of. */
  private interface Refusal<R> {
    R of(Checkpoint stored, Checkpoint put);
  }

  private static void duplicate(
      List<GeneratedMutant> all, String field, String what, Refusal<Checkpoint> told) {
    all.add(
        GeneratedMutant.of(
            "details of a duplicate: " + what,
            "put",
            field,
            good ->
                refusing(
                    good,
                    (stored, put) -> true,
                    put ->
                        new DuplicateCheckpointException(
                            put.storage().descriptor().id(),
                            told.of(
                                put.storage()
                                    .get(put.checkpoint().namespace(), put.checkpoint().id())
                                    .orElse(put.checkpoint()),
                                put.checkpoint())))));
  }

  private static void instead(
      List<GeneratedMutant> all, String what, String when, Refusal<Boolean> isConflict) {
    all.add(
        GeneratedMutant.of(
            "duplicate reported as " + what,
            "put",
            when,
            good -> refusing(good, isConflict, put -> put.told(put.latestVersion()))));
  }

  private static BackendStorage refusing(
      BackendStorage good,
      Refusal<Boolean> isRefused,
      Function<Put, ? extends RuntimeException> refusal) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          try {
            storage.put(checkpoint, expectation);
          } catch (DuplicateCheckpointException e) {
            Optional<Checkpoint> stored = storage.get(checkpoint.namespace(), checkpoint.id());
            throw stored.isPresent() && isRefused.of(stored.get(), checkpoint)
                ? refusal.apply(new Put(storage, checkpoint, expectation))
                : e;
          }
        });
  }
}
