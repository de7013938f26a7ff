package dev.checkpoint4j.store.jdbc;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The URLs of databases, for those who must not create one: opening a store creates the file of an
 * embedded database. Touches no database.
 *
 * <pre>{@code
 * boolean isMissing = JdbcUrl.file(url).filter(file -> !Files.exists(file)).isPresent();
 * String safe = JdbcUrl.withoutCreating(url);
 * }</pre>
 */
public final class JdbcUrl {

  private static final String PREFIX = "jdbc:";

  /** SQLITE_OPEN_READWRITE without SQLITE_OPEN_CREATE. */
  private static final int SQLITE_READ_WRITE = 2;

  /** Names with a colon or a tilde have a meaning of their own, such as {@code mem:}. */
  private static final Pattern FILE =
      Pattern.compile(
          "jdbc:(?:h2:(?:(?:file|async|nio):)?(?<h2>[^:;~]+)(?:;.*)?|sqlite:(?<sqlite>[^:?~]+)(?:\\?.*)?)");

  private static final Pattern SETTING = Pattern.compile("[?&;]([A-Za-z]+)=");

  private JdbcUrl() {}

  /**
   * The options of the store, of the given ones, that the URL names as if they were settings of the
   * driver, which ignores them.
   */
  static List<String> storeOptions(String url, Collection<String> options) {
    return SETTING
        .matcher(url)
        .results()
        .map(setting -> setting.group(1))
        .flatMap(name -> options.stream().filter(name::equalsIgnoreCase))
        .distinct()
        .toList();
  }

  /** Whether a URL starts with {@code jdbc:}. */
  public static boolean isOne(String url) {
    return startsWith(url, PREFIX);
  }

  private static boolean startsWith(String url, String prefix) {
    return url.regionMatches(true, 0, prefix, 0, prefix.length());
  }

  /**
   * The URL, such that its driver refuses to create a database that is not there, however the URL
   * spells where that is. The name of a store is left to the driver: only the settings are read.
   */
  public static String withoutCreating(String url) {
    if (startsWith(url, "jdbc:h2:")) {
      // H2 refuses a setting that is given twice.
      return url.replaceAll("(?i);IFEXISTS=[^;]*", "") + ";IFEXISTS=TRUE";
    }
    if (startsWith(url, "jdbc:sqlite:")) {
      // The mode of the URI must not allow more than the one of the driver, of which the last
      // counts.
      return url.replaceAll("([?&]mode=rw)c(?=&|$)", "$1")
          + (url.contains("?") ? "&" : "?")
          + "open_mode="
          + SQLITE_READ_WRITE;
    }
    return url.replaceAll("(?i)([?&]createDatabaseIfNotExist=)[^&]*", "$1false");
  }

  /** The file of the database; empty for another URL, and where it does not simply name one. */
  public static Optional<Path> file(String url) {
    Matcher file = FILE.matcher(url);
    if (!file.matches()) {
      return Optional.empty();
    }
    String h2 = file.group("h2");
    return Optional.of(h2 == null ? Path.of(file.group("sqlite")) : Path.of(h2 + ".mv.db"));
  }
}
