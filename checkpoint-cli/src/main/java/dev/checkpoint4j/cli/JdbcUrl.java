package dev.checkpoint4j.cli;

/** The URLs of databases. */
final class JdbcUrl {

  private static final String PREFIX = "jdbc:";

  private JdbcUrl() {}

  static boolean isOne(String url) {
    return url.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
  }
}
