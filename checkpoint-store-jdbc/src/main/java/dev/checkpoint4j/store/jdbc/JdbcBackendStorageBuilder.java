package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.annotation.CheckReturnValue;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.ServiceLoader;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link JdbcBackendStorage} on a {@link DataSource} of the application, or on a URL.
 * Everything else has a default. Not safe for use by several threads.
 */
@CanIgnoreReturnValue
public final class JdbcBackendStorageBuilder {

  static final int DEFAULT_POOL_SIZE = 10;

  /** How long a statement may take on a server by default. */
  public static final Duration DEFAULT_QUERY_TIMEOUT = Duration.ofSeconds(30);

  private @Nullable DataSource dataSource;
  private @Nullable String url;
  private @Nullable String user;
  private @Nullable String password;
  private @Nullable CheckpointCodec codec;
  private @Nullable JdbcDialect dialect;
  private @Nullable String schema;
  private @Nullable SchemaMode schemaMode;
  private @Nullable Isolation isolation;
  private @Nullable Duration queryTimeout;
  private @Nullable Integer poolSize;
  private String tablePrefix = Tables.DEFAULT_PREFIX;
  private int fetchSize;
  private Duration timeForAttempts = Duration.ofSeconds(20);

  JdbcBackendStorageBuilder() {}

  /**
   * Sets where connections come from: the pool itself, with {@code autoCommit} on, not a {@code
   * DataSource} that binds connections to the transactions of the application; a connection that
   * does not commit by itself is refused. Closing the store does not close it. On H2, a {@link
   * #queryTimeout} stays set on its connections. Either this or {@link #url} is required.
   */
  public JdbcBackendStorageBuilder dataSource(DataSource dataSource) {
    this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
    return this;
  }

  /**
   * Sets the JDBC URL of the database. Its connections are pooled if HikariCP is on the class path,
   * and otherwise made for each operation. H2 gets {@code ;WRITE_DELAY=0} and {@code
   * ;MAX_LENGTH_INPLACE_LOB=4096} unless the URL has a value for it, and a file of H2 is opened by
   * its file system {@code retry:}, which an interrupted thread does not close: who opens the same
   * file in the same process himself writes {@code jdbc:h2:retry:./path} as well. SQLite gets
   * {@code journal_mode=WAL}, {@code synchronous=FULL} and {@code busy_timeout=30000} unless the
   * URL says otherwise. Either this or {@link #dataSource} is required.
   */
  public JdbcBackendStorageBuilder url(String url) {
    this.url = Objects.requireNonNull(url, "url");
    return this;
  }

  /** Sets the user to connect as, with a {@link #url} only. */
  public JdbcBackendStorageBuilder user(String user) {
    this.user = Objects.requireNonNull(user, "user");
    return this;
  }

  /** Sets the password of the user, with a {@link #url} only. */
  public JdbcBackendStorageBuilder password(String password) {
    this.password = Objects.requireNonNull(password, "password");
    return this;
  }

  /** Sets the most connections of the pool, with a {@link #url} only; 10 unless called. */
  public JdbcBackendStorageBuilder poolSize(int poolSize) {
    this.poolSize = poolSize;
    return this;
  }

  /**
   * Sets the isolation of transactions, with a {@link #url} only; that of the database unless
   * called. Behind a pooler that gives each transaction another connection, set it in the database
   * instead.
   */
  public JdbcBackendStorageBuilder isolation(Isolation isolation) {
    this.isolation = Objects.requireNonNull(isolation, "isolation");
    return this;
  }

  /**
   * Sets how checkpoints become bytes; the one codec that {@link ServiceLoader} finds unless
   * called.
   */
  public JdbcBackendStorageBuilder codec(CheckpointCodec codec) {
    this.codec = Objects.requireNonNull(codec, "codec");
    return this;
  }

  /** Sets the kind of database; the one that its driver names unless called. */
  public JdbcBackendStorageBuilder dialect(JdbcDialect dialect) {
    this.dialect = Objects.requireNonNull(dialect, "dialect");
    return this;
  }

  /**
   * Sets the schema (of MariaDB and MySQL: the database) of the tables, which exists; that of the
   * connection unless called. A letter or underscore followed by at most 62 letters, digits and
   * underscores. SQLite has none.
   */
  public JdbcBackendStorageBuilder schema(String schema) {
    this.schema = Objects.requireNonNull(schema, "schema");
    return this;
  }

