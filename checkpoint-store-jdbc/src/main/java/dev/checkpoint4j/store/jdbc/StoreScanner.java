package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.Finding.Severity;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.store.jdbc.StatementDialect.Condition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a store: reads all of its rows. Used once, by one thread. What is read by several
 * statements is read again before it is reported, so that concurrent operations are not reported as
 * damage.
 */
final class StoreScanner {

  private static final int ROWS_AT_ONCE = 64;
  private static final int SESSIONS_AT_ONCE = 500;
  private static final long BYTES_AT_ONCE = 32 << 20;

  /** The place of a row, and the size of its document. */
  private record Place(String sessionId, long version, long bytes) {}

  /** A row with the column that no other reader needs. */
  private record Found(Row row, @Nullable String attributeHashes) {}

  /** What is wrong with a row. */
  private record Fault(FindingKind kind, String message) {}

  private final Database database;
  private final StatementDialect dialect;
  private final ErrorClassifier errors;
  private final Tables tables;
  private final CheckpointCodec codec;
  private final CheckpointReader reader;
  private final VerificationReport.Builder report;
  private final ErrorContext context = ErrorContext.of(JdbcBackendStorage.ID, "verify");

  StoreScanner(
      Database database,
      Dialect dialect,
      Tables tables,
      CheckpointCodec codec,
      CheckpointReader reader,
      VerificationOptions options) {
    this.database = database;
    this.dialect = dialect.statements();
    this.errors = dialect.errors();
    this.tables = tables;
    this.codec = codec;
    this.reader = reader;
    this.report = VerificationReport.builder(options);
  }

  VerificationReport scan() {
    requireTables();
    List<String> namespaces =
        query(
            row -> Objects.requireNonNull(dialect.id(row, "namespace")),
            "SELECT namespace FROM "
                + tables.session()
                + " UNION SELECT namespace FROM "
                + tables.history()
                + " ORDER BY namespace");
    for (String namespace : namespaces) {
      report.addNamespace();
      scanCheckpoints(namespace);
      compareLatest(namespace);
      findMissingSessions(namespace);
      findDuplicates(namespace);
    }
    return report.build();
  }

  /** One table of the two is damage, which the first query that needs the other one reports. */
  private void requireTables() {
    boolean hasAny =
        database.read(context, db -> exists(db, tables.session()) || exists(db, tables.history()));
    if (!hasAny) {
      throw new BackendConfigurationException(
          JdbcBackendStorage.ID,
          "there is no store: no tables "
              + tables.session()
              + " and "
              + tables.history()
              + "; check the schema and the table prefix");
    }
  }

  private boolean exists(DbSession db, String table) throws SQLException {
    try {
      return db.query(row -> true, "SELECT 1 FROM " + table + " WHERE 1 = 0").isEmpty();
    } catch (SQLException e) {
      if (errors.kind(e) == FailureKind.NO_TABLE) {
        return false;
      }
      throw e;
    }
  }

  // Rows and their documents

  private void scanCheckpoints(String namespace) {
    Place last = null;
    while (true) {
      List<Place> places = placesBehind(namespace, last);
      if (places.isEmpty()) {
        return;
      }
      for (Found found : rows(namespace, places)) {
        check(found).ifPresent(report::addIntact);
      }
      last = places.get(places.size() - 1);
    }
  }

  /** The next rows, as many as may be read at once; the first of them however large it is. */
  private List<Place> placesBehind(String namespace, @Nullable Place last) {
    List<Place> places = new ArrayList<>();
    if (last != null) {
      places.addAll(
          places(
              new Condition(
                  "namespace = ? AND session_id = ? AND version > ?",
                  List.of(dialect.id(namespace), dialect.id(last.sessionId), last.version)),
              ROWS_AT_ONCE));
    }
    if (places.size() < ROWS_AT_ONCE) {
      Condition behind =
          last == null
              ? new Condition("1 = 1", List.of())
              : dialect.isAfter("session_id", last.sessionId);
      List<Object> arguments = new ArrayList<>(List.of(dialect.id(namespace)));
      arguments.addAll(behind.arguments());
      places.addAll(
          places(
              new Condition("namespace = ? AND " + behind.sql(), arguments),
              ROWS_AT_ONCE - places.size()));
    }
    long sum = 0;
    for (int i = 0; i < places.size(); i++) {
      sum += places.get(i).bytes;
      if (sum > BYTES_AT_ONCE && i > 0) {
        return places.subList(0, i);
      }
    }
    return places;
  }

