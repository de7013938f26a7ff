package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;
import static dev.checkpoint4j.tck.Mutant.storeFault;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** Faults of expectations. */
final class ExpectationMutants {

  private ExpectationMutants() {}

  private static Optional<Checkpoint> latest(BackendStorage storage, Checkpoint next) {
    return storage.getBySession(next.sessionKey());
  }

  private static VersionConflictException conflict(
      BackendStorage storage, Checkpoint refused, Expectation expectation) {
    return new VersionConflictException(
        storage.descriptor().id(),
        refused,
        expectation,
        latest(storage, refused).map(Checkpoint::version).orElse(0L));
  }

  private static boolean isMet(
      BackendStorage storage, Checkpoint checkpoint, Expectation expectation) {
    return expectation.isMetBy(latest(storage, checkpoint).map(Checkpoint::id));
  }

  /** Does not check the expectations of a kind. */
  private static BackendStorage ignoring(
      BackendStorage good, BiPredicate<Checkpoint, Expectation> ignored) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) ->
            storage.put(
                checkpoint,
                ignored.test(checkpoint, expectation) ? Expectation.any() : expectation));
  }

  private static boolean isNoSession(Expectation expectation) {
    return expectation.equals(Expectation.noSession());
  }

  /**
   * Checks expectations of a kind before the atomic step, so that another writer can come in
   * between.
   */
  private static BackendStorage checkThenAct(BackendStorage good, Predicate<Expectation> kind) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          if (!kind.test(expectation)
              || storage.get(checkpoint.namespace(), checkpoint.id()).isPresent()) {
            storage.put(checkpoint, expectation);
            return;
          }
          if (!isMet(storage, checkpoint, expectation)) {
            throw conflict(storage, checkpoint, expectation);
          }
          RaceMutants.leaveTimeForOthers();
          storage.put(checkpoint, Expectation.any());
        });
  }

  static List<Mutant> all() {
    return List.of(
        handleFault(
            "expectations are ignored",
            good -> ignoring(good, (checkpoint, expectation) -> true),
            "EXP-02",
            "EXP-03",
            "EXP-05",
            "EXP-09",
            "EXP-10"),
        handleFault(
            "any stored checkpoint of the session is the expected latest",
            good ->
                ignoring(
                    good,
                    (checkpoint, expectation) ->
                        expectation
                            .latestId()
                            .flatMap(id -> good.get(checkpoint.namespace(), id))
                            .filter(found -> found.sessionKey().equals(checkpoint.sessionKey()))
                            .isPresent()),
            "EXP-02"),
        handleFault(
            "the expected latest is found in every session",
            good ->
                ignoring(
                    good,
                    (checkpoint, expectation) ->
                        expectation
                            .latestId()
                            .flatMap(id -> good.get(checkpoint.namespace(), id))
                            .filter(found -> !found.sessionKey().equals(checkpoint.sessionKey()))
                            .isPresent()),
            "EXP-02",
            "EXP-03"),
        handleFault(
            "an empty session is not compared with the expectation",
            good -> ignoring(good, (checkpoint, expectation) -> latest(good, checkpoint).isEmpty()),
            "EXP-03"),
        storeFault(
            "the greatest version ever put is the latest that is expected",
            () -> {
              Map<SessionKey, String> latest = new ConcurrentHashMap<>();
              return good ->
                  Faulty.put(
                      good,
                      (storage, checkpoint, expectation) -> {
                        String known = latest.get(checkpoint.sessionKey());
                        if (expectation.latestId().isPresent()
                            && known != null
                            && !isMet(storage, checkpoint, Expectation.latestIs(known))
                            && isMet(storage, checkpoint, expectation)) {
                          throw conflict(storage, checkpoint, expectation);
                        }
                        storage.put(checkpoint, expectation);
                        latest.put(checkpoint.sessionKey(), checkpoint.id());
                      });
            },
            "EXP-01"),
        handleFault(
            "only the next version follows the expected latest",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint, expectation) -> {
                      storage.put(
                          checkpoint,
                          expectation.latestId().isPresent()
                                  && latest(storage, checkpoint)
                                      .filter(it -> it.version() + 1 < checkpoint.version())
                                      .isPresent()
                              ? Expectation.noSession()
                              : expectation);
                    }),
            "EXP-01"),
        storeFault(
            "a session that existed once is not expected to be started",
            () -> {
              Set<SessionKey> known = ConcurrentHashMap.newKeySet();
              return good ->
                  Faulty.put(
                      good,
                      (storage, checkpoint, expectation) -> {
                        if (isNoSession(expectation)
                            && storage.get(checkpoint.namespace(), checkpoint.id()).isEmpty()
                            && known.contains(checkpoint.sessionKey())) {
                          throw conflict(storage, checkpoint, expectation);
                        }
                        storage.put(checkpoint, expectation);
                        known.add(checkpoint.sessionKey());
                      });
            },
            "EXP-04"),
        handleFault(
            "a session that was not expected is continued",
            good -> ignoring(good, (checkpoint, expectation) -> isNoSession(expectation)),
            "EXP-05"),
        handleFault(
            "a repeated put is refused if its expectation is not met any more",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint, expectation) -> {
                      if (storage
                              .get(checkpoint.namespace(), checkpoint.id())
                              .equals(Optional.of(checkpoint))
                          && !isMet(storage, checkpoint, expectation)) {
                        throw conflict(storage, checkpoint, expectation);
                      }
                      storage.put(checkpoint, expectation);
                    }),
            "EXP-06"),
        handleFault(
            "a duplicate is a conflict if its expectation is not met",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint, expectation) -> {
                      Optional<Checkpoint> stored =
                          storage.get(checkpoint.namespace(), checkpoint.id());
                      if (stored.isPresent()
                          && !stored.get().equals(checkpoint)
                          && !isMet(storage, checkpoint, expectation)) {
                        throw conflict(storage, checkpoint, expectation);
                      }
                      storage.put(checkpoint, expectation);
                    }),
            "EXP-07"),
        handleFault(
            "the version is not compared if the latest is the expected one",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint, expectation) -> {
                      if (expectation.latestId().isPresent()
                          && isMet(storage, checkpoint, expectation)
                          && storage.get(checkpoint.namespace(), checkpoint.id()).isEmpty()) {
                        PutMutants.overwrite(storage, checkpoint, true);
                      } else {
                        storage.put(checkpoint, expectation);
                      }
                    }),
            "EXP-08"),
        handleFault(
            "a handle compares the expectation with what it has read",
            good -> {
              Map<SessionKey, String> read = new ConcurrentHashMap<>();
              BackendStorage remembering =
                  Faulty.latest(
                      good,
                      (storage, session) -> {
                        Optional<Checkpoint> latest = storage.getBySession(session);
                        latest.ifPresent(found -> read.put(session, found.id()));
                        return latest;
                      });
              return ignoring(
                  remembering,
                  (checkpoint, expectation) ->
                      expectation
                          .latestId()
                          .equals(Optional.ofNullable(read.get(checkpoint.sessionKey()))));
            },
            "EXP-09"),
        handleFault(
            "the expected id is compared without case",
            good ->
                ignoring(
                    good,
                    (checkpoint, expectation) ->
                        latest(good, checkpoint)
                            .filter(
                                it -> it.id().equalsIgnoreCase(expectation.latestId().orElse("")))
                            .isPresent()),
            "EXP-10"),
        handleFault(
                "the expected latest is compared before the write",
                good -> checkThenAct(good, expectation -> expectation.latestId().isPresent()),
                "RACE-16")
            .racy(),
        storeFault(
                "an expected latest is found again after its session was deleted",
                () -> {
                  Map<SessionKey, String> deleted = new ConcurrentHashMap<>();
                  return good ->
                      Faulty.put(
                          Faulty.deleteBySession(
                              good,
                              (storage, session) -> {
                                Optional<Checkpoint> last = storage.getBySession(session);
                                long count = storage.deleteBySession(session);
                                last.ifPresent(latest -> deleted.put(session, latest.id()));
                                return count;
                              }),
                          (storage, checkpoint, expectation) -> {
                            if (expectation.latestId().isPresent()) {
                              RaceMutants.leaveTimeForOthers();
                            }
                            String last = deleted.get(checkpoint.sessionKey());
                            storage.put(
                                checkpoint,
                                RaceMutants.isRacing()
                                        && last != null
                                        && expectation.equals(Expectation.latestIs(last))
                                    ? Expectation.any()
                                    : expectation);
                          });
                },
                "RACE-18")
            .racy(),
        handleFault(
                "a session is looked up before it is started",
                good -> checkThenAct(good, ExpectationMutants::isNoSession),
                "RACE-17")
            .racy(),
        storeFault(
                "a deletion comes between the expectation and the write",
                () -> {
                  Object puts = new Object();
                  return good -> {
                    BackendStorage faulty = checkThenAct(good, expectation -> !expectation.isAny());
                    return Faulty.put(
                        faulty,
                        (storage, checkpoint, expectation) -> {
                          synchronized (puts) {
                            storage.put(checkpoint, expectation);
                          }
                        });
                  };
                },
                "RACE-19")
            .racy());
  }
}
