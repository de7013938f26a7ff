package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.VerificationListener;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is done to the tables behind the back of the store is found, and nothing else is. */
class JdbcStoreVerificationTest {

  private static final int WRITERS = 4;
  private static final int ROUNDS = 6;

  /** A statement that damages the tables, whose prefix stands for {@code %s}. */
  private record Damage(String sql, FindingKind kind, String session, @Nullable String id) {}

  private static final List<Damage> DAMAGES =
      List.of(
          new Damage(
              "UPDATE %shistory SET document = (SELECT d FROM (SELECT document AS d FROM %shistory"
                  + " WHERE id = 'a-1') o) WHERE id = 'a-2'",
              FindingKind.MISPLACED_DOCUMENT, "a", "a-2"),
          new Damage(
              "UPDATE %shistory SET document = SUBSTR(document, 1, 40) WHERE id = 'a-2'",
              FindingKind.DOCUMENT, "a", "a-2"),
          new Damage(
              "UPDATE %shistory SET session_id = 'c' WHERE id = 'a-2'",
              FindingKind.MISPLACED_DOCUMENT, "c", "a-2"),
          new Damage(
              "UPDATE %shistory SET id = 'other' WHERE id = 'a-2'",
              FindingKind.MISPLACED_DOCUMENT, "a", "other"),
          new Damage(
              "UPDATE %shistory SET version = 7 WHERE id = 'a-3'",
              FindingKind.MISPLACED_DOCUMENT, "a", "a-3"),
          new Damage(
              "UPDATE %shistory SET namespace = 'elsewhere' WHERE id = 'a-2'",
              FindingKind.MISPLACED_DOCUMENT, "a", "a-2"),
          new Damage(
              "UPDATE %shistory SET task_id = 'other' WHERE id = 'a-2'",
              FindingKind.HEADER, "a", "a-2"),
          new Damage(
              "UPDATE %shistory SET parent_id = NULL WHERE id = 'a-2'",
              FindingKind.HEADER, "a", "a-2"),
          new Damage(
              "UPDATE %shistory SET ts = ts + 1 WHERE id = 'a-2'", FindingKind.HEADER, "a", "a-2"),
          new Damage(
              "UPDATE %shistory SET attributes = NULL WHERE id = 'a-2'",
              FindingKind.HEADER, "a", "a-2"),
          new Damage(
              "UPDATE %shistory SET attributes = (SELECT d FROM (SELECT document AS d FROM %shistory"
                  + " WHERE id = 'a-1') o) WHERE id = 'b-1'",
              FindingKind.HEADER, "b", "b-1"),
          new Damage(
              "UPDATE %shistory SET attribute_hashes = NULL WHERE id = 'a-2'",
              FindingKind.HEADER, "a", "a-2"),
          new Damage(
              "DELETE FROM %shistory WHERE id = 'a-3'", FindingKind.MISSING_LATEST, "a", null),
          new Damage(
              "DELETE FROM %shistory WHERE session_id = 'a'", FindingKind.EMPTY_SESSION, "a", null),
          new Damage(
              "DELETE FROM %ssession WHERE session_id = 'a'",
              FindingKind.MISSING_SESSION, "a", null),
          new Damage(
              "UPDATE %ssession SET latest_version = 2 WHERE session_id = 'a'",
              FindingKind.STALE_LATEST, "a", null),
          new Damage(
              "UPDATE %ssession SET latest_id = 'a-2' WHERE session_id = 'a'",
              FindingKind.WRONG_LATEST_ID, "a", null));

  @TempDir Path directory;

  private static Checkpoint checkpoint(String session, long version) {
    CheckpointMetadata.Builder metadata = CheckpointMetadata.builder(session).taskId("task");
    if (session.equals("a")) {
      metadata.attribute("step", version);
    }
    return Checkpoint.builder(metadata.build())
        .id(session + "-" + version)
        .version(version)
        .parentId(version == 1 ? null : session + "-" + (version - 1))
        .ts(Instant.ofEpochSecond(1_700_000_000 + version))
        .values(Map.of("messages", List.of("x".repeat(100), version)))
        .build();
  }

