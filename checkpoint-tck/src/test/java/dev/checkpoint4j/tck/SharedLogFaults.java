package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.text.Collator;
import java.text.NumberFormat;
import java.text.ParseException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Faults of a durable backend: other processes, their settings, and a medium that fails. */
final class SharedLogFaults {

  private static final List<String> READS =
      List.of("get", "getBySession", "list", "listHeaders", "listSessions", "listNamespaces");

  private SharedLogFaults() {}

  /** Opens a log with a fault. */
  private interface Opener {
    BackendStorage open(TckScope scope, LogFile.Faults faults);
  }

  private record LogStore(Opener opener, LogFile.Faults faults) implements Mutant.Store {
    @Override
    public BackendStorage open(TckScope scope) {
      return opener.open(scope, faults);
    }

    @Override
    public Durability durability() {
      return Durability.PROCESS_CRASH;
    }

    @Override
    public Optional<FaultInjector> faultInjector(TckScope scope) {
      return Optional.of(faults);
    }
  }

  static List<GeneratedMutant> all() {
    List<GeneratedMutant> all = new ArrayList<>();
    settings(all);
    processes(all);
    damage(all);
    failures(all);
    limits(all);
    return all;
  }

  /** The log without a fault. */
  static GeneratedMutant faultless() {
    return log("no fault", "none", "none", SharedLog::new);
  }

  private static GeneratedMutant log(String kind, String path, String field, Opener opener) {
    return new GeneratedMutant(
        kind, path, field, false, () -> new LogStore(opener, new LogFile.Faults()));
  }

  /** A log with a decorator that the handles of a process share. */
  private static GeneratedMutant decorated(
      String kind, String path, String field, Supplier<UnaryOperator<BackendStorage>> fault) {
    return new GeneratedMutant(
        kind,
        path,
        field,
        false,
        () -> {
          UnaryOperator<BackendStorage> ofProcess = fault.get();
          return new LogStore(
              (scope, faults) -> ofProcess.apply(new SharedLog(scope, faults)),
              new LogFile.Faults());
        });
  }

  // ---- settings of the JVM

  private static void settings(List<GeneratedMutant> all) {
    all.add(
        log(
            "settings of the JVM",
            "medium",
            "ids in bytes of the default charset",
            (scope, faults) ->
                new SharedLog(scope, faults) {
                  @Override
                  byte[] bytes(String text) {
                    return text.getBytes(Charset.defaultCharset());
                  }

                  @Override
                  String text(byte[] bytes) {
                    return new String(bytes, Charset.defaultCharset());
                  }
                }));
    all.add(
        log(
            "settings of the JVM",
            "medium",
            "ids read by the default charset",
            (scope, faults) ->
                new SharedLog(scope, faults) {
                  @Override
                  String text(byte[] bytes) {
                    return new String(bytes, Charset.defaultCharset());
                  }
                }));
    all.add(
        log(
            "settings of the JVM",
            "medium",
            "ts as a local time of the default zone",
            (scope, faults) ->
                new SharedLog(scope, faults) {
                  @Override
                  String timeAsText(Instant time) {
                    return LocalDateTime.ofInstant(time, ZoneId.systemDefault()).toString();
                  }

                  @Override
                  Instant timeOf(String text) {
                    return LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant();
                  }
                }));
    all.add(
        log(
            "settings of the JVM",
            "medium",
            "version as a number of the default locale",
            (scope, faults) ->
                new SharedLog(scope, faults) {
                  @Override
                  String versionAsText(long version) {
                    return NumberFormat.getInstance(Locale.getDefault()).format(version);
                  }

                  @Override
                  long versionOf(String text) {
                    try {
                      return NumberFormat.getInstance(Locale.getDefault()).parse(text).longValue();
                    } catch (ParseException e) {
                      throw new IllegalStateException(e);
                    }
                  }
                }));
    all.add(
        log(
            "settings of the JVM",
            "order of sessions",
            "by a collator of the default locale",
            (scope, faults) ->
                new SharedLog(scope, faults) {
                  @Override
                  Comparator<String> orderOfSessions() {
                    Collator collator = Collator.getInstance(Locale.getDefault());
                    return (one, other) -> {
                      int byLocale = collator.compare(one, other);
                      return byLocale != 0 ? byLocale : one.compareTo(other);
                    };
                  }
                }));
    all.add(
        log(
            "settings of the JVM",
            "order of sessions",
            "by upper case of the default locale",
            (scope, faults) ->
                new SharedLog(scope, faults) {
                  @Override
                  Comparator<String> orderOfSessions() {
                    return Comparator.comparing(
                            (String text) -> text.toUpperCase(Locale.getDefault()))
                        .thenComparing(Comparator.naturalOrder());
                  }
                }));
    all.add(
        log(
            "settings of the JVM",
            "order of sessions",
            "by bytes of the default charset",
            (scope, faults) ->
                new SharedLog(scope, faults) {
                  @Override
                  Comparator<String> orderOfSessions() {
                    return Comparator.comparing(
                            (String text) ->
                                new String(
                                    text.getBytes(Charset.defaultCharset()),
                                    StandardCharsets.ISO_8859_1))
                        .thenComparing(Comparator.naturalOrder());
                  }
                }));
    int salt = ThreadLocalRandom.current().nextInt();
    all.add(
        log(
            "memory of a process",
            "order of sessions",
            "by hashes with a salt of the process",
            (scope, faults) ->
                new SharedLog(scope, faults) {
                  @Override
                  Comparator<String> orderOfSessions() {
                    return Comparator.comparing((String text) -> text.hashCode() ^ salt)
                        .thenComparing(Comparator.naturalOrder());
                  }
                }));
  }

