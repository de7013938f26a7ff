package dev.checkpoint4j.internal;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map of frozen values that keeps the order of its keys. Created by {@link Freezer}.
 */
final class FrozenMap extends AbstractMap<String, @Nullable Object> implements Frozen {

  static final FrozenMap EMPTY = new FrozenMap(new LinkedHashMap<>(), 1);

  private final Map<String, @Nullable Object> entries;
  private final int height;

  /** Takes over {@code entries}: the caller must not keep a reference to it. */
  FrozenMap(Map<String, @Nullable Object> entries, int height) {
    this.entries = Collections.unmodifiableMap(entries);
    this.height = height;
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public Set<Entry<String, @Nullable Object>> entrySet() {
    return entries.entrySet();
  }

  @Override
  public Set<String> keySet() {
    return entries.keySet();
  }

  @Override
  public int size() {
    return entries.size();
  }

  @Override
  public @Nullable Object get(@Nullable Object key) {
    return entries.get(key);
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return entries.containsKey(key);
  }

  @Override
  public @Nullable Object put(String key, @Nullable Object value) {
    throw immutable();
  }

  @Override
  public @Nullable Object remove(@Nullable Object key) {
    throw immutable();
  }

  @Override
  public boolean remove(@Nullable Object key, @Nullable Object value) {
    throw immutable();
  }

  @Override
  public void putAll(Map<? extends String, ? extends @Nullable Object> other) {
    throw immutable();
  }

  @Override
  public void clear() {
    throw immutable();
  }

  private static UnsupportedOperationException immutable() {
    return new UnsupportedOperationException(
        "the values of a checkpoint are immutable; copy them (Values.with, Values.mutableCopy)");
  }
}