  private List<Place> places(Condition where, int count) {
    List<Object> arguments = new ArrayList<>(where.arguments());
    arguments.add(count);
    return query(
        row ->
            new Place(
                Objects.requireNonNull(dialect.id(row, "session_id")),
                row.getLong("version"),
                row.getLong("bytes")),
        "SELECT session_id, version, OCTET_LENGTH(document) AS bytes FROM "
            + tables.history()
            + " WHERE "
            + where.sql()
            + " ORDER BY namespace, session_id, version LIMIT ?",
        arguments.toArray());
  }

  /** The rows of some places, without those that were deleted in between. */
  private List<Found> rows(String namespace, List<Place> places) {
    List<Found> rows = new ArrayList<>();
    int start = 0;
    for (int end = 1; end <= places.size(); end++) {
      String session = places.get(start).sessionId;
      if (end == places.size() || !places.get(end).sessionId.equals(session)) {
        rows.addAll(
            rows(namespace, session, places.get(start).version, places.get(end - 1).version));
        start = end;
      }
    }
    return rows;
  }

  private List<Found> rows(String namespace, String session, long from, long to) {
    return database.read(
        context,
        db -> {
          List<Found> read =
              db.query(
                  row -> found(row, namespace),
                  "SELECT "
                      + Row.HEADER
                      + ", h.attribute_hashes, "
                      + dialect.document()
                      + " AS document FROM "
                      + tables.history()
                      + " h WHERE h.namespace = ? AND h.session_id = ?"
                      + " AND h.version >= ? AND h.version <= ?"
                      + " ORDER BY h.namespace, h.session_id, h.version",
                  dialect.id(namespace),
                  dialect.id(session),
                  from,
                  to);
          List<Found> complete = new ArrayList<>();
          for (Found found : read) {
            reader
                .complete(db, found.row)
                .ifPresent(row -> complete.add(new Found(row, found.attributeHashes)));
          }
          return complete;
        });
  }

  private Found found(ResultSet row, String namespace) throws SQLException {
    return new Found(Row.read(row, dialect, namespace, true), row.getString("attribute_hashes"));
  }

  /** The checkpoint of a row that is intact; a row that is not is read again and reported. */
  private Optional<Checkpoint> check(Found found) {
    Row row = found.row;
    report.addBytes(Objects.requireNonNull(row.document()).length);
    List<Fault> faults = new ArrayList<>();
    Optional<Checkpoint> intact = check(found, faults);
    if (!faults.isEmpty()) {
      faults.clear();
      intact = Optional.empty();
      for (Found again : rows(row.namespace(), row.sessionId(), row.version(), row.version())) {
        intact = check(again, faults);
      }
    }
    for (Fault fault : faults) {
      report(
          fault.kind,
          tables.history(),
          context
              .session(new SessionKey(row.namespace(), row.sessionId()))
              .checkpoint(row.namespace(), row.id()),
          fault.message);
    }
    return intact;
  }

