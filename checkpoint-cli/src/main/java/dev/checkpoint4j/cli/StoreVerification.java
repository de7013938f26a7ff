package dev.checkpoint4j.cli;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.cli.support.StoreAddress;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecLookup;
import dev.checkpoint4j.store.file.FileBackendProvider;
import dev.checkpoint4j.store.file.FileBackendStorage;
import dev.checkpoint4j.store.file.FileStoreVerification;
import dev.checkpoint4j.store.jdbc.JdbcBackendProvider;
import dev.checkpoint4j.store.jdbc.JdbcBackendStorage;
import dev.checkpoint4j.store.jdbc.JdbcStoreVerification;
import dev.checkpoint4j.store.s3.S3BackendProvider;
import dev.checkpoint4j.store.s3.S3BackendStorageBuilder;
import dev.checkpoint4j.store.s3.S3StoreVerification;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** Looks at all of a store, of whatever kind. */
interface StoreVerification {

  /**
   * Runs it.
   *
   * @param intact is given the checkpoints that are, those of a session in the order of versions
   * @param found is told of each problem and each leftover
   */
  Summary run(Consumer<Checkpoint> intact, Consumer<Finding> found);

  /**
   * A problem, or something that is left over.
   *
   * @param place where it is, by the names of JSON
   * @param kind what it is, in lower case
   * @param isDamage whether something is wrong
   */
  record Finding(Map<String, Object> place, String kind, boolean isDamage, String message) {

    private Finding(Map<String, Object> place, Enum<?> kind, boolean isDamage, String message) {
      this(place, kind.name().toLowerCase(Locale.ROOT).replace('_', '-'), isDamage, message);
    }

    private static Finding of(FileStoreVerification.Problem problem) {
      Map<String, Object> place = new LinkedHashMap<>();
      place.put("file", problem.file().toString());
      place.put("offset", problem.offset());
      return new Finding(place, problem.kind(), problem.kind().isDamage(), problem.message());
    }

    private static Finding of(JdbcStoreVerification.Problem problem) {
      Map<String, Object> place = new LinkedHashMap<>();
      place.put("namespace", problem.namespace());
      problem.sessionId().ifPresent(session -> place.put("session", session));
      problem.id().ifPresent(id -> place.put("id", id));
      return new Finding(place, problem.kind(), problem.kind().isDamage(), problem.message());
    }

    private static Finding of(S3StoreVerification.Problem problem) {
      return new Finding(
          Map.of("key", problem.key()),
          problem.kind(),
          problem.kind().isDamage(),
          problem.message());
    }
  }

  /**
   * How much there is.
   *
   * @param counts by the names of JSON
   * @param isSound whether nothing is wrong
   */
  record Summary(Map<String, Object> counts, boolean isSound) {

    private static Summary of(
        long namespaces, long sessions, long checkpoints, long bytes, long problems) {
      Map<String, Object> counts = new LinkedHashMap<>();
      counts.put("namespaces", namespaces);
      counts.put("sessions", sessions);
      counts.put("checkpoints", checkpoints);
      counts.put("bytes", bytes);
      counts.put("problems", problems);
      return new Summary(counts, problems == 0);
    }
  }

  /** Of the file store in a folder. */
  static StoreVerification ofFiles(Path folder) {
    return (intact, found) -> {
      FileStoreVerification all =
          FileStoreVerification.verify(
              folder,
              codec(),
              new FileStoreVerification.Listener() {
                @Override
                public void intact(Checkpoint checkpoint) {
                  intact.accept(checkpoint);
                }

                @Override
                public void found(FileStoreVerification.Problem problem) {
                  found.accept(Finding.of(problem));
                }
              });
      return Summary.of(
          all.namespaces(), all.sessions(), all.checkpoints(), all.bytes(), all.problemCount());
    };
  }

  /** Of an S3 store; also removes leftovers, if {@code isRepairing}. */
  static StoreVerification ofObjects(S3BackendStorageBuilder store, boolean isRepairing) {
    return (intact, found) -> {
      S3StoreVerification.Listener listener =
          new S3StoreVerification.Listener() {
            @Override
            public void intact(Checkpoint checkpoint) {
              intact.accept(checkpoint);
            }

            @Override
            public void found(S3StoreVerification.Problem problem) {
              found.accept(Finding.of(problem));
            }
          };
      S3StoreVerification all = isRepairing ? store.repair(listener) : store.verify(listener);
      Summary summary =
          Summary.of(
              all.namespaces(), all.sessions(), all.checkpoints(), all.bytes(), all.problemCount());
      summary.counts().put("leftovers", all.leftovers());
      if (isRepairing) {
        summary.counts().put("removed", all.removed());
      }
      return summary;
    };
  }

  /** Of a JDBC store, of which nothing is made or changed. */
  static StoreVerification ofTables(StoreAddress store) {
    return (intact, found) -> {
      JdbcBackendProvider provider = new JdbcBackendProvider();
      BackendConfig config = BackendConfig.parse(provider, store.url(), store.options());
      try (JdbcBackendStorage storage = provider.open(config, codec())) {
        JdbcStoreVerification all =
            JdbcStoreVerification.verify(
                storage,
                new JdbcStoreVerification.Listener() {
                  @Override
                  public void intact(Checkpoint checkpoint) {
                    intact.accept(checkpoint);
                  }

                  @Override
                  public void found(JdbcStoreVerification.Problem problem) {
                    found.accept(Finding.of(problem));
                  }
                });
        return Summary.of(
            all.namespaces(), all.sessions(), all.checkpoints(), all.bytes(), all.problemCount());
      }
    };
  }

  /** What the URL and the options of a file store say. */
  static Path folder(StoreAddress store) {
    BackendConfig config =
        BackendConfig.parse(new FileBackendProvider(), store.url(), store.options());
    return FileBackendStorage.directory(config.location());
  }

  /** What the URL and the options of an S3 store say. */
  static S3BackendStorageBuilder builder(StoreAddress store) {
    return S3BackendProvider.builder(
            BackendConfig.parse(new S3BackendProvider(), store.url(), store.options()))
        .codec(codec());
  }

  private static CheckpointCodec codec() {
    return CodecLookup.find();
  }
}
