package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.core.Checkpoints;
import dev.checkpoint4j.error.BackendConfigurationException;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A driver that only the class loader of an application can see, as in a web application whose
 * server has this library.
 */
class ApplicationDriverTest {

  private static final Predicate<String> IS_DRIVER =
      entry ->
          entry.matches(
              ".*/(h2|sqlite-jdbc|postgresql|mariadb-java-client|mysql-connector-j)-[^/]*\\.jar");

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void isFoundThroughTheContextClassLoader(TestDatabase database) throws Exception {
    try (URLClassLoader library = loader(IS_DRIVER.negate(), ClassLoader.getPlatformClassLoader());
        URLClassLoader application = loader(IS_DRIVER, library)) {
      assertThat(run(application, library, database.url(directory), TestDatabase.newPrefix()))
          .as("what is read back")
          .isEqualTo("stored");
    }
  }

  @Test
  void isNamedIfNoClassLoaderHasIt() throws Exception {
    try (URLClassLoader library =
        loader(IS_DRIVER.negate(), ClassLoader.getPlatformClassLoader())) {
      assertThat(run(library, library, "jdbc:postgresql://127.0.0.1/x", "x"))
          .as("the answer without a driver")
          .contains("org.postgresql:postgresql", "class loader");
    }
  }

  @Test
  void thatCannotBeLoadedIsNamed() throws Exception {
    Path services = directory.resolve("META-INF/services");
    Files.createDirectories(services);
    Files.writeString(services.resolve("java.sql.Driver"), "example.MissingDriver");
    try (URLClassLoader library = loader(IS_DRIVER.negate(), ClassLoader.getPlatformClassLoader());
        URLClassLoader application =
            new URLClassLoader(new URL[] {directory.toUri().toURL()}, library)) {
      assertThat(run(application, library, "jdbc:postgresql://127.0.0.1/x", "x"))
          .as("the answer with a driver that does not load")
          .contains("org.postgresql:postgresql", "cannot be loaded", "example.MissingDriver");
    }
  }

  /** The entries of the class path of this test. */
  private static URLClassLoader loader(Predicate<String> entries, ClassLoader parent) {
    URL[] urls =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entries)
            .map(ApplicationDriverTest::url)
            .toArray(URL[]::new);
    return new URLClassLoader(urls, parent);
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Runs {@link SaveAndRead} with the classes of {@code library} in {@code application}. */
  @SuppressWarnings("unchecked") // The type of the class is known.
  private static String run(
      ClassLoader application, ClassLoader library, String url, String tablePrefix)
      throws ReflectiveOperationException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(application);
    try {
      BinaryOperator<String> job =
          Class.forName(SaveAndRead.class.getName(), true, library)
              .asSubclass(BinaryOperator.class)
              .getDeclaredConstructor()
              .newInstance();
      return job.apply(url, tablePrefix);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** What an application does, on the classes of its own class loader. */
  public static final class SaveAndRead implements BinaryOperator<String> {

    @Override
    public String apply(String url, String tablePrefix) {
      try (CheckpointRepository repository =
          Checkpoints.builder()
              .url(url)
              .option("tablePrefix", tablePrefix)
              .option("schemaMode", "create")
              .build()) {
        repository.save("s", Map.of("state", "stored"));
        return repository
            .getBySession("s")
            .flatMap(latest -> latest.value("state", String.class))
            .orElse("nothing");
      } catch (BackendConfigurationException e) {
        return String.join("\n", e.problems());
      }
    }
  }
}
