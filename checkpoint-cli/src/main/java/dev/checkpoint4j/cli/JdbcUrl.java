package dev.checkpoint4j.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The URLs of databases, some of which are files. */
final class JdbcUrl {

  private static final String PREFIX = "jdbc:";

  /** Names with a colon or a tilde have a meaning of their own, such as {@code mem:}. */
  private static final Pattern FILE =
      Pattern.compile(
          "jdbc:(?:h2:(?:file:)?(?<h2>[^:;~]+)(?:;.*)?|sqlite:(?<sqlite>[^:?~]+)(?:\\?.*)?)");

  private JdbcUrl() {}

  static boolean isOne(String url) {
    return url.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
  }

  /** The file of the database; empty for another URL, and where it does not simply name one. */
  static Optional<Path> file(String url) {
    Matcher file = FILE.matcher(url);
    if (!file.matches()) {
      return Optional.empty();
    }
    String h2 = file.group("h2");
    return Optional.of(h2 == null ? Path.of(file.group("sqlite")) : Path.of(h2 + ".mv.db"));
  }
}
