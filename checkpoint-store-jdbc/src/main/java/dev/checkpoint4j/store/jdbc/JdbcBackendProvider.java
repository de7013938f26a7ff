package dev.checkpoint4j.store.jdbc;

import com.google.auto.service.AutoService;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.BackendOption;
import dev.checkpoint4j.spi.BackendProvider;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.spi.VerifyingProvider;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Opens {@code jdbc:...}, a URL as the driver of the database understands it. The options of the
 * store are given beside it.
 */
@AutoService(BackendProvider.class)
public final class JdbcBackendProvider implements VerifyingProvider {

  private static final BackendOption<String> USER = BackendOption.text("user", "the database user");

  private static final BackendOption<String> PASSWORD =
      BackendOption.text("password", "the password of the user").asSecret();

  private static final BackendOption<Integer> POOL_SIZE =
      BackendOption.integer("poolSize", "the maximum number of connections in the pool", 1, 1_000)
          .withDefault(JdbcBackendStorageBuilder.DEFAULT_POOL_SIZE);

  private static final BackendOption<String> POOL_NAME =
      BackendOption.text("poolName", "the name of the pool in its log and its metrics")
          .withDefault(JdbcBackendStorageBuilder.DEFAULT_POOL_NAME);

  private static final BackendOption<Duration> CONNECTION_TIMEOUT =
      BackendOption.duration("connectionTimeout", "the time limit of the wait for a connection")
          .withDefault(JdbcBackendStorageBuilder.DEFAULT_CONNECTION_TIMEOUT);

  private static final BackendOption<JdbcDialect> DIALECT =
      BackendOption.choice(
          "dialect",
          "the dialect to use, for a database that neither its URL nor its driver identifies",
          JdbcDialect.class);

  private static final BackendOption<String> SCHEMA =
      BackendOption.text(
          "schema", "the schema that holds the tables; on MariaDB and MySQL, the database");

  private static final BackendOption<String> TABLE_PREFIX =
      BackendOption.text("tablePrefix", "the prefix of the table names")
          .withDefault(Tables.DEFAULT_PREFIX);

  private static final BackendOption<SchemaMode> SCHEMA_MODE =
      BackendOption.choice(
          "schemaMode",
          "what opening does with the tables; defaults to create on H2 and SQLite, to validate"
              + " elsewhere",
          SchemaMode.class);

  private static final BackendOption<Isolation> ISOLATION =
      BackendOption.choice(
          "isolation",
          "the isolation level of transactions; defaults to the database's",
          Isolation.class);

  private static final BackendOption<Duration> CALL_TIMEOUT =
      BackendOption.duration("callTimeout", "the time limit of a whole call")
          .withDefault(JdbcBackendStorageBuilder.DEFAULT_CALL_TIMEOUT);

  private static final BackendOption<Integer> FETCH_SIZE =
      BackendOption.integer(
              "fetchSize",
              "rows of a listing fetched at a time; 0 leaves the choice to the driver",
              0,
              1_000_000)
          .withDefault(0);

  private static final List<BackendOption<?>> OPTIONS =
      List.of(
          USER,
          PASSWORD,
          POOL_SIZE,
          POOL_NAME,
          CONNECTION_TIMEOUT,
          DIALECT,
          SCHEMA,
          TABLE_PREFIX,
          SCHEMA_MODE,
          ISOLATION,
          CALL_TIMEOUT,
          FETCH_SIZE);

  /** For {@link java.util.ServiceLoader}. */
  public JdbcBackendProvider() {}

  /**
   * The names of the options that no driver has as settings. The user and the password may be part
   * of a URL, and H2 has a setting {@code schema}.
   */
  static List<String> namesOfStoreOptions(Optional<JdbcDialect> dialect) {
    return OPTIONS.stream()
        .filter(option -> !option.equals(USER) && !option.equals(PASSWORD))
        .filter(option -> !option.equals(SCHEMA) || !dialect.equals(Optional.of(JdbcDialect.H2)))
        .map(BackendOption::name)
        .toList();
  }

  @Override
  public String id() {
    return JdbcBackendStorage.ID;
  }

  @Override
  public Set<String> schemes() {
    return Set.of("jdbc");
  }

  @Override
  public UrlStyle urlStyle() {
    return UrlStyle.OPAQUE;
  }

  @Override
  public List<BackendOption<?>> options() {
    return OPTIONS;
  }

  @Override
  public JdbcBackendStorage open(BackendConfig config, CheckpointCodec codec) {
    return builder(config).codec(codec).open();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Creates no database and no table, and ignores the option {@code schemaMode}. {@link
   * JdbcBackendStorage#verify} states the cost. A database that does not exist is a {@code
   * BackendConfigurationException}, a server that cannot be reached a {@code
   * StorageUnavailableException}.
   */
  @Override
  public VerificationReport verify(
      BackendConfig config, CheckpointCodec codec, VerificationOptions options) {
    options.requireReadOnly(id());
    if (Thread.currentThread().isInterrupted()) {
      // H2 may clear the flag while it opens a database.
      throw new StorageUnavailableException(
          "the thread is interrupted", ErrorContext.of(id(), "verify"), null);
    }
    JdbcUrl.file(config.location())
        .filter(file -> !Files.exists(file))
        .ifPresent(
            file -> {
              throw new BackendConfigurationException(
                  id(), "there is no store: '" + file + "' does not exist");
            });
    try (JdbcBackendStorage storage =
        builder(config)
            .url(JdbcUrl.withoutCreating(config.location()))
            .schemaMode(SchemaMode.NONE)
            .codec(codec)
            .open()) {
      return storage.verify(options);
    }
  }

  /**
   * The script that creates the tables of the store that {@code config} names, without connecting
   * to its database: for a person to run, or to copy into a migration of an application.
   *
   * @throws dev.checkpoint4j.error.BackendConfigurationException if the database is none that is
   *     known, or the schema or the prefix is illegal
   */
  public String schemaScript(BackendConfig config) {
    return builder(config).schemaScript();
  }

  private static JdbcBackendStorageBuilder builder(BackendConfig config) {
    JdbcBackendStorageBuilder builder =
        JdbcBackendStorage.builder()
            .url(config.location())
            .poolSize(config.require(POOL_SIZE))
            .poolName(config.require(POOL_NAME))
            .connectionTimeout(config.require(CONNECTION_TIMEOUT))
            .tablePrefix(config.require(TABLE_PREFIX))
            .callTimeout(config.require(CALL_TIMEOUT))
            .fetchSize(config.require(FETCH_SIZE));
    config.get(USER).ifPresent(builder::user);
    config.get(PASSWORD).ifPresent(builder::password);
    config.get(DIALECT).ifPresent(builder::dialect);
    config.get(SCHEMA).ifPresent(builder::schema);
    config.get(SCHEMA_MODE).ifPresent(builder::schemaMode);
    config.get(ISOLATION).ifPresent(builder::isolation);
    return builder;
  }
}
