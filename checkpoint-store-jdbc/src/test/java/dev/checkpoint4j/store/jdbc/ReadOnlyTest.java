package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.StorageAccessDeniedException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever makes connections read only, every write is refused, and nothing is changed. */
@Timeout(120)
class ReadOnlyTest {

  @TempDir private Path directory;
  private final String prefix = TestDatabase.newPrefix();
  private final Checkpoint first = Checkpoint.empty("s");

  private void storeFirst(TestDatabase database) {
    try (JdbcBackendStorage store = database.store(directory, prefix).open()) {
      store.put(first, Expectation.any());
    }
  }

  private void assertRefusesWrites(JdbcBackendStorage store) {
    assertThat(store.getBySession(first.sessionKey())).as("the latest").contains(first);
    assertThatThrownBy(() -> store.put(first.next().build(), Expectation.any()))
        .as("a put")
        .isInstanceOf(StorageAccessDeniedException.class)
        .hasMessageContaining("nothing was changed");
    assertThatThrownBy(() -> store.delete("default", List.of(first.id())))
        .as("a deletion")
        .isInstanceOf(StorageAccessDeniedException.class)
        .hasMessageContaining("nothing was changed");
    assertThatThrownBy(() -> store.deleteBySession(first.sessionKey()))
        .as("a deletion of the session")
        .isInstanceOf(StorageAccessDeniedException.class)
        .hasMessageContaining("nothing was changed");
    assertThat(store.getBySession(first.sessionKey())).as("what is left").contains(first);
  }

  /** H2 takes what a pool sets for a hint, which it ignores; SQLite refuses to be told later. */
  @ParameterizedTest
  @EnumSource(names = {"POSTGRESQL", "MARIADB"})
  void connectionsOfThePool(TestDatabase database) {
    storeFirst(database);
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.url(directory));
    config.setReadOnly(true);
    try (HikariDataSource pool = new HikariDataSource(config);
        JdbcBackendStorage store =
            JdbcBackendStorage.builder()
                .dataSource(pool)
                .tablePrefix(prefix)
                .schemaMode(SchemaMode.VALIDATE)
                .codec(TestCodec.INSTANCE)
                .open()) {
      assertRefusesWrites(store);
    }
  }

  @ParameterizedTest
  @EnumSource
  void databaseOfTheUrl(TestDatabase database) {
    storeFirst(database);
    String url = database.url(directory);
    String readOnly =
        switch (database) {
          case H2 -> url + ";ACCESS_MODE_DATA=r";
          case SQLITE -> url.replace("sqlite:", "sqlite:file:") + "?mode=ro";
          case POSTGRESQL -> url + "&readOnly=true";
          case MARIADB -> url + "&sessionVariables=transaction_read_only=1";
        };
    try (JdbcBackendStorage store =
        database.store(directory, prefix).url(readOnly).schemaMode(SchemaMode.VALIDATE).open()) {
      assertRefusesWrites(store);
    }
  }
}
