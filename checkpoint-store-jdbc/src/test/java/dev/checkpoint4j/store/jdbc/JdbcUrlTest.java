package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JdbcUrlTest {

  @ParameterizedTest
  @CsvSource({
    "jdbc:h2:./a b/db, ./a b/db.mv.db",
    "jdbc:h2:file:/a/db;WRITE_DELAY=0;MODE=x, /a/db.mv.db",
    "jdbc:h2:async:./a/db;WRITE_DELAY=0, ./a/db.mv.db",
    "jdbc:h2:nio:/a/db, /a/db.mv.db",
    "jdbc:sqlite:a/x.db, a/x.db",
    "jdbc:sqlite:/a/x.db?journal_mode=WAL, /a/x.db"
  })
  void theFileOfADatabaseIsSeen(String url, Path file) {
    assertThat(JdbcUrl.file(url)).as("the file of %s", url).contains(file);
  }

  @ParameterizedTest
  @CsvSource({
    "jdbc:h2:./db, jdbc:h2:./db;IFEXISTS=TRUE",
    "jdbc:h2:./db;ifexists=false;MODE=x, jdbc:h2:./db;MODE=x;IFEXISTS=TRUE",
    "jdbc:h2:~/db, jdbc:h2:~/db;IFEXISTS=TRUE",
    "jdbc:sqlite:x.db, jdbc:sqlite:x.db?open_mode=2",
    "jdbc:sqlite:x.db?open_mode=6, jdbc:sqlite:x.db?open_mode=6&open_mode=2",
    "jdbc:sqlite:file:x.db?mode=rwc, jdbc:sqlite:file:x.db?mode=rw&open_mode=2",
    "jdbc:sqlite:file:x.db?mode=rwc&cache=private, jdbc:sqlite:file:x.db?mode=rw&cache=private&open_mode=2",
    "jdbc:sqlite:file:x.db?mode=ro, jdbc:sqlite:file:x.db?mode=ro&open_mode=2",
    "jdbc:mariadb://h/db?createdatabaseIfNotExist=true&a=b, jdbc:mariadb://h/db?createdatabaseIfNotExist=false&a=b",
    "jdbc:postgresql://h/db?a=b, jdbc:postgresql://h/db?a=b"
  })
  void theDriverIsToldToCreateNothing(String url, String expected) {
    assertThat(JdbcUrl.withoutCreating(url)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:h2:mem:x",
        "jdbc:h2:tcp://host/db",
        "jdbc:h2:~/db",
        "jdbc:h2:file:~/db",
        "jdbc:h2:zip:a.zip!/db",
        "jdbc:sqlite:",
        "jdbc:sqlite::memory:",
        "jdbc:sqlite:file:a.db?mode=ro",
        "jdbc:postgresql:db",
        "file:./state"
      })
  void whatDoesNotSimplyNameAFileIsLeftToTheDriver(String url) {
    assertThat(JdbcUrl.file(url)).as("the file of %s", url).isEmpty();
  }
}
