package dev.checkpoint4j.internal;

import java.util.AbstractList;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** An immutable list of frozen values. Created by {@link Freezer}. */
final class FrozenList extends AbstractList<@Nullable Object> implements Frozen, RandomAccess {

  private final @Nullable Object[] elements;
  private final int height;

  /** Takes over {@code elements}: the caller must not keep a reference to it. */
  FrozenList(@Nullable Object[] elements, int height) {
    this.elements = elements;
    this.height = height;
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public @Nullable Object get(int index) {
    return elements[index];
  }

  @Override
  public int size() {
    return elements.length;
  }

  @Override
  public @Nullable Object[] toArray() {
    return elements.clone();
  }
}
