package dev.checkpoint4j.store.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The passwords that a store is opened with. Drivers quote URLs that they do not understand. */
final class Secrets {

  /** A setting whose name ends with password, or what stands between a user and its host. */
  private static final Pattern IN_URL =
      Pattern.compile("(?i)(?:password|pwd)=([^;&,)]+)|//[^:@/]*:([^/]+)@");

  private final List<String> secrets = new ArrayList<>();

  Secrets(String url, @Nullable String password) {
    if (password != null && !password.isEmpty()) {
      secrets.add(password);
    }
    IN_URL.matcher(url).results().map(Secrets::secretOf).forEach(secrets::add);
  }

  private static String secretOf(MatchResult found) {
    return found.group(1) == null ? found.group(2) : found.group(1);
  }

  /** A text without what its URLs have as passwords. */
  static String masked(String text) {
    return IN_URL
        .matcher(text)
        .replaceAll(
            found -> Matcher.quoteReplacement(found.group().replace(secretOf(found), "***")));
  }

  /** The error itself or, if a message of it quotes a password, one with its codes only. */
  SQLException hidden(SQLException error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (secrets.stream().anyMatch(message::contains)) {
        return new SQLException(
            "the message of the driver is left out, since it quotes the password",
            error.getSQLState(),
            error.getErrorCode());
      }
    }
    return error;
  }
}
