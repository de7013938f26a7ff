package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.error.BackendConfigurationException;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * Finds the JDBC driver of a URL. {@link DriverManager} alone does not return a driver that only
 * the class loader of an application (a web application, a plugin) can see, so the services of the
 * context class loader and of this library's class loader come first.
 */
final class Drivers {

  /** A class loader that fails again and again does not go on. */
  private static final int MAX_FAILURES = 100;

  private Drivers() {}

  /**
   * The driver that accepts {@code url}.
   *
   * @throws BackendConfigurationException if there is none
   */
  static Driver find(String url, JdbcDialect named) {
    List<Throwable> failures = new ArrayList<>();
    return service(url, Thread.currentThread().getContextClassLoader(), failures)
        .or(() -> service(url, Drivers.class.getClassLoader(), failures))
        .or(() -> registered(url))
        .orElseThrow(() -> notFound(named, failures));
  }

  private static Optional<Driver> service(
      String url, ClassLoader loader, List<Throwable> failures) {
    Iterator<Driver> services = ServiceLoader.load(Driver.class, loader).iterator();
    while (failures.size() < MAX_FAILURES) {
      try {
        if (!services.hasNext()) {
          break;
        }
        Driver driver = services.next();
        if (accepts(driver, url)) {
          return Optional.of(driver);
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        // The next one may load.
        failures.add(e);
      }
    }
    return Optional.empty();
  }

  private static Optional<Driver> registered(String url) {
    return DriverManager.drivers().filter(driver -> accepts(driver, url)).findFirst();
  }

  private static boolean accepts(Driver driver, String url) {
    try {
      return driver.acceptsURL(url);
    } catch (SQLException e) {
      return false;
    }
  }

  private static BackendConfigurationException notFound(
      JdbcDialect named, List<Throwable> failures) {
    List<String> problems = new ArrayList<>();
    problems.add(
        "no JDBC driver that the context class loader or the class loader of this library can see"
            + " serves the URL; add the artifact "
            + named.driver()
            + ", and check the URL");
    failures.forEach(failure -> problems.add("a JDBC driver cannot be loaded: " + failure));
    return new BackendConfigurationException(
        JdbcBackendStorage.ID, problems, failures.isEmpty() ? null : failures.get(0));
  }
}
