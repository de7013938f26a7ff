package dev.checkpoint4j.spi;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.internal.Ids;
import dev.checkpoint4j.internal.PageLimit;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The checks of those arguments of {@link BackendStorage} that are plain strings and numbers; the
 * types of the model check themselves. For backends, to be called before any I/O.
 */
@CanIgnoreReturnValue
public final class Arguments {

  private Arguments() {}

  /**
   * Returns a legal namespace.
   *
   * @throws NullPointerException if it is {@code null}
   * @throws IllegalArgumentException if it is not 1 to 255 UTF-8 bytes, or holds a control
   *     character or an unpaired surrogate
   */
  public static String checkNamespace(@Nullable String namespace) {
    return Ids.checkNamespace(namespace);
  }

  /**
   * Returns a legal id of a checkpoint.
   *
   * @throws NullPointerException if it is {@code null}
   * @throws IllegalArgumentException if it is not 1 to 255 UTF-8 bytes, or holds a control
   *     character or an unpaired surrogate
   */
  public static String checkId(@Nullable String id) {
    return Ids.checkId(id);
  }

  /**
   * Returns the distinct ids, in the order given.
   *
   * @throws NullPointerException if the collection or an element is {@code null}
   * @throws IllegalArgumentException if an element is not a legal id
   */
  public static Set<String> checkIds(@Nullable Collection<String> ids) {
    Set<String> distinct = new LinkedHashSet<>();
    for (String id : Objects.requireNonNull(ids, "ids")) {
      distinct.add(Ids.checkId(id));
    }
    return distinct;
  }

  /**
   * Returns a legal limit of a page.
   *
   * @throws IllegalArgumentException if it is not 1 to {@value PageLimit#MAX}
   */
  public static int checkLimit(int limit) {
    return PageLimit.check(limit);
  }
}
