package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.annotation.CheckReturnValue;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecLookup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link JdbcBackendStorage} on a {@link DataSource} of the application, or on a URL.
 * Everything else has a default. Not safe for use by several threads.
 */
@CanIgnoreReturnValue
public final class JdbcBackendStorageBuilder {

  static final int DEFAULT_POOL_SIZE = 10;
  static final String DEFAULT_POOL_NAME = "checkpoint";
  static final Duration DEFAULT_CONNECTION_TIMEOUT = Duration.ofSeconds(10);

  /** How long a call may take as a whole by default. */
  public static final Duration DEFAULT_CALL_TIMEOUT = Duration.ofSeconds(30);

  private @Nullable DataSource dataSource;
  private @Nullable String url;
  private @Nullable String user;
  private @Nullable String password;
  private @Nullable CheckpointCodec codec;
  private @Nullable JdbcDialect dialect;
  private @Nullable String schema;
  private @Nullable SchemaMode schemaMode;
  private @Nullable Isolation isolation;
  private @Nullable Integer poolSize;
  private @Nullable String poolName;
  private @Nullable Duration connectionTimeout;
  private String tablePrefix = Tables.DEFAULT_PREFIX;
  private int fetchSize;
  private Duration callTimeout = DEFAULT_CALL_TIMEOUT;

  JdbcBackendStorageBuilder() {}

  /**
   * Sets where connections come from: the pool itself, with {@code autoCommit} on, not a {@code
   * DataSource} that binds connections to the transactions of the application, or that shares one
   * connection between threads; a connection that does not commit by itself, or that another thread
   * is using, or whose settings break what the store declared when it was opened, is refused.
   * Closing the store does not close it. Either this or {@link #url} is required.
   */
  public JdbcBackendStorageBuilder dataSource(DataSource dataSource) {
    this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
    return this;
  }

  /**
   * Sets the JDBC URL of the database. Its connections are pooled if HikariCP is on the class path,
   * and otherwise opened for each operation. H2 gets {@code ;WRITE_DELAY=0}, {@code
   * ;MAX_LENGTH_INPLACE_LOB=4096} and {@code ;MAX_COMPACT_TIME=1000}, for which closing may take up
   * to 2 s, unless the URL has a value for it, and a file of H2 is opened by its file system {@code
   * async:}, which an interrupted thread does not close: who opens the same file in the same
   * process himself writes {@code jdbc:h2:async:./path} as well. SQLite gets {@code
   * journal_mode=WAL}, {@code synchronous=FULL} and {@code busy_timeout=5000} unless the URL says
   * otherwise. Either this or {@link #dataSource} is required.
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

  /** Sets the most connections of the pool, with a {@link #url} only. Defaults to 10. */
  public JdbcBackendStorageBuilder poolSize(int poolSize) {
    this.poolSize = poolSize;
    return this;
  }

  /**
   * Sets the name of the pool in its log and its metrics, with a {@link #url} only. Defaults to
   * {@code checkpoint}.
   */
  public JdbcBackendStorageBuilder poolName(String poolName) {
    this.poolName = Objects.requireNonNull(poolName, "poolName");
    return this;
  }

  /**
   * Sets how long a call waits for a connection of the pool, with a {@link #url} only. Defaults to
   * 10 s. The wait never outlasts the call ({@link #callTimeout}).
   */
  public JdbcBackendStorageBuilder connectionTimeout(Duration connectionTimeout) {
    this.connectionTimeout = Objects.requireNonNull(connectionTimeout, "connectionTimeout");
    return this;
  }

  /**
   * Sets the isolation of transactions, with a {@link #url} only. Defaults to that of the database.
   * With a pooler that gives each transaction another connection, set it in the database instead.
   */
  public JdbcBackendStorageBuilder isolation(Isolation isolation) {
    this.isolation = Objects.requireNonNull(isolation, "isolation");
    return this;
  }

  /**
   * Sets the codec that encodes checkpoints. Defaults to the one codec that {@link
   * java.util.ServiceLoader} finds.
   */
  public JdbcBackendStorageBuilder codec(CheckpointCodec codec) {
    this.codec = Objects.requireNonNull(codec, "codec");
    return this;
  }

  /** Sets the kind of database. Defaults to the one that its driver names. */
  public JdbcBackendStorageBuilder dialect(JdbcDialect dialect) {
    this.dialect = Objects.requireNonNull(dialect, "dialect");
    return this;
  }

  /**
   * Sets the schema (of MariaDB and MySQL: the database) of the tables, which exists. Defaults to
   * that of the connection. A letter or underscore followed by at most 62 letters, digits and
   * underscores. SQLite has none.
   */
  public JdbcBackendStorageBuilder schema(String schema) {
    this.schema = Objects.requireNonNull(schema, "schema");
    return this;
  }

  /**
   * Sets what the names of the tables begin with. Defaults to {@code checkpoint_}. A lower-case
   * letter followed by at most 29 lower-case letters, digits and underscores. Stores with different
   * prefixes are different stores.
   */
  public JdbcBackendStorageBuilder tablePrefix(String tablePrefix) {
    this.tablePrefix = Objects.requireNonNull(tablePrefix, "tablePrefix");
    return this;
  }

