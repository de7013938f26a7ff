package dev.checkpoint4j.benchmarks.media;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One table with the columns that the operations need, an index for each, and the column type of
 * the library's documents; one statement a transaction, on connections of the same pool.
 */
final class BareJdbc implements Medium {

  private static final int POOL_SIZE = 10;

  private final Place place;
  private final String table;
  private final HikariDataSource pool;

  private interface Work<T> {
    T on(PreparedStatement statement) throws SQLException;
  }

  BareJdbc(Place place) {
    this.place = place;
    table = place.tablePrefix() + "bare";
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(place.jdbcUrl());
    config.setMaximumPoolSize(POOL_SIZE);
    config.setMinimumIdle(1);
    if (place.backend() == Backend.SQLITE) {
      config.addDataSourceProperty("busy_timeout", "30000");
      config.addDataSourceProperty("journal_mode", "WAL");
      config.addDataSourceProperty("synchronous", "FULL");
    }
    pool = new HikariDataSource(config);
    createTable();
  }

  private void createTable() {
    String text =
        switch (place.backend()) {
          case POSTGRESQL -> "TEXT COLLATE \"C\"";
          case MARIADB -> "VARBINARY(512)";
          case SQLITE -> "TEXT";
          default -> "CHARACTER VARYING(512)";
        };
    String bytes =
        switch (place.backend()) {
          case POSTGRESQL -> "BYTEA";
          case MARIADB -> "LONGBLOB";
          case SQLITE -> "BLOB";
          default -> "BINARY LARGE OBJECT";
        };
    String suffix = place.backend() == Backend.MARIADB ? " ENGINE=InnoDB ROW_FORMAT=DYNAMIC" : "";
    execute(
        "CREATE TABLE IF NOT EXISTS %s (session_id %s NOT NULL, version BIGINT NOT NULL, id %s NOT NULL, document %s NOT NULL, PRIMARY KEY (session_id, version), UNIQUE (id))%s"
            .formatted(table, text, text, bytes, suffix));
    if (place.backend() == Backend.POSTGRESQL) {
      execute("ALTER TABLE " + table + " ALTER COLUMN document SET STORAGE EXTERNAL");
    }
  }

  private void execute(String sql) {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private <T> T with(String sql, Work<T> work) {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      return work.on(statement);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  @Override
  public Object put(String session, long version, Map<String, @Nullable Object> values) {
    byte[] document = Documents.encode(session, version, values);
    return with(
        "INSERT INTO " + table + " (session_id, version, id, document) VALUES (?, ?, ?, ?)",
        statement -> {
          statement.setString(1, session);
          statement.setLong(2, version);
          statement.setString(3, Documents.id(session, version));
          statement.setBytes(4, document);
          return statement.executeUpdate();
        });
  }

  @Override
  public Object latest(String session) {
    return documents(newest(), session, null).get(0);
  }

  private String newest() {
    return "SELECT document FROM "
        + table
        + " WHERE session_id = ? ORDER BY session_id DESC, version DESC LIMIT 1";
  }

  private List<Map<?, ?>> documents(String sql, String key, @Nullable Long version) {
    return with(
        sql,
        statement -> {
          statement.setString(1, key);
          if (version != null) {
            statement.setLong(2, version);
          }
          try (ResultSet rows = statement.executeQuery()) {
            List<Map<?, ?>> documents = new ArrayList<>();
            while (rows.next()) {
              documents.add(Documents.decode(rows.getBytes(1)));
            }
            return documents;
          }
        });
  }

  @Override
  public long latestVersion(String session) {
    List<Map<?, ?>> latest = documents(newest(), session, null);
    return latest.isEmpty() ? 0 : Documents.version(latest.get(0));
  }

  @Override
  public Object get(String session, String id) {
    return documents("SELECT document FROM " + table + " WHERE id = ?", id, null).get(0);
  }

  @Override
  public List<String> ids(String session) {
    return texts("SELECT id FROM " + table + " WHERE session_id = ?", session);
  }

  private List<String> texts(String sql, String session) {
    return with(
        sql,
        statement -> {
          statement.setString(1, session);
          try (ResultSet rows = statement.executeQuery()) {
            List<String> texts = new ArrayList<>();
            while (rows.next()) {
              texts.add(rows.getString(1));
            }
            return texts;
          }
        });
  }

  @Override
  public Object list(String session, @Nullable String cursor) {
    return documents(
        "SELECT document FROM "
            + table
            + " WHERE session_id = ? AND version < ? ORDER BY session_id DESC, version DESC LIMIT "
            + PAGE,
        session,
        cursor == null ? Long.MAX_VALUE : Long.parseLong(cursor));
  }

  @Override
  public Object listHeaders(String session) {
    return texts(
        "SELECT id, session_id, version FROM "
            + table
            + " WHERE session_id = ? ORDER BY session_id DESC, version DESC LIMIT "
            + PAGE,
        session);
  }

  @Override
  public String cursorBehind(String session, int count) {
    return Long.toString(latestVersion(session) - count + 1);
  }

  @Override
  public Object save(String session, Map<String, @Nullable Object> values) {
    return put(session, latestVersion(session) + 1, values);
  }

  @Override
  public Object deleteSession(String session) {
    return with(
        "DELETE FROM " + table + " WHERE session_id = ?",
        statement -> {
          statement.setString(1, session);
          return statement.executeUpdate();
        });
  }

  @Override
  public long storedBytes() {
    return switch (place.backend()) {
      case H2, SQLITE -> place.fileBytes();
      default -> tableBytes(place);
    };
  }

  @Override
  public void close() {
    pool.close();
  }

  /** Tables, their indexes and what is beside them, of a place on a server. */
  static long tableBytes(Place place) {
    String sql =
        place.backend() == Backend.POSTGRESQL
            ? "SELECT SUM(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND"
                + " starts_with(relname, '%s')"
            : "SELECT SUM(file_size) FROM information_schema.innodb_sys_tablespaces WHERE"
                + " INSTR(name, '/%s') > 0";
    try (Connection connection = DriverManager.getConnection(place.jdbcUrl());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql.formatted(place.tablePrefix()))) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static void dropTables(Place place) {
    try (Connection connection = DriverManager.getConnection(place.jdbcUrl());
        Statement statement = connection.createStatement()) {
      for (String table : List.of("bare", "history", "session", "migration")) {
        statement.execute("DROP TABLE IF EXISTS " + place.tablePrefix() + table);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
