package dev.checkpoint4j.core;

import java.security.CodeSource;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ServiceLoader} finds, each class once, and what of it could not be loaded.
 *
 * @param found the services, in the order of the class loaders
 * @param failures why others could not be loaded
 */
record ServiceLookup<S>(List<S> found, List<Throwable> failures) {

  /** A loader that fails again and again does not go on. */
  private static final int MAX_FAILURES = 100;

  /** The class loader of the calling thread and that of this library. */
  static List<ClassLoader> defaultClassLoaders() {
    Set<ClassLoader> loaders = new LinkedHashSet<>();
    @Nullable ClassLoader context = Thread.currentThread().getContextClassLoader();
    if (context != null) {
      loaders.add(context);
    }
    loaders.add(ServiceLookup.class.getClassLoader());
    return List.copyOf(loaders);
  }

  /** Loads the services that each of {@code loaders} knows. */
  static <S> ServiceLookup<S> load(Class<S> type, List<ClassLoader> loaders) {
    Map<String, S> found = new LinkedHashMap<>();
    Map<String, Throwable> failures = new LinkedHashMap<>();
    for (ClassLoader loader : loaders) {
      var services = ServiceLoader.load(type, loader).iterator();
      while (failures.size() < MAX_FAILURES) {
        try {
          if (!services.hasNext()) {
            break;
          }
          S service = services.next();
          found.putIfAbsent(service.getClass().getName(), service);
        } catch (ServiceConfigurationError | LinkageError e) {
          // The next one may load; two class loaders report the same failure.
          failures.putIfAbsent(describe(e), e);
        }
      }
    }
    return new ServiceLookup<>(List.copyOf(found.values()), List.copyOf(failures.values()));
  }

  /** What failed, and why at the bottom of it. */
  static String describe(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root == failure ? failure.toString() : failure.getMessage() + ": " + root;
  }

  /** The class of a service and where it was loaded from. */
  static String locate(Object service) {
    @Nullable CodeSource source = service.getClass().getProtectionDomain().getCodeSource();
    return service.getClass().getName()
        + " ("
        + (source == null || source.getLocation() == null ? "unknown place" : source.getLocation())
        + ")";
  }
}
