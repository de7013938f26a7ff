package dev.checkpoint4j.testsupport;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import org.jspecify.annotations.Nullable;

/**
 * Counts the steps that a caller lets a sorted map or set, and its views, take. A look-up is one
 * step; so is each entry that an iteration gives. The size of a view of the JDK's sorted maps and
 * sets is a step for each entry in it: it is counted by an iteration, also where a stream of the
 * view asks for it.
 */
public final class StepCounter {

  private static final List<Class<?>> VIEWS =
      List.of(
          NavigableMap.class,
          Map.class,
          NavigableSet.class,
          Set.class,
          Collection.class,
          Iterator.class,
          Spliterator.class);

  private long steps;

  /** The steps since the last call, or since the start. */
  public long take() {
    long taken = steps;
    steps = 0;
    return taken;
  }

  /** A map that counts, with the content of another one. */
  @SuppressWarnings("unchecked")
  public <K, V> NavigableMap<K, V> count(NavigableMap<K, V> map) {
    return (NavigableMap<K, V>) proxy(map, NavigableMap.class, false);
  }

  /** A set that counts, with the content of another one. */
  @SuppressWarnings("unchecked")
  public <E> NavigableSet<E> count(NavigableSet<E> set) {
    return (NavigableSet<E>) proxy(set, NavigableSet.class, false);
  }

  private Object proxy(Object target, Class<?> type, boolean isView) {
    return Proxy.newProxyInstance(
        StepCounter.class.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> invoke(proxy, target, isView, method, arguments));
  }

  private @Nullable Object invoke(
      Object proxy, Object target, boolean isView, Method method, Object @Nullable [] arguments)
      throws Throwable {
    String name = method.getName();
    if (method.isDefault()
        && (name.startsWith("forEach")
            || target.getClass().getMethod(name, method.getParameterTypes()).isDefault())) {
      // It is made of other methods, which are counted.
      return InvocationHandler.invokeDefault(proxy, method, arguments);
    }
    @Nullable Object result;
    try {
      result = method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw Objects.requireNonNull(e.getCause());
    }
    if (isView && name.equals("size") && result instanceof Integer size) {
      steps += size;
    } else if (result instanceof Object[] all) {
      steps += all.length;
    } else if (!name.equals("hasNext")) {
      steps++;
    }
    for (Class<?> view : VIEWS) {
      if (view.isInstance(result) && method.getReturnType().isAssignableFrom(view)) {
        return proxy(result, view, true);
      }
    }
    return result;
  }
}
