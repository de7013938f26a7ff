package dev.checkpoint4j;

import dev.checkpoint4j.internal.Ids;
import dev.checkpoint4j.spi.Printable;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a put expects of the session besides a smaller version. The store checks the expectation and
 * the version in the same atomic step that stores the checkpoint. Immutable.
 *
 * <p>Version numbers alone cannot detect that a session was deleted and started again after the
 * caller read it. {@link #latestIs} can, unless the session was started again with the same id; the
 * ids that the library generates are never used twice:
 *
 * <pre>{@code
 * Checkpoint latest = repository.getBySession("chat-1").orElseThrow();
 * Checkpoint next = repository.next(latest).values(changed).build();
 * repository.put(next, Expectation.latestIs(latest.id()));
 * }</pre>
 */
public final class Expectation {

  private static final Expectation ANY = new Expectation(true, null);
  private static final Expectation NO_SESSION = new Expectation(false, null);

  private final boolean any;
  private final @Nullable String latestId;

  private Expectation(boolean any, @Nullable String latestId) {
    this.any = any;
    this.latestId = latestId;
  }

  /** Expects nothing: the version alone decides. */
  public static Expectation any() {
    return ANY;
  }

  /**
   * Expects that the latest checkpoint of the session has this id.
   *
   * @throws NullPointerException if the id is {@code null}
   * @throws IllegalArgumentException if the id breaks its rule
   */
  public static Expectation latestIs(String id) {
    return new Expectation(false, Ids.checkId(id));
  }

  /** Expects that the session holds no checkpoint. */
  public static Expectation noSession() {
    return NO_SESSION;
  }

  /** Whether this is {@link #any()}. */
  public boolean isAny() {
    return any;
  }

  /** The id of {@link #latestIs}; empty for the other two. */
  public Optional<String> latestId() {
    return Optional.ofNullable(latestId);
  }

  /**
   * Whether a session meets this expectation. For backends.
   *
   * @param latestId the id of the latest checkpoint of the session; empty if it holds none
   * @throws NullPointerException if {@code latestId} is {@code null}
   */
  public boolean isMetBy(Optional<String> latestId) {
    return Objects.requireNonNull(latestId, "latestId").equals(latestId()) || any;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Expectation that
        && any == that.any
        && Objects.equals(latestId, that.latestId);
  }

  @Override
  public int hashCode() {
    return Objects.hash(any, latestId);
  }

  /** The expectation on one line: characters that do not show are escaped. */
  @Override
  public String toString() {
    if (any) {
      return "any";
    }
    return latestId == null ? "noSession" : Printable.line("latestIs " + latestId);
  }
}