  private static List<Checkpoint> stored() {
    return Stream.of("a", "b")
        .flatMap(session -> Stream.of(1L, 2L, 3L).map(version -> checkpoint(session, version)))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(
      value = TestDatabase.class,
      names = {"H2", "POSTGRESQL"})
  void findsWhatWasDamaged(TestDatabase database) throws SQLException {
    String prefix = TestDatabase.newPrefix();
    try (JdbcBackendStorage store = database.store(directory, prefix).open()) {
      for (Damage damage : DAMAGES) {
        stored().forEach(checkpoint -> store.put(checkpoint, Expectation.any()));
        assertSound(store, stored());
        database.execute(directory, damage.sql.replace("%s", prefix));

        List<Finding> told = new ArrayList<>();
        VerificationReport found = store.verify(findingsTo(told));

        assertThat(found.isSound()).as("sound after: %s", damage.sql).isFalse();
        assertThat(found.findings())
            .as("the findings after: %s", damage.sql)
            .isEqualTo(told)
            .hasSize(Math.toIntExact(found.damaged()))
            .anySatisfy(
                finding -> {
                  assertThat(finding.kind()).isEqualTo(code(damage.kind));
                  assertThat(finding.context().sessionId()).isEqualTo(damage.session);
                  assertThat(finding.context().checkpointId()).isEqualTo(damage.id);
                });
        if (!damage.session.equals("b")) {
          assertThat(found.findings())
              .as("the sessions with findings after: %s", damage.sql)
              .noneMatch(finding -> "b".equals(finding.context().sessionId()));
        }
        database.execute(
            directory, "DELETE FROM %shistory;\nDELETE FROM %ssession".replace("%s", prefix));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void findsIdsAndVersionsThatAreStoredTwice(TestDatabase database) throws SQLException {
    String prefix = TestDatabase.newPrefix();
    try (JdbcBackendStorage store = database.store(directory, prefix).open()) {
      stored().forEach(checkpoint -> store.put(checkpoint, Expectation.any()));
      // A table without its keys, as somebody might copy it.
      database.execute(
          directory,
          """
          CREATE TABLE %1$scopy AS SELECT * FROM %1$shistory;
          DROP TABLE %1$shistory;
          ALTER TABLE %1$scopy RENAME TO %1$shistory;
          INSERT INTO %1$shistory SELECT * FROM %1$shistory WHERE id = 'a-1';
          """
              .formatted(prefix));
      assertThat(Verified.report(store).findings())
          .extracting(Finding::kind)
          .containsExactlyInAnyOrder("duplicate-id", "duplicate-version");
    }
  }

  /** Puts, deletions and deletions of sessions, none of them half seen. */
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void findsNothingWhileOthersWrite(TestDatabase database) throws Exception {
    try (JdbcBackendStorage store = database.store(directory, TestDatabase.newPrefix()).open()) {
      stored().forEach(checkpoint -> store.put(checkpoint, Expectation.any()));
      AtomicBoolean ended = new AtomicBoolean();
      ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
      List<Future<?>> writers = new ArrayList<>();
      for (int number = 0; number < WRITERS; number++) {
        String session = "writer-" + number;
        writers.add(
            threads.submit(
                () -> {
                  for (long version = 1; !ended.get(); version++) {
                    store.put(checkpoint(session, version), Expectation.any());
                    if (version % 3 == 0) {
                      store.delete("default", List.of(session + "-" + version));
                    }
                    if (version % 7 == 0) {
                      store.deleteBySession(new SessionKey("default", session));
                    }
                  }
                }));
      }
      List<VerificationReport> all = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        all.add(Verified.report(store));
      }
      ended.set(true);
      for (Future<?> writer : writers) {
        writer.get();
      }
      threads.shutdownNow();
      assertThat(all)
          .allSatisfy(
              one -> {
                assertThat(one.findings()).isEmpty();
                assertThat(one.checkpoints()).isGreaterThanOrEqualTo(stored().size());
              });
    }
  }

  private static void assertSound(JdbcBackendStorage store, List<Checkpoint> checkpoints) {
    VerificationReport found = Verified.report(store);
    List<Checkpoint> intact = Verified.checkpoints(store);
    assertThat(intact).as("the intact checkpoints").isEqualTo(checkpoints);
    assertThat(found.namespaces()).as("namespaces").isEqualTo(1);
    assertThat(found.sessions()).as("sessions").isEqualTo(2);
    assertThat(found.checkpoints()).as("checkpoints").isEqualTo(checkpoints.size());
    assertThat(found.bytes()).as("bytes").isGreaterThan(100L * checkpoints.size());
  }

  private static VerificationOptions findingsTo(List<Finding> findings) {
    return VerificationOptions.defaults()
        .withListener(
            new VerificationListener() {
              @Override
              public void onFinding(Finding finding) {
                findings.add(finding);
              }
            });
  }

  private static String code(FindingKind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