  private Optional<Checkpoint> check(Found found, List<Fault> faults) {
    Row row = found.row;
    Checkpoint checkpoint;
    try {
      checkpoint = codec.decode(Objects.requireNonNull(row.document()));
    } catch (CodecException | IllegalArgumentException e) {
      faults.add(
          new Fault(
              FindingKind.DOCUMENT,
              "the document of version "
                  + row.version()
                  + " cannot be decoded: "
                  + e.getMessage()
                  + "; restore the row from a backup, or delete the checkpoint"));
      return Optional.empty();
    }
    if (!row.isOf(checkpoint)) {
      faults.add(
          new Fault(
              FindingKind.MISPLACED_DOCUMENT,
              "the document of version "
                  + row.version()
                  + " is that of the checkpoint '"
                  + checkpoint.id()
                  + "', version "
                  + checkpoint.version()
                  + ", of the session '"
                  + checkpoint.metadata().sessionId()
                  + "' in the namespace '"
                  + checkpoint.namespace()
                  + "'; restore the row from a backup, or delete the checkpoint"));
      return Optional.empty();
    }
    List<String> columns = differingColumns(found, checkpoint);
    if (!columns.isEmpty()) {
      faults.add(
          new Fault(
              FindingKind.HEADER,
              "the columns "
                  + String.join(", ", columns)
                  + " of version "
                  + row.version()
                  + " differ from its document; restore the row from a backup"));
    }
    return Optional.of(checkpoint);
  }

  private List<String> differingColumns(Found found, Checkpoint checkpoint) {
    Row row = found.row;
    List<String> columns = new ArrayList<>();
    if (!Objects.equals(row.taskId(), checkpoint.metadata().taskId().orElse(null))) {
      columns.add("task_id");
    }
    if (!Objects.equals(row.parentId(), checkpoint.parentId().orElse(null))) {
      columns.add("parent_id");
    }
    if (row.ts() != Micros.of(checkpoint.ts())) {
      columns.add("ts");
    }
    if (!Objects.equals(
        found.attributeHashes, AttributeHashes.of(checkpoint.metadata().attributes()))) {
      columns.add("attribute_hashes");
    }
    if (!hasAttributesOf(row, checkpoint)) {
      columns.add("attributes");
    }
    return columns;
  }

  private boolean hasAttributesOf(Row row, Checkpoint checkpoint) {
    if (row.attributes() == null) {
      return checkpoint.metadata().attributes().isEmpty();
    }
    try {
      return codec
          .decodeHeader(row.attributes())
          .metadata()
          .attributes()
          .equals(checkpoint.metadata().attributes());
    } catch (CodecException | IllegalArgumentException e) {
      return false;
    }
  }

  // Sessions

  /** What a session's row says, and what its checkpoints say, read by one statement. */
  private record Latest(
      String sessionId, long recorded, long stored, String recordedId, String storedId) {

    boolean isWrong() {
      return recorded != stored || !recordedId.equals(storedId);
    }

    FindingKind kind() {
      if (stored == 0) {
        return FindingKind.EMPTY_SESSION;
      }
      if (stored == recorded) {
        return FindingKind.WRONG_LATEST_ID;
      }
      return stored < recorded ? FindingKind.MISSING_LATEST : FindingKind.STALE_LATEST;
    }
  }

  private void compareLatest(String namespace) {
    Condition behind = new Condition("1 = 1", List.of());
    while (true) {
      List<Latest> read = latest(namespace, behind);
      for (Latest latest : read) {
        if (latest.isWrong() && isUnchanged(namespace, latest)) {
          report(
              latest.kind(),
              tables.session(),
              context.session(new SessionKey(namespace, latest.sessionId)),
              message(latest));
        }
      }
      if (read.size() < SESSIONS_AT_ONCE) {
        return;
      }
      behind = dialect.isAfter("session_id", read.get(read.size() - 1).sessionId);
    }
  }

  private boolean isUnchanged(String namespace, Latest latest) {
    Condition ofSession = new Condition("session_id = ?", List.of(dialect.id(latest.sessionId)));
    return latest(namespace, ofSession).contains(latest);
  }

  private static String message(Latest latest) {
    String correction =
        "set latest_version to the greatest version that is stored, and latest_id to its id";
    return switch (latest.kind()) {
      case EMPTY_SESSION ->
          "the session has no checkpoints, and version "
              + latest.recorded
              + " as its latest: something else than the store removed them; restore them from a"
              + " backup, or delete the session";
      case MISSING_LATEST ->
          "version "
              + latest.recorded
              + ", the latest of the session, is missing, the greatest that is stored is "
              + latest.stored
              + ": something else than the store removed it; restore it from a backup, or "
              + correction;
      case WRONG_LATEST_ID ->
          "version "
              + latest.stored
              + ", the latest of the session, has the id '"
              + latest.storedId
              + "', but the session has '"
              + latest.recordedId
              + "' as the id of its latest; "
              + correction;
      default ->
          "the session has version "
              + latest.stored
              + ", but version "
              + latest.recorded
              + " as its latest; "
              + correction;
    };
  }