  // ---- processes

  private static void processes(List<GeneratedMutant> all) {
    CacheFaults.ofProcess()
        .forEach(
            (path, fault) ->
                all.add(
                    decorated(
                        "memory of a process",
                        path,
                        "changes of other processes not noticed",
                        fault)));
    for (String listing : List.of("list", "listHeaders", "listSessions", "listNamespaces")) {
      all.add(
          decorated(
              "memory of a process",
              "cursor of " + listing,
              "can be used in the process that gave it",
              PageFaults.cursorsOfProcess(listing)));
    }
    for (String operation : READS) {
      all.add(
          log(
              "changes of other handles",
              operation,
              "not read",
              (scope, faults) ->
                  new SharedLog(scope, faults) {
                    @Override
                    boolean isReadBy(String called) {
                      return !called.equals(operation);
                    }
                  }));
    }
    for (String kind : List.of("DELETE", "DELETE_SESSION")) {
      all.add(
          log(
              "changes of other handles",
              kind.equals("DELETE") ? "delete" : "deleteBySession",
              "deletions read when the log is opened only",
              (scope, faults) ->
                  new SharedLog(scope, faults) {
                    @Override
                    boolean isApplied(String applied, boolean isFirstReading) {
                      return isFirstReading || !applied.equals(kind);
                    }
                  }));
      all.add(
          log(
              "changes of other handles",
              kind.equals("DELETE") ? "delete" : "deleteBySession",
              "deletions lost when the log is opened",
              (scope, faults) ->
                  new SharedLog(scope, faults) {
                    @Override
                    boolean isApplied(String applied, boolean isFirstReading) {
                      return !isFirstReading || !applied.equals(kind);
                    }
                  }));
    }
    for (String operation : List.of("put", "delete", "deleteBySession")) {
      all.add(
          log(
              "lock between processes",
              operation,
              "missing",
              (scope, faults) ->
                  new SharedLog(scope, faults) {
                    @Override
                    boolean isLocked(String called) {
                      return !called.equals(operation);
                    }

                    @Override
                    void writing(Checkpoint checkpoint) {
                      if (operation.equals("put")) {
                        LockSupport.parkNanos(50_000);
                      }
                    }
                  }));
    }
  }

  // ---- documents that cannot be decoded