  /**
   * Sets what the names of the tables begin with; {@code checkpoint_} unless called. A lower-case
   * letter followed by at most 29 lower-case letters, digits and underscores. Stores with different
   * prefixes are different stores.
   */
  public JdbcBackendStorageBuilder tablePrefix(String tablePrefix) {
    this.tablePrefix = Objects.requireNonNull(tablePrefix, "tablePrefix");
    return this;
  }

  /**
   * Sets what happens to the tables when the store is opened; unless called {@link
   * SchemaMode#CREATE} for H2 and SQLite and {@link SchemaMode#VALIDATE} for the others.
   */
  public JdbcBackendStorageBuilder schemaMode(SchemaMode schemaMode) {
    this.schemaMode = Objects.requireNonNull(schemaMode, "schemaMode");
    return this;
  }

  /**
   * Sets how long a statement may take, in whole seconds, rounded up; 30 s unless called, and
   * without a limit on H2 and SQLite.
   */
  public JdbcBackendStorageBuilder queryTimeout(Duration queryTimeout) {
    this.queryTimeout = Objects.requireNonNull(queryTimeout, "queryTimeout");
    return this;
  }

  /** For how long a transaction that others are in the way of is repeated; tests do not wait. */
  JdbcBackendStorageBuilder timeForAttempts(Duration timeForAttempts) {
    this.timeForAttempts = timeForAttempts;
    return this;
  }

  /**
   * Sets how many rows of a listing the driver fetches at a time; what the driver does by itself
   * unless called, which is often: all of them.
   */
  public JdbcBackendStorageBuilder fetchSize(int fetchSize) {
    this.fetchSize = fetchSize;
    return this;
  }

  /**
   * The script that makes the tables, without connecting to the database.
   *
   * @throws BackendConfigurationException if the schema or the prefix is illegal, or neither the
   *     URL nor {@link #dialect} tells the kind of database
   */
  @CheckReturnValue
  public String schemaScript() {
    List<String> problems = new ArrayList<>();
    Optional<JdbcDialect> known = dialectOfUrl();
    if (known.isEmpty()) {
      problems.add(unknownDatabase("The URL"));
    }
    checkTables(known, problems);
    refuseIfAny(problems);
    return new Schema(known.orElseThrow().make(), new Tables(schema, tablePrefix)).script();
  }

  private Optional<JdbcDialect> dialectOfUrl() {
    return dialect != null
        ? Optional.of(dialect)
        : Optional.ofNullable(url).flatMap(JdbcDialect::ofUrl);
  }

  private static String unknownDatabase(String what) {
    return what
        + " is not of a database that the store knows ("
        + JdbcDialect.names()
        + "); if it behaves as one of them, name that one with the option dialect";
  }

  private void checkTables(Optional<JdbcDialect> known, List<String> problems) {
    Tables.check(schema, tablePrefix, problems);
    if (schema != null && known.equals(Optional.of(JdbcDialect.SQLITE))) {
      problems.add("SQLite has no schemas; leave out the option schema");
    }
  }

