package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Opens a store with options that are checked: connects, finds out what database answers, refuses
 * connections and settings that would break a promise of the store, and creates or compares the
 * tables. Runs within the deadline of its caller.
 *
 * @param named the kind of database, if the options or the URL name it
 * @param schema the schema of the tables, or {@code null} for that of the connection
 * @param schemaMode what happens to the tables, or {@code null} for what suits the database
 */
record JdbcStoreOpener(
    Optional<JdbcDialect> named,
    @Nullable String schema,
    String tablePrefix,
    @Nullable SchemaMode schemaMode,
    CheckpointCodec codec,
    int fetchSize,
    Duration callTimeout) {

  private static final ErrorContext CONTEXT = ErrorContext.of(JdbcBackendStorage.ID, "open");

  /** Opens a store by its URL. If it cannot be opened, no connection is left. */
  JdbcBackendStorage open(ConnectionSource.Settings given) {
    JdbcDialect kind = named.orElseThrow(() -> refusal(JdbcDialect.unknown("the URL")));
    Dialect dialect = kind.make();
    if (kind == JdbcDialect.SQLITE) {
      // Its error does not say why the file cannot be opened.
      checkFolder(given.url());
    }
    ConnectionSource source;
    try {
      source = ConnectionSource.of(given.completedFor(dialect), kind, dialect);
    } catch (SQLException e) {
      Secrets secrets = new Secrets(given.url(), given.properties().getProperty("password"));
      throw SqlErrors.notConnected(secrets.hidden(e), dialect.errors(), CONTEXT);
    }
    try {
      return open(source);
    } catch (Throwable e) {
      source.closer().run();
      throw e;
    }
  }

  private static void checkFolder(String url) {
    JdbcUrl.file(url)
        .map(file -> file.toAbsolutePath().getParent())
        .filter(folder -> !Files.isDirectory(folder))
        .ifPresent(
            folder -> {
              throw refusal(
                  "the folder of the database does not exist: "
                      + folder
                      + ". Create it, or correct the URL");
            });
  }

  /** Opens a store on connections of a source, which stays open if the store cannot be opened. */
  JdbcBackendStorage open(ConnectionSource source) {
    Dialect dialect;
    Database database;
    try {
      Connection first = source.factory().openConnection();
      try {
        dialect = (named.isPresent() ? named.get() : kindOf(first)).make();
        checkTransactions(first);
        database = Database.of(source, dialect, first, fetchSize, callTimeout);
      } finally {
        first.close();
      }
      checkIsNotShared(first);
    } catch (SQLException e) {
      throw SqlErrors.notApplied(e, ErrorClassifier.standardKind(e), "", CONTEXT);
    }
    Tables tables = database.read(CONTEXT, db -> locate(dialect.schema(), db.connection()));
    DatabaseGuarantees guarantees = database.declare(CONTEXT);
    JdbcBackendStorageBuilder.refuseIfAny(guarantees.problems());
    prepare(database, dialect, tables);
    return new JdbcBackendStorage(
        database, dialect, guarantees, tables, codec, callTimeout, source.closer());
  }

  private static JdbcDialect kindOf(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    return JdbcDialect.ofProduct(product)
        .orElseThrow(() -> refusal(JdbcDialect.unknown("the database " + product)));
  }

  private static void checkTransactions(Connection connection) throws SQLException {
    if (!connection.getAutoCommit()) {
      throw refusal(
          "autoCommit is off in the connections of the DataSource: a transaction of the"
              + " application may be open. Use a pool that leaves autoCommit on, and open the store"
              + " outside of transactions");
    }
    List<String> problems = isolationProblems(connection);
    if (!problems.isEmpty()) {
      throw refusal(problems.get(0));
    }
  }

  static List<String> isolationProblems(Connection connection) throws SQLException {
    return connection.getTransactionIsolation() == Connection.TRANSACTION_READ_UNCOMMITTED
        ? List.of(
            "the isolation of the connections is READ UNCOMMITTED: reads could return a checkpoint"
                + " that is rolled back. Set READ COMMITTED or a stricter isolation")
        : List.of();
  }

  /** A pool's connection is closed for who closes it; one that is kept open serves many users. */
  private static void checkIsNotShared(Connection closed) throws SQLException {
    if (!closed.isClosed()) {
      throw refusal(
          "the DataSource returns a connection that stays open after close(), so all threads share"
              + " one: the rollback of a thread would undo what another has saved. Use a pool, or open"
              + " the store by its URL");
    }
  }

  /** Found out once: each connection may have another search path, or another schema first. */
  private Tables locate(SchemaDialect dialect, Connection connection) throws SQLException {
    String found =
        schema == null ? dialect.currentSchema(connection) : dialect.folded(connection, schema);
    if (found == null) {
      throw refusal(
          "the connection has no current schema (MariaDB, MySQL: database) that exists; name one in"
              + " the URL, or set the option schema");
    }
    return new Tables(found, dialect.quoted(found) + ".", tablePrefix);
  }

  private void prepare(Database database, Dialect dialect, Tables tables) {
    Schema wanted = new Schema(dialect, tables);
    SchemaMode suitable = dialect.isEmbedded() ? SchemaMode.CREATE : SchemaMode.VALIDATE;
    switch (schemaMode == null ? suitable : schemaMode) {
      case CREATE -> {
        // A database that is read only may be looked into.
        if (!database.read(CONTEXT, wanted::isComplete)) {
          database.write(CONTEXT, wanted::create);
        }
      }
      case VALIDATE -> database.read(CONTEXT, wanted::validate);
      case NONE -> {}
    }
  }

  private static BackendConfigurationException refusal(String problem) {
    return new BackendConfigurationException(JdbcBackendStorage.ID, problem);
  }
}
