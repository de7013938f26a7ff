package dev.checkpoint4j.core;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** Makes class loaders that know the services a test wants, and no others. */
final class TestServices {

  private final Path directory;

  TestServices(Path directory) {
    this.directory = directory;
  }

  /** Registers services of one type in a class path entry named {@code entry}. */
  TestServices register(String entry, Class<?> type, String... names) throws IOException {
    Path file = directory.resolve(entry).resolve("META-INF/services").resolve(type.getName());
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.write(file, List.of(names));
    return this;
  }

  TestServices register(String entry, Class<?> type, Class<?>... services) throws IOException {
    return register(
        entry, type, Arrays.stream(services).map(Class::getName).toArray(String[]::new));
  }

  /** Registers a service whose class is loaded from that class path entry. */
  TestServices registerCopy(String entry, Class<?> type, Class<?> service) throws IOException {
    String file = service.getName().replace('.', '/') + ".class";
    Path copy = directory.resolve(entry).resolve(file);
    Files.createDirectories(Objects.requireNonNull(copy.getParent()));
    try (InputStream bytes =
        Objects.requireNonNull(service.getClassLoader()).getResourceAsStream(file)) {
      Files.copy(Objects.requireNonNull(bytes), copy);
    }
    return register(entry, type, service);
  }

  /** A class loader over the entries, which wins over the class path of the tests. */
  URLClassLoader classLoader() throws IOException {
    try (var entries = Files.list(directory)) {
      return new OwnFirst(
          entries
              .sorted()
              .map(TestServices::toUrl)
              .collect(Collectors.toList())
              .toArray(URL[]::new));
    }
  }

  private static URL toUrl(Path path) {
    try {
      return path.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class OwnFirst extends URLClassLoader {

    OwnFirst(URL[] urls) {
      super(urls, TestServices.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        if (loaded != null) {
          return loaded;
        }
        return findResource(name.replace('.', '/') + ".class") == null
            ? super.loadClass(name, resolve)
            : findClass(name);
      }
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      return name.startsWith("META-INF/services/dev.checkpoint4j.")
          ? Collections.enumeration(Collections.list(findResources(name)))
          : super.getResources(name);
    }
  }
}
