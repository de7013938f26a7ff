package dev.checkpoint4j.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * What a kind of database does in its own way. Stateless. Its tables, its statements and its errors
 * have types of their own; here is how it is connected to and what it guarantees. Each database is
 * one subclass, which nests its three parts.
 */
abstract class Dialect {

  /** How long a driver waits for a connection to a server at most. */
  static final Duration MAX_CONNECT = Duration.ofSeconds(10);

  private final SchemaDialect schema;
  private final StatementDialect statements;
  private final ErrorClassifier errors;

  Dialect(SchemaDialect schema, StatementDialect statements, ErrorClassifier errors) {
    this.schema = schema;
    this.statements = statements;
    this.errors = errors;
  }

  /** How it defines tables. */
  final SchemaDialect schema() {
    return schema;
  }

  /** Its statements. */
  final StatementDialect statements() {
    return statements;
  }

  /** What its errors mean. */
  final ErrorClassifier errors() {
    return errors;
  }

  /** A URL as it is given to the driver. */
  String url(String url) {
    return url;
  }

  /** Properties for the driver unless the URL names them. */
  Map<String, String> defaults(Duration callTimeout) {
    return Map.of();
  }

  /** What stands in the URL is left alone: some drivers would rather follow a property. */
  final Properties properties(String url, Duration callTimeout) {
    Properties properties = new Properties();
    defaults(callTimeout)
        .forEach(
            (name, value) -> {
              if (!url.matches("(?is).*[?&]" + name + "=.*")) {
                properties.setProperty(name, value);
              }
            });
    return properties;
  }

  /** The shorter of two times. */
  static Duration atMost(Duration limit, Duration callTimeout) {
    return callTimeout.compareTo(limit) < 0 ? callTimeout : limit;
  }

  /** Whether the database lives in this process, and is created where it is missing. */
  boolean isEmbedded() {
    return false;
  }

  /** Whether a statement, or its wait for a lock, can be given a time to end. */
  boolean limitsStatements() {
    return true;
  }

  /** Whether a cursor needs a transaction for its rows to be fetched in parts. */
  boolean fetchesInTransactionOnly() {
    return false;
  }

  /** The lock that each writer holds, for a database that takes one writer at a time. */
  Optional<ReentrantLock> writerLock(DbSession db) throws SQLException {
    return Optional.empty();
  }

  /** What a writer that holds the lock does with its connection after each write. */
  Consumer<Connection> afterWrite() {
    return connection -> {};
  }

  /**
   * What is done with the last connection of a store to an embedded database.
   *
   * @return whether the database has to be opened and closed once more to be left in order
   */
  boolean beforeClose(Connection connection) {
    return false;
  }

  /** Reads the settings of the database, and sets those that the store needs and can set. */
  abstract DatabaseGuarantees guarantees(DbSession db) throws SQLException;

  /** How the connections of a database are prepared, decided by the first of them. */
  Preparation preparation(DbSession db) throws SQLException {
    return Preparation.NONE;
  }

  /** Asks for a setting by a statement of one row whose first column has it. */
  static String setting(DbSession db, String sql, Object... arguments) throws SQLException {
    return db.query(row -> String.valueOf(row.getString(1)), sql, arguments).stream()
        .findFirst()
        .orElse("");
  }
}