  private static void damage(List<GeneratedMutant> all) {
    for (String operation : List.of("get", "getBySession", "list", "listHeaders")) {
      undecodable(all, operation, "is passed over", (log, entry, failure) -> Optional.empty());
      undecodable(
          all,
          operation,
          "fails without its namespace and id",
          (log, entry, failure) -> {
            throw corrupt(failure, ErrorContext.of("shared-log", operation));
          });
      undecodable(
          all,
          operation,
          "fails as another operation",
          (log, entry, failure) -> {
            throw corrupt(
                failure,
                new ErrorContext(
                    "shared-log", "read", entry.namespace(), entry.session(), entry.id()));
          });
      undecodable(
          all,
          operation,
          "fails with the id of another",
          (log, entry, failure) -> {
            throw corrupt(
                failure,
                new ErrorContext(
                    "shared-log",
                    operation,
                    entry.namespace(),
                    entry.session(),
                    log.versions(new SessionKey(entry.namespace(), entry.session()))
                        .firstEntry()
                        .getValue()
                        .id()));
          });
      undecodable(
          all,
          operation,
          "is reported as unavailable",
          (log, entry, failure) -> {
            throw new StorageUnavailableException(
                "the document cannot be read; nothing was changed", failure.context(), failure);
          });
      undecodable(
          all,
          operation,
          "quotes the document",
          (log, entry, failure) -> {
            throw new CorruptCheckpointException(
                "cannot decode " + log.text(entry.document()), failure.context(), failure);
          });
      undecodable(
          all,
          operation,
          "fails with an exception of the codec",
          (log, entry, failure) -> {
            throw new IllegalStateException(failure.getCause());
          });
    }
  }

  /** What becomes of an answer that cannot be decoded. */
  private interface Undecodable {
    Optional<Object> answer(SharedLog log, SharedLog.Entry entry, CheckpointException failure);
  }

  private static CorruptCheckpointException corrupt(
      CheckpointException failure, ErrorContext context) {
    return new CorruptCheckpointException("a document is damaged", context, failure);
  }

  private static void undecodable(
      List<GeneratedMutant> all, String operation, String what, Undecodable undecodable) {
    all.add(
        log(
            "damaged document",
            operation,
            what,
            (scope, faults) ->
                new SharedLog(scope, faults) {
                  @Override
                  @SuppressWarnings("unchecked")
                  <T> Optional<T> undecodable(
                      String called, Entry entry, CheckpointException failure) {
                    return called.equals(operation)
                        ? (Optional<T>) undecodable.answer(this, entry, failure)
                        : super.undecodable(called, entry, failure);
                  }
                }));
  }

  // ---- a medium that fails

  private static void failures(List<GeneratedMutant> all) {
    for (String operation : List.of("put", "delete", "deleteBySession")) {
      all.add(
          log(
              "outcome of a failed write",
              operation,
              "reported as not applied",
              (scope, faults) ->
                  new SharedLog(scope, faults) {
                    @Override
                    CheckpointException failed(
                        String called, ErrorContext context, IOException cause) {
                      return called.equals(operation)
                          ? new StorageUnavailableException(
                              "the log was not written; nothing was changed", context, cause)
                          : super.failed(called, context, cause);
                    }
                  }));
      if (!operation.equals("put")) {
        all.add(
            decorated(
                "repeated inside of the backend",
                operation,
                "the answer is that of the second attempt",
                () -> good -> repeated(good, operation)));
      }
      all.add(
          log(
              "failure named wrongly",
              operation,
              "the operation",
              (scope, faults) ->
                  new SharedLog(scope, faults) {
                    @Override
                    CheckpointException failed(
                        String called, ErrorContext context, IOException cause) {
                      return super.failed(
                          called,
                          called.equals(operation)
                              ? new ErrorContext(
                                  context.backendId(),
                                  "write",
                                  context.namespace(),
                                  context.sessionId(),
                                  context.checkpointId())
                              : context,
                          cause);
                    }
                  }));
    }
    all.add(
        log(
            "message with values",
            "put, a failed write",
            "values",
            (scope, faults) -> quoting(new SharedLog(scope, faults))));
    for (String operation : READS) {
      all.add(
          decorated(
              "failed read",
              operation,
              "is an empty answer",
              () -> good -> emptyIfFailed(good, operation)));
    }
    for (String operation : List.of("put", "delete", "deleteBySession")) {
      all.add(
          decorated(
              "failed write",
              operation,
              "no further write on the handle",
              () -> good -> stuck(good, operation)));
    }
    all.add(
        decorated(
            "failed write",
            "put",
            "of one put is not reported to others that wait for it",
            SharedLogFaults::groups));
    all.add(
        decorated(
            "failed write",
            "put",
            "is visible until the store is reopened",
            SharedLogFaults::visible));
  }