  private static void refuseIfAny(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new BackendConfigurationException(JdbcBackendStorage.ID, problems, null);
    }
  }

  /**
   * Connects to the database, makes or compares the tables as the {@link #schemaMode} says, and
   * opens the store.
   *
   * @throws BackendConfigurationException listing everything that is wrong with what was set, with
   *     the settings of the database, or with the tables
   * @throws dev.checkpoint4j.error.CheckpointException if the database cannot be reached or refuses
   *     access
   */
  @CheckReturnValue
  public JdbcBackendStorage open() {
    refuseIfAny(problems());
    DataSource given = dataSource;
    if (given != null) {
      return open(new ConnectionSource(given::getConnection, () -> {}), Optional.empty());
    }
    String location = Objects.requireNonNull(url);
    JdbcDialect named =
        dialectOfUrl()
            .orElseThrow(
                () ->
                    new BackendConfigurationException(
                        JdbcBackendStorage.ID, unknownDatabase("the URL")));
    Dialect made = named.make();
    ConnectionSource source;
    try {
      source = ConnectionSource.of(settings(made, location), named, made);
    } catch (SQLException e) {
      throw Database.unreachable(
          new Secrets(location, password).hidden(e),
          made,
          ErrorContext.of(JdbcBackendStorage.ID, "open"));
    }
    try {
      return open(source, Optional.of(named));
    } catch (Throwable e) {
      source.closer().run();
      throw e;
    }
  }

  private List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (codec == null && codecs().size() != 1) {
      problems.add(
          codecs().size()
              + " codecs are registered for ServiceLoader; have dev.checkpoint4j:checkpoint-core on"
              + " the class path, which brings one, or set a codec");
    }
    if ((dataSource == null) == (url == null)) {
      problems.add("either a dataSource or a url has to be set, and not both");
    }
    if (dataSource != null
        && (user != null || password != null || poolSize != null || isolation != null)) {
      problems.add(
          "user, password, poolSize and isolation are those of the dataSource, and are set there");
    }
    if (poolSize != null && poolSize < 1) {
      problems.add("poolSize " + poolSize + " is less than 1");
    }
    if (fetchSize < 0) {
      problems.add("fetchSize " + fetchSize + " is negative");
    }
    if (queryTimeout != null && (queryTimeout.isNegative() || queryTimeout.isZero())) {
      problems.add("queryTimeout " + queryTimeout + " is not positive");
    }
    checkTables(dialectOfUrl(), problems);
    return problems;
  }

  private static List<CheckpointCodec> codecs() {
    return ServiceLoader.load(CheckpointCodec.class).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }

  private ConnectionSource.Settings settings(Dialect made, String location) {
    String complete = made.url(location);
    Properties properties = made.properties(complete);
    if (user != null) {
      properties.setProperty("user", user);
    }
    if (password != null) {
      properties.setProperty("password", password);
    }
    return new ConnectionSource.Settings(
        complete, properties, poolSize == null ? DEFAULT_POOL_SIZE : poolSize, isolation);
  }

  JdbcBackendStorage open(ConnectionSource source, Optional<JdbcDialect> named) {
    ErrorContext context = ErrorContext.of(JdbcBackendStorage.ID, "open");
    Dialect made;
    Database database;
    try {
      Connection first = source.factory().openConnection();
      try {
        made = (named.isPresent() ? named.get() : dialectOf(first)).make();
        checkTransactions(first);
        database =
            Database.of(
                source.factory(),
                made,
                first,
                new Database.Limits(fetchSize, seconds(made), timeForAttempts));
      } finally {
        first.close();
      }
    } catch (SQLException e) {
      throw SqlErrors.notApplied(e, SqlErrors.standardKind(e), "", context);
    }
    Tables tables = new Tables(schema, tablePrefix);
    Dialect.Promises promises = database.read(context, made::promises);
    refuseIfAny(promises.problems());
    prepare(new Schema(made, tables), made, database, context);
    return new JdbcBackendStorage(
        database, made, promises, tables, codec == null ? codecs().get(0) : codec, source.closer());
  }

  private static void checkTransactions(Connection connection) throws SQLException {
    if (!connection.getAutoCommit()) {
      throw new BackendConfigurationException(
          JdbcBackendStorage.ID,
          "the connections of the DataSource do not commit by themselves, so that the store cannot"
              + " tell one with a transaction under way; give it a pool that leaves autoCommit on,"
              + " and open it outside of transactions");
    }
    if (connection.getTransactionIsolation() == Connection.TRANSACTION_READ_UNCOMMITTED) {
      throw new BackendConfigurationException(
          JdbcBackendStorage.ID,
          "the isolation of the connections is READ UNCOMMITTED, so that a checkpoint could be read"
              + " that is never stored; set READ COMMITTED or a stricter one");
    }
  }

  private JdbcDialect dialectOf(Connection connection) throws SQLException {
    if (dialect != null) {
      return dialect;
    }
    String product = connection.getMetaData().getDatabaseProductName();
    return JdbcDialect.ofProduct(product)
        .orElseThrow(
            () ->
                new BackendConfigurationException(
                    JdbcBackendStorage.ID, unknownDatabase("the database " + product)));
  }

  private int seconds(Dialect made) {
    if (queryTimeout == null) {
      return made.isEmbedded() ? 0 : Math.toIntExact(DEFAULT_QUERY_TIMEOUT.toSeconds());
    }
    return Math.toIntExact(
        Math.min(Integer.MAX_VALUE, queryTimeout.plusSeconds(1).minusNanos(1).toSeconds()));
  }

  private void prepare(Schema tables, Dialect made, Database database, ErrorContext context) {
    SchemaMode mode =
        schemaMode != null
            ? schemaMode
            : made.isEmbedded() ? SchemaMode.CREATE : SchemaMode.VALIDATE;
    database.write(
        context,
        connected -> {
          switch (mode) {
            case CREATE -> tables.create(connected);
            case VALIDATE -> tables.validate(connected);
            case NONE -> {}
          }
          return mode;
        });
  }
}
