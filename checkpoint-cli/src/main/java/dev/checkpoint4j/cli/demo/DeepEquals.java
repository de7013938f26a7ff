package dev.checkpoint4j.cli.demo;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Equality that sees what {@link Map#equals} does not: the order of keys. */
final class DeepEquals {

  private DeepEquals() {}

  /** Whether both values have equal content of the same types in the same order. */
  static boolean isSame(@Nullable Object left, @Nullable Object right) {
    if (left instanceof Map<?, ?> leftMap && right instanceof Map<?, ?> rightMap) {
      return isSameMap(leftMap, rightMap);
    }
    if (left instanceof List<?> leftList && right instanceof List<?> rightList) {
      return isSameList(leftList, rightList);
    }
    // Equality of the types of checkpoints holds within a type only.
    return Objects.equals(left, right);
  }

  private static boolean isSameMap(Map<?, ?> left, Map<?, ?> right) {
    if (left.size() != right.size()) {
      return false;
    }
    Iterator<? extends Map.Entry<?, ?>> others = right.entrySet().iterator();
    for (Map.Entry<?, ?> entry : left.entrySet()) {
      Map.Entry<?, ?> other = others.next();
      if (!entry.getKey().equals(other.getKey()) || !isSame(entry.getValue(), other.getValue())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSameList(List<?> left, List<?> right) {
    if (left.size() != right.size()) {
      return false;
    }
    Iterator<?> others = right.iterator();
    for (Object element : left) {
      if (!isSame(element, others.next())) {
        return false;
      }
    }
    return true;
  }
}
