package dev.checkpoint4j.internal;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.error.UnsupportedValueException;
import dev.checkpoint4j.spi.Printable;
import java.io.File;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.Collection;
import java.util.Date;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;

/**
 * Turns what a caller passed in into deeply immutable, normalised values. Containers that were
 * frozen before are shared, not copied.
 */
public final class Freezer {

  /** Most levels of containers, the map of values itself included. */
  public static final int MAX_DEPTH = 500;

  private final String root;
  private final List<Object> containers = new ArrayList<>();
  private final List<Object> steps = new ArrayList<>();

  private Freezer(String root) {
    this.root = root;
  }

  /**
   * Freezes a map; {@code root} is the word that paths in error messages start with.
   *
   * @throws UnsupportedValueException if a value cannot be part of a checkpoint
   */
  public static Map<String, @Nullable Object> freeze(
      String root, Map<String, ? extends @Nullable Object> map) {
    if (map instanceof FrozenMap frozen) {
      return frozen;
    }
    return new Freezer(root).map(map);
  }

  /** Freezes a single value, as {@link #freeze(String, Map)} does each value of a map. */
  public static @Nullable Object freezeValue(String root, @Nullable Object value) {
    return new Freezer(root).value(value);
  }

  private @Nullable Object value(@Nullable Object value) {
    if (value == null
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Integer
        || value instanceof Long
        || value instanceof Double
        || value instanceof Binary) {
      return value;
    }
    if (value instanceof Frozen frozen) {
      if (containers.size() + frozen.height() > MAX_DEPTH) {
        throw tooDeep(value);
      }
      return value;
    }
    if (value instanceof Map<?, ?> map) {
      return map(map);
    }
    if (value instanceof List<?> list) {
      return list(list, list);
    }
    if (value instanceof Instant instant) {
      return instant.truncatedTo(ChronoUnit.MICROS);
    }
    if (value instanceof Number number) {
      return number(number);
    }
    if (value instanceof CharSequence || value instanceof Character) {
      return value.toString();
    }
    if (value instanceof byte[] bytes) {
      return Binary.copyOf(bytes);
    }
    if (value instanceof ByteBuffer buffer) {
      return Binary.copyOf(buffer);
    }
    if (value.getClass().isArray()) {
      return list(value, arrayElements(value));
    }
    throw unsupported(value);
  }

  private Object number(Number number) {
    if (number instanceof BigDecimal decimal) {
      // A subclass could be mutable.
      return decimal.getClass() == BigDecimal.class
          ? decimal
          : new BigDecimal(decimal.unscaledValue(), decimal.scale());
    }
    if (number instanceof BigInteger integer) {
      return integer.getClass() == BigInteger.class
          ? integer
          : new BigInteger(integer.toByteArray());
    }
    if (number instanceof Short || number instanceof Byte) {
      return number.intValue();
    }
    if (number instanceof Float) {
      return number.doubleValue();
    }
    throw unsupported(number);
  }

