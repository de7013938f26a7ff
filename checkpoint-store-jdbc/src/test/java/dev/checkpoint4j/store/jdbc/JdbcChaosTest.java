package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.tck.ChaosStore;
import dev.checkpoint4j.tck.ChaosSuite;
import dev.checkpoint4j.testsupport.MariaDbServer;
import dev.checkpoint4j.testsupport.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens to some threads and processes costs the others nothing, and nobody his data. */
@Tag("soak")
class JdbcChaosTest {

  /** Tables in a database. */
  record Store(TestDatabase database, String prefix, Path directory) implements ChaosStore {

    Store(String argument) {
      this(argument.split(" ", 3));
    }

    private Store(String[] words) {
      this(TestDatabase.valueOf(words[0]), words[1], Path.of(words[2]));
    }

    String argument() {
      return "%s %s %s".formatted(database, prefix, directory);
    }

    @Override
    public BackendStorage open(CheckpointCodec codec) {
      return database.store(directory, prefix).codec(codec).open();
    }

    @Override
    public Optional<List<String>> verify() {
      try (JdbcBackendStorage store = database.store(directory, prefix).open()) {
        return Optional.of(
            Verified.report(store).findings().stream().map(Object::toString).toList());
      }
    }
  }

  private static Map<String, String> childProperties(TestDatabase database) {
    return switch (database) {
      case POSTGRESQL -> PostgresServer.childProperties();
      case MARIADB -> MariaDbServer.childProperties();
      default -> Map.of();
    };
  }

  private static ChaosSuite.Builder suite(String name, Store store) {
    return ChaosSuite.builder(name + "-" + store.database(), store)
        .threads(8)
        .operations(20_000)
        .roundTime(Duration.ofSeconds(4))
        .patience(Duration.ofSeconds(120));
  }

  @ParameterizedTest
  @EnumSource
  void interruptsCancellationsDeadlinesAndClosedHandles(TestDatabase database, @TempDir Path temp) {
    suite("jdbc", new Store(database, TestDatabase.newPrefix(), temp)).runAndAssertClean();
  }

  /** Those in files belong to one process, or have all others wait for it. */
  @ParameterizedTest
  @EnumSource(names = {"POSTGRESQL", "MARIADB"})
  void killedProcesses(TestDatabase database, @TempDir Path temp) {
    Store store = new Store(database, TestDatabase.newPrefix(), temp);
    suite("jdbc-processes", store)
        .processes(2, store.argument())
        .processProperties(childProperties(database))
        .killingProcesses()
        .runAndAssertClean();
  }
}
