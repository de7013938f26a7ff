package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.VerifyingProvider;
import dev.checkpoint4j.tck.VerificationTck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** The contract of verification on one engine. */
abstract class JdbcVerificationTck extends VerificationTck {

  private final TestDatabase database;
  private final String prefix = TestDatabase.newPrefix();

  @TempDir private Path temp;

  JdbcVerificationTck(TestDatabase database) {
    this.database = database;
  }

  @Override
  protected VerifyingProvider provider() {
    return new JdbcBackendProvider();
  }

  /** Verification ignores that opening creates the tables. */
  @Override
  protected BackendConfig config() {
    return BackendConfig.parse(
        provider(),
        database.url(temp),
        Map.of("tablePrefix", prefix, "schemaMode", "create", "dialect", dialectName()));
  }

  private String dialectName() {
    return database.dialect().name().toLowerCase(Locale.ROOT);
  }

  @Override
  protected void damage(Checkpoint stored) throws SQLException {
    database.execute(
        temp,
        "UPDATE %shistory SET document = SUBSTR(document, 1, 40) WHERE id = '%s'"
            .formatted(prefix, stored.id()));
  }

  /** The rows of all tables; of an embedded database that does not exist, that there is none. */
  @Override
  protected List<String> content() throws SQLException, IOException {
    List<String> content = new ArrayList<>();
    boolean isEmbedded = database == TestDatabase.H2 || database == TestDatabase.SQLITE;
    try (Stream<Path> files = Files.list(temp)) {
      if (isEmbedded && files.findAny().isEmpty()) {
        return content;
      }
    }
    try (Connection connection = DriverManager.getConnection(database.url(temp))) {
      for (String table : List.of("session", "history", "migration")) {
        content.addAll(rows(connection, prefix + table));
      }
    }
    return content;
  }

  private static List<String> rows(Connection connection, String table) throws SQLException {
    List<String> content = new ArrayList<>();
    try (ResultSet found = connection.getMetaData().getTables(null, null, null, null)) {
      boolean exists = false;
      while (found.next()) {
        exists |= found.getString("TABLE_NAME").equalsIgnoreCase(table);
      }
      if (!exists) {
        return content;
      }
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM " + table)) {
      while (rows.next()) {
        StringBuilder row = new StringBuilder(table);
        for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
          row.append('|').append(rows.getString(column));
        }
        content.add(row.toString());
      }
    }
    content.sort(null);
    return content;
  }
}
