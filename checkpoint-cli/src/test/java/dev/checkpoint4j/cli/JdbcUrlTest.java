package dev.checkpoint4j.cli;

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
    "jdbc:sqlite:a/x.db, a/x.db",
    "jdbc:sqlite:/a/x.db?journal_mode=WAL, /a/x.db"
  })
  void theFileOfADatabaseIsSeen(String url, Path file) {
    assertThat(JdbcUrl.file(url)).as("the file of %s", url).contains(file);
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