  private static BackendStorage repeated(BackendStorage good, String operation) {
    return new ForwardingBackendStorage(good) {
      private <T> T twice(String called, Supplier<T> call) {
        try {
          return call.get();
        } catch (CheckpointException e) {
          if (called.equals(operation) && e.mayHaveBeenApplied()) {
            return call.get();
          }
          throw e;
        }
      }

      @Override
      public void put(Checkpoint checkpoint, Expectation expectation) {
        twice(
            "put",
            () -> {
              super.put(checkpoint, expectation);
              return true;
            });
      }

      @Override
      public long delete(String namespace, Collection<String> ids) {
        return twice("delete", () -> super.delete(namespace, ids));
      }

      @Override
      public long deleteBySession(SessionKey session) {
        return twice("deleteBySession", () -> super.deleteBySession(session));
      }
    };
  }

  private static BackendStorage quoting(BackendStorage good) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          try {
            storage.put(checkpoint, expectation);
          } catch (StorageUnavailableException e) {
            throw new StorageUnavailableException(
                "cannot write " + checkpoint.values() + "; nothing was changed", e.context(), e);
          } catch (OutcomeUnknownException e) {
            throw new OutcomeUnknownException(
                "no answer for " + checkpoint.values(), e.context(), e);
          }
        });
  }

  private static BackendStorage emptyIfFailed(BackendStorage good, String operation) {
    return new ForwardingBackendStorage(good) {
      private <T> T orElse(String called, T empty, Supplier<T> call) {
        try {
          return call.get();
        } catch (StorageUnavailableException e) {
          if (called.equals(operation)) {
            return empty;
          }
          throw e;
        }
      }

      @Override
      public Optional<Checkpoint> get(String namespace, String id) {
        return orElse("get", Optional.empty(), () -> super.get(namespace, id));
      }

      @Override
      public Optional<Checkpoint> getBySession(SessionKey session) {
        return orElse("getBySession", Optional.empty(), () -> super.getBySession(session));
      }

      @Override
      public Page<Checkpoint> list(CheckpointQuery query) {
        return orElse("list", Page.of(List.of(), null), () -> super.list(query));
      }

      @Override
      public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
        return orElse("listHeaders", Page.of(List.of(), null), () -> super.listHeaders(query));
      }

      @Override
      public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
        return orElse(
            "listSessions",
            Page.of(List.of(), null),
            () -> super.listSessions(namespace, limit, cursor));
      }

      @Override
      public Page<String> listNamespaces(int limit, Optional<String> cursor) {
        return orElse(
            "listNamespaces", Page.of(List.of(), null), () -> super.listNamespaces(limit, cursor));
      }
    };
  }

  private static BackendStorage stuck(BackendStorage good, String operation) {
    boolean[] isStuck = new boolean[1];
    return new ForwardingBackendStorage(good) {
      private <T> T call(String called, Supplier<T> call) {
        if (isStuck[0]) {
          throw new StorageUnavailableException(
              "an earlier write failed; nothing was changed",
              ErrorContext.of(descriptor().id(), called),
              null);
        }
        try {
          return call.get();
        } catch (OutcomeUnknownException e) {
          isStuck[0] = called.equals(operation);
          throw e;
        }
      }

      @Override
      public void put(Checkpoint checkpoint, Expectation expectation) {
        call(
            "put",
            () -> {
              super.put(checkpoint, expectation);
              return true;
            });
      }

      @Override
      public long delete(String namespace, Collection<String> ids) {
        return call("delete", () -> super.delete(namespace, ids));
      }

      @Override
      public long deleteBySession(SessionKey session) {
        return call("deleteBySession", () -> super.deleteBySession(session));
      }
    };
  }

  /** Puts that wait while another one fails return as if they had been stored with it. */
  private static UnaryOperator<BackendStorage> groups() {
    Object lock = new Object();
    long[] failures = new long[1];
    return good ->
        Faulty.put(
            good,
            (storage, checkpoint, expectation) -> {
              long before;
              synchronized (failures) {
                before = failures[0];
              }
              synchronized (lock) {
                synchronized (failures) {
                  if (failures[0] != before) {
                    return;
                  }
                }
                try {
                  storage.put(checkpoint, expectation);
                } catch (OutcomeUnknownException e) {
                  synchronized (failures) {
                    failures[0]++;
                  }
                  throw e;
                }
              }
            });
  }

  private static UnaryOperator<BackendStorage> visible() {
    Set<Checkpoint> failed = ConcurrentHashMap.newKeySet();
    return good ->
        Faulty.close(
            Faulty.get(
                Faulty.put(
                    good,
                    (storage, checkpoint, expectation) -> {
                      try {
                        storage.put(checkpoint, expectation);
                      } catch (OutcomeUnknownException e) {
                        failed.add(checkpoint);
                        throw e;
                      }
                    }),
                (storage, namespace, id) ->
                    storage
                        .get(namespace, id)
                        .or(
                            () ->
                                failed.stream()
                                    .filter(
                                        each ->
                                            each.id().equals(id)
                                                && each.namespace().equals(namespace))
                                    .findFirst())),
            storage -> {
              failed.clear();
              storage.close();
            });
  }

  // ---- the declared limit

  private static void limits(List<GeneratedMutant> all) {
    limit(
        all,
        "counted without attributes",
        (checkpoint, size) -> size - length(checkpoint.metadata().attributes()) > LIMIT);
    limit(
        all,
        "counted without ids",
        (checkpoint, size) -> size - checkpoint.metadata().sessionId().length() * 3L > LIMIT);
    limit(
        all,
        "counted of attributes only",
        (checkpoint, size) -> length(checkpoint.metadata().attributes()) > LIMIT);
    limit(
        all,
        "counted in characters",
        (checkpoint, size) ->
            length(checkpoint.values()) + length(checkpoint.metadata().attributes()) > LIMIT);
    limit(all, "less by a tenth", (checkpoint, size) -> size > LIMIT / 10 * 9);
    limit(
        all,
        "less for what has attributes",
        (checkpoint, size) ->
            size > (checkpoint.metadata().attributes().isEmpty() ? LIMIT : LIMIT / 2));
    limit(
        all,
        "less for later versions",
        (checkpoint, size) -> size > (checkpoint.version() == 1 ? LIMIT : LIMIT / 2));
    limit(
        all,
        "none for later versions",
        (checkpoint, size) -> checkpoint.version() == 1 && size > LIMIT);
    all.add(
        log(
            "declared limit",
            "put",
            "refused as an illegal argument, with attributes",
            (scope, faults) ->
                new SharedLog(scope, faults, LIMIT) {
                  @Override
                  RuntimeException tooLarge(Checkpoint checkpoint, ErrorContext context) {
                    return checkpoint.metadata().attributes().isEmpty()
                        ? super.tooLarge(checkpoint, context)
                        : new IllegalArgumentException("too large");
                  }
                }));
    all.add(
        log(
            "message with values",
            "put, over the limit",
            "attributes",
            (scope, faults) ->
                new SharedLog(scope, faults, LIMIT) {
                  @Override
                  RuntimeException tooLarge(Checkpoint checkpoint, ErrorContext context) {
                    return new StorageLimitExceededException(
                        "too large: "
                            + checkpoint.metadata().attributes()
                            + "; nothing was changed",
                        context,
                        null);
                  }
                }));
  }

  private static final int LIMIT = 1 << 20;

  /** Whether a checkpoint with a document of a size is refused. */
  private interface Limit {
    boolean refuses(Checkpoint checkpoint, long size);
  }

  private static void limit(List<GeneratedMutant> all, String what, Limit limit) {
    all.add(
        log(
            "declared limit",
            "put",
            what,
            (scope, faults) ->
                new SharedLog(scope, faults, LIMIT) {
                  @Override
                  boolean isTooLarge(Checkpoint checkpoint, byte[] document) {
                    return limit.refuses(checkpoint, document.length);
                  }
                }));
  }

  private static long length(Object value) {
    return value.toString().length();
  }
}