  /**
   * Sets what happens to the tables when the store is opened. Defaults to {@link SchemaMode#CREATE}
   * for H2 and SQLite and to {@link SchemaMode#VALIDATE} for the others.
   */
  public JdbcBackendStorageBuilder schemaMode(SchemaMode schemaMode) {
    this.schemaMode = Objects.requireNonNull(schemaMode, "schemaMode");
    return this;
  }

  /**
   * Sets how long a call may take as a whole: waiting for a connection, for locks and for other
   * writers, the statements, their repetition and the network. Defaults to {@link
   * #DEFAULT_CALL_TIMEOUT}. A call ends earlier if {@link dev.checkpoint4j.spi.CallDeadline} says
   * so, and up to about two seconds later if the network is silent. What cannot be bounded from
   * here: the wait for a connection of a pool other than HikariCP, and a statement of H2 or SQLite
   * that is computing.
   */
  public JdbcBackendStorageBuilder callTimeout(Duration callTimeout) {
    this.callTimeout = Objects.requireNonNull(callTimeout, "callTimeout");
    return this;
  }

  /**
   * Sets how many rows of a listing the driver fetches at a time. Defaults to what the driver does
   * by itself, which is often: all of them.
   */
  public JdbcBackendStorageBuilder fetchSize(int fetchSize) {
    this.fetchSize = fetchSize;
    return this;
  }

  /**
   * The script that creates the tables, without connecting to the database.
   *
   * @throws BackendConfigurationException if the schema or the prefix is illegal, or neither the
   *     URL nor {@link #dialect} names the kind of database
   */
  @CheckReturnValue
  public String schemaScript() {
    List<String> problems = new ArrayList<>();
    Optional<JdbcDialect> known = namedDialect();
    if (known.isEmpty()) {
      problems.add(JdbcDialect.unknown("The URL"));
    }
    checkTables(known, problems);
    refuseIfAny(problems);
    Dialect made = known.orElseThrow().make();
    return new Schema(made, Tables.ofScript(made.schema(), schema, tablePrefix)).script();
  }

  private Optional<JdbcDialect> namedDialect() {
    return dialect != null
        ? Optional.of(dialect)
        : Optional.ofNullable(url).flatMap(JdbcDialect::ofUrl);
  }

  private void checkTables(Optional<JdbcDialect> known, List<String> problems) {
    Tables.check(schema, tablePrefix, problems);
    if (schema != null && known.equals(Optional.of(JdbcDialect.SQLITE))) {
      problems.add("SQLite has no schemas; leave out the option schema");
    }
  }

  static void refuseIfAny(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new BackendConfigurationException(JdbcBackendStorage.ID, problems, null);
    }
  }

  /**
   * Connects to the database, creates or compares the tables as the {@link #schemaMode} says, and
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
    JdbcStoreOpener opener = opener();
    DataSource given = dataSource;
    return CallDeadline.after(callTimeout)
        .call(
            () ->
                given != null
                    ? opener.open(ConnectionSource.of(given))
                    : opener.open(settings(Objects.requireNonNull(url))));
  }

  private List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (codec == null) {
      problems.addAll(CodecLookup.problems());
    }
    if ((dataSource == null) == (url == null)) {
      problems.add("either a dataSource or a url has to be set, and not both");
    }
    if (dataSource != null
        && Stream.of(user, password, poolSize, poolName, connectionTimeout, isolation)
            .anyMatch(Objects::nonNull)) {
      problems.add(
          "user, password, poolSize, poolName, connectionTimeout and isolation are those of the"
              + " dataSource, and are set there");
    }
    if (url != null) {
      JdbcUrl.storeOptions(url, JdbcBackendProvider.namesOfStoreOptions(namedDialect()))
          .forEach(
              option ->
                  problems.add(
                      option
                          + " is an option of the store, which the driver would not apply: take it"
                          + " out of the JDBC URL and set it beside the URL (the builder has a"
                          + " method option, the command line --option)"));
    }
    if (poolSize != null && poolSize < 1) {
      problems.add("poolSize " + poolSize + " is less than 1");
    }
    if (fetchSize < 0) {
      problems.add("fetchSize " + fetchSize + " is negative");
    }
    checkIsPositive("callTimeout", callTimeout, problems);
    checkIsPositive("connectionTimeout", connectionTimeout, problems);
    checkTables(namedDialect(), problems);
    return problems;
  }

  private static void checkIsPositive(
      String name, @Nullable Duration duration, List<String> problems) {
    if (duration != null && (duration.isNegative() || duration.isZero())) {
      problems.add(name + " " + duration + " is not positive");
    }
  }

  private ConnectionSource.Settings settings(String location) {
    Properties login = new Properties();
    if (user != null) {
      login.setProperty("user", user);
    }
    if (password != null) {
      login.setProperty("password", password);
    }
    return new ConnectionSource.Settings(
        location,
        login,
        Objects.requireNonNullElse(poolSize, DEFAULT_POOL_SIZE),
        Objects.requireNonNullElse(poolName, DEFAULT_POOL_NAME),
        Objects.requireNonNullElse(connectionTimeout, DEFAULT_CONNECTION_TIMEOUT),
        isolation,
        callTimeout);
  }

  JdbcStoreOpener opener() {
    return new JdbcStoreOpener(
        namedDialect(),
        schema,
        tablePrefix,
        schemaMode,
        codec == null ? CodecLookup.find() : codec,
        fetchSize,
        callTimeout);
  }
}
