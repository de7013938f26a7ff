package dev.checkpoint4j;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a listing. No entry is {@code null}.
 *
 * @param items the entries, in order; fewer than the limit only on the last page
 * @param nextCursor where the next page starts; empty on the last page
 * @param <T> what is listed
 */
public record Page<T>(List<T> items, Optional<String> nextCursor) {

  /** Creates a page of a copy of {@code items}. */
  public Page {
    items = List.copyOf(Objects.requireNonNull(items, "items"));
    Objects.requireNonNull(nextCursor, "nextCursor");
  }

  /** Creates a page; {@code nextCursor} is {@code null} on the last one. */
  public static <T> Page<T> of(List<T> items, @Nullable String nextCursor) {
    return new Page<>(items, Optional.ofNullable(nextCursor));
  }

  /** A page with each entry replaced by the result of {@code mapper}, and the same cursor. */
  public <R> Page<R> map(Function<? super T, ? extends R> mapper) {
    Objects.requireNonNull(mapper, "mapper");
    return new Page<>(items.stream().<R>map(mapper).toList(), nextCursor);
  }
}
