package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Passes all calls on, and fails those whose exception quotes a stored value. Thread-safe. */
final class MessageGuard extends ForwardingBackendStorage {

  private static final int MAX_CAUSES = 20;

  /** Between the letters of a text in UTF-16; exceptions escape it. */
  private static final Pattern NUL = Pattern.compile("\0|\\\\u0000");

  private static final Pattern NO_HEX_DIGIT = Pattern.compile("[^0-9a-f]");
  private static final Pattern NO_DECIMAL_DIGIT = Pattern.compile("[^0-9]+");

  private final String secret;

  /**
   * A guard of a handle.
   *
   * @param secret what checkpoints contain, and no message may
   */
  MessageGuard(BackendStorage handle, String secret) {
    super(handle);
    this.secret = secret;
  }

  /** Fails if the message of an exception, or of one of its causes, contains the secret. */
  static void check(Throwable failure, String secret) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
      if (isQuoted(secret, String.valueOf(cause.getMessage()))) {
        throw new AssertionError(
            "the message of a %s quotes a value or an attribute of a checkpoint: %s"
                .formatted(cause.getClass().getName(), cause.getMessage()),
            failure);
      }
      for (Throwable suppressed : cause.getSuppressed()) {
        check(suppressed, secret);
      }
      cause = cause.getCause();
    }
  }

  /** Whether a text contains the secret, also as bytes, of which a document consists. */
  static boolean isQuoted(String secret, String text) {
    if (text.contains(secret) || NUL.matcher(text).replaceAll("").contains(secret)) {
      return true;
    }
    String hex = NO_HEX_DIGIT.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
    String decimal = NO_DECIMAL_DIGIT.matcher(text).replaceAll(" ");
    return Stream.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE)
        .map(secret::getBytes)
        .anyMatch(
            bytes ->
                hex.contains(HexFormat.of().formatHex(bytes))
                    || decimal.contains(decimal(bytes))
                    || isQuotedInBase64(bytes, text));
  }

  private static String decimal(byte[] bytes) {
    return IntStream.range(0, bytes.length)
        .mapToObj(i -> Byte.toString(bytes[i]))
        .collect(Collectors.joining(" "));
  }

  /** The first and the last of the characters depend on the bytes around as well. */
  private static boolean isQuotedInBase64(byte[] bytes, String text) {
    return IntStream.range(0, 3)
        .anyMatch(
            before -> {
              byte[] padded = new byte[before + bytes.length];
              System.arraycopy(bytes, 0, padded, before, bytes.length);
              String encoded = Base64.getEncoder().withoutPadding().encodeToString(padded);
              return text.contains(
                  encoded.substring(before == 0 ? 0 : before + 1, encoded.length() - 1));
            });
  }

  private <T> T guarded(Supplier<T> call) {
    try {
      return call.get();
    } catch (RuntimeException | Error e) {
      check(e, secret);
      throw e;
    }
  }

  @Override
  public void put(Checkpoint checkpoint, Expectation expectation) {
    try {
      super.put(checkpoint, expectation);
    } catch (RuntimeException | Error e) {
      check(e, secret);
      throw e;
    }
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    return guarded(() -> super.get(namespace, id));
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    return guarded(() -> super.getBySession(session));
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return guarded(() -> super.list(query));
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return guarded(() -> super.listHeaders(query));
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    return guarded(() -> super.listSessions(namespace, limit, cursor));
  }

  @Override
  public Page<String> listNamespaces(int limit, Optional<String> cursor) {
    return guarded(() -> super.listNamespaces(limit, cursor));
  }

  @Override
  public long delete(String namespace, Collection<String> ids) {
    return guarded(() -> super.delete(namespace, ids));
  }

  @Override
  public long deleteBySession(SessionKey session) {
    return guarded(() -> super.deleteBySession(session));
  }
}