  private List<Latest> latest(String namespace, Condition where) {
    List<Object> arguments = new ArrayList<>(List.of(dialect.id(namespace)));
    arguments.addAll(where.arguments());
    arguments.add(SESSIONS_AT_ONCE);
    return query(
        row ->
            new Latest(
                Objects.requireNonNull(dialect.id(row, "session_id")),
                row.getLong("latest_version"),
                row.getLong("stored"),
                Objects.requireNonNull(dialect.id(row, "latest_id")),
                Objects.requireNonNull(dialect.id(row, "stored_id"))),
        "SELECT session_id, latest_version, latest_id, "
            + CheckpointReader.greatestVersion(tables)
            + " AS stored, "
            + CheckpointReader.idOfGreatestVersion(tables)
            + " AS stored_id FROM "
            + tables.session()
            + " WHERE namespace = ? AND "
            + where.sql()
            + " ORDER BY namespace, session_id LIMIT ?",
        arguments.toArray());
  }

  private void findMissingSessions(String namespace) {
    for (String session : missingSessions(namespace, new Condition("1 = 1", List.of()))) {
      Condition ofSession = new Condition("h.session_id = ?", List.of(dialect.id(session)));
      if (!missingSessions(namespace, ofSession).isEmpty()) {
        report(
            FindingKind.MISSING_SESSION,
            tables.session(),
            context.session(new SessionKey(namespace, session)),
            "checkpoints of the session are stored, but not the session; insert its row into "
                + tables.session()
                + ", with the greatest version that is stored and the id of that");
      }
    }
  }

  private List<String> missingSessions(String namespace, Condition where) {
    List<Object> arguments = new ArrayList<>(List.of(dialect.id(namespace)));
    arguments.addAll(where.arguments());
    return query(
        row -> Objects.requireNonNull(dialect.id(row, "session_id")),
        "SELECT DISTINCT h.session_id FROM "
            + tables.history()
            + " h WHERE h.namespace = ? AND "
            + where.sql()
            + " AND NOT EXISTS (SELECT 1 FROM "
            + tables.session()
            + " s WHERE s.namespace = h.namespace AND s.session_id = h.session_id)",
        arguments.toArray());
  }

  private void findDuplicates(String namespace) {
    query(
            row -> Objects.requireNonNull(dialect.id(row, "id")),
            "SELECT id FROM "
                + tables.history()
                + " WHERE namespace = ? GROUP BY id HAVING COUNT(*) > 1",
            dialect.id(namespace))
        .forEach(
            id ->
                report(
                    FindingKind.DUPLICATE_ID,
                    tables.history(),
                    context.checkpoint(namespace, id),
                    "the id is stored more than once; restore the unique index of "
                        + tables.history()));
    record Version(String sessionId, long version) {}
    query(
            row ->
                new Version(
                    Objects.requireNonNull(dialect.id(row, "session_id")), row.getLong("version")),
            "SELECT session_id, version FROM "
                + tables.history()
                + " WHERE namespace = ? GROUP BY session_id, version HAVING COUNT(*) > 1",
            dialect.id(namespace))
        .forEach(
            twice ->
                report(
                    FindingKind.DUPLICATE_VERSION,
                    tables.history(),
                    context.session(new SessionKey(namespace, twice.sessionId)),
                    "version "
                        + twice.version
                        + " is stored more than once; restore the primary key of "
                        + tables.history()));
  }

  private void report(FindingKind kind, String table, ErrorContext about, String message) {
    report.add(Finding.of(kind, Severity.DAMAGE, about, table, message));
  }

  private <T> List<T> query(DbSession.RowReader<T> reader, String sql, Object... arguments) {
    return database.read(context, db -> db.query(reader, sql, arguments));
  }
}