  private FrozenMap map(Map<?, ?> map) {
    enter(map);
    LinkedHashMap<String, @Nullable Object> entries = new LinkedHashMap<>(map.size() * 4 / 3 + 1);
    int height = 0;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      Object key = entry.getKey();
      steps.add(String.valueOf(key));
      if (!(key instanceof String name)) {
        throw new UnsupportedValueException(
            path(),
            "a key of type "
                + (key == null ? "null" : key.getClass().getName())
                + " is not supported; use a String");
      }
      Object frozen = value(entry.getValue());
      height = Math.max(height, height(frozen));
      entries.put(name, frozen);
      steps.remove(steps.size() - 1);
    }
    leave();
    return entries.isEmpty() ? FrozenMap.EMPTY : new FrozenMap(entries, height + 1);
  }

  private FrozenList list(Object container, List<?> list) {
    enter(container);
    List<@Nullable Object> elements = new ArrayList<>(list.size());
    int height = 0;
    for (Object element : list) {
      steps.add(elements.size());
      Object frozen = value(element);
      height = Math.max(height, height(frozen));
      elements.add(frozen);
      steps.remove(steps.size() - 1);
    }
    leave();
    return new FrozenList(elements.toArray(), height + 1);
  }

  private static int height(@Nullable Object frozen) {
    return frozen instanceof Frozen container ? container.height() : 0;
  }

  private static List<@Nullable Object> arrayElements(Object array) {
    int length = Array.getLength(array);
    List<@Nullable Object> elements = new ArrayList<>(length);
    for (int i = 0; i < length; i++) {
      elements.add(Array.get(array, i));
    }
    return elements;
  }

  private void enter(Object container) {
    if (containers.size() >= MAX_DEPTH) {
      throw tooDeep(container);
    }
    containers.add(container);
  }

  private void leave() {
    containers.remove(containers.size() - 1);
  }

  private UnsupportedValueException tooDeep(Object container) {
    for (Object outer : containers) {
      if (outer == container) {
        return new UnsupportedValueException(
            path(), "the value contains itself; replace the cycle by an id");
      }
    }
    return new UnsupportedValueException(
        path(), "nesting is deeper than " + MAX_DEPTH + " levels; flatten the value");
  }

  private UnsupportedValueException unsupported(Object value) {
    return new UnsupportedValueException(
        path(), typeName(value) + " is not supported; " + remedy(value));
  }

  private static String typeName(Object value) {
    return value.getClass().isHidden() ? "a lambda or hidden class" : value.getClass().getName();
  }

  private static String remedy(Object value) {
    if (value instanceof Date
        || value instanceof Calendar
        || value instanceof OffsetDateTime
        || value instanceof ZonedDateTime) {
      return "use Instant";
    }
    if (value instanceof Enum<?>) {
      return "use its name()";
    }
    if (value instanceof Collection<?>) {
      return "use a List";
    }
    if ((value instanceof Iterable<?> && !(value instanceof Path))
        || value instanceof Iterator<?>
        || value instanceof Enumeration<?>
        || value instanceof BaseStream<?, ?>) {
      return "use a List of its elements";
    }
    if (value instanceof Optional<?>
        || value instanceof OptionalInt
        || value instanceof OptionalLong
        || value instanceof OptionalDouble) {
      return "use the value itself, or null";
    }
    if (value instanceof Future<?> || value instanceof CompletionStage<?>) {
      return "use its result, when there is one";
    }
    if (value instanceof Path || value instanceof File) {
      return "use its toString()";
    }
    if (value instanceof Class<?>) {
      return "use its getName()";
    }
    if (value instanceof Record) {
      return "use a Map of its components";
    }
    if (value instanceof AutoCloseable) {
      return "use what it was opened on, such as a path or a URL";
    }
    if (value.getClass().isHidden()) {
      return "use a name that your program looks it up by";
    }
    if (value instanceof Number) {
      return "use Integer, Long, BigInteger, Double or BigDecimal";
    }
    if (value.getClass().getName().startsWith("java.time.")
        || value.getClass().getName().startsWith("java.util.")
        || value.getClass().getName().startsWith("java.net.")) {
      return "use its toString()";
    }
    return "use a Map of its fields";
  }

  /** The path so far, shortened in the middle when it is long. */
  private String path() {
    StringBuilder path = new StringBuilder(root);
    int size = steps.size();
    for (int i = 0; i < size; i++) {
      if (size > 24 && i == 12) {
        path.append("...");
        i = size - 12;
      }
      append(path, steps.get(i));
    }
    return path.toString();
  }

  private static void append(StringBuilder path, Object step) {
    if (step instanceof Integer index) {
      path.append('[').append((int) index).append(']');
      return;
    }
    String key = (String) step;
    if (!key.isEmpty() && key.codePoints().allMatch(Freezer::isNamePart)) {
      path.append('.').append(shorten(key));
    } else {
      path.append("[\"").append(Printable.line(shorten(key))).append("\"]");
    }
  }

  /** Part of a name that needs no quotes; Java allows invisible control characters besides. */
  private static boolean isNamePart(int character) {
    return Character.isJavaIdentifierPart(character) && !Character.isIdentifierIgnorable(character);
  }

  private static String shorten(String key) {
    return key.length() <= 60 ? key : key.substring(0, 57) + "...";
  }
}
