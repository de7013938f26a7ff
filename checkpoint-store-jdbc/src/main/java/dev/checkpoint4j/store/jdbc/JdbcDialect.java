package dev.checkpoint4j.store.jdbc;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The databases that the store knows. */
public enum JdbcDialect {
  /** H2, embedded in the process or as a server. */
  H2("H2", "jdbc:h2:", "com.h2database:h2", H2Dialect::new),
  /** PostgreSQL, and databases that speak its language. */
  POSTGRESQL("PostgreSQL", "jdbc:postgresql:", "org.postgresql:postgresql", PostgresDialect::new),
  /** MariaDB. */
  MARIADB("MariaDB", "jdbc:mariadb:", "org.mariadb.jdbc:mariadb-java-client", MySqlDialect::new),
  /** MySQL. */
  MYSQL("MySQL", "jdbc:mysql:", "com.mysql:mysql-connector-j", MySqlDialect::new),
  /** SQLite, in a file. */
  SQLITE("SQLite", "jdbc:sqlite:", "org.xerial:sqlite-jdbc", SqliteDialect::new);

  private final String product;
  private final String urlPrefix;
  private final String driver;

  @SuppressWarnings("ImmutableEnumChecker") // A constructor.
  private final Supplier<Dialect> factory;

  JdbcDialect(String product, String urlPrefix, String driver, Supplier<Dialect> factory) {
    this.product = product;
    this.urlPrefix = urlPrefix;
    this.driver = driver;
    this.factory = factory;
  }

  /** The artifact of the driver. */
  String driver() {
    return driver;
  }

  Dialect make() {
    return factory.get();
  }

  /** The dialect of a database by the name that its driver gives it. */
  static Optional<JdbcDialect> ofProduct(String product) {
    return Arrays.stream(values())
        .filter(dialect -> dialect.product.equalsIgnoreCase(product))
        .findFirst();
  }

  /** The dialect that a URL names. */
  static Optional<JdbcDialect> ofUrl(String url) {
    String lower = url.toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(dialect -> lower.startsWith(dialect.urlPrefix))
        .findFirst();
  }

  /** What is wrong with a database that is none of these. */
  static String unknown(String what) {
    String names =
        Arrays.stream(values())
            .map(dialect -> dialect.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    return what
        + " is not of a database that the store knows ("
        + names
        + "); if it behaves as one of them, name that one with the option dialect";
  }
}
