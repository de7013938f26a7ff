package dev.checkpoint4j.core;

import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.BackendNotFoundException;
import dev.checkpoint4j.spi.BackendProvider;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the provider of a URL's scheme, and the codec, among the services of class loaders. */
final class BackendResolver {

  private static final Logger LOG = LoggerFactory.getLogger(BackendResolver.class);

  /** A backend of this project: its artifact, and the class that is registered as a service. */
  private record Published(String artifact, String provider) {

    static Published store(String name, String providerName) {
      return new Published(
          "dev.checkpoint4j:checkpoint-store-" + name,
          "dev.checkpoint4j.store." + name + "." + providerName);
    }
  }

  /** The backends that this project publishes, by scheme. */
  private static final Map<String, Published> PUBLISHED =
      Map.of(
          "memory", Published.store("memory", "MemoryBackendProvider"),
          "file", Published.store("file", "FileBackendProvider"),
          "jdbc", Published.store("jdbc", "JdbcBackendProvider"),
          "s3", Published.store("s3", "S3BackendProvider"));

  /** The JDBC URLs of what users of other libraries write, by scheme. */
  private static final Map<String, String> JDBC_URLS =
      Map.of(
          "postgres", "jdbc:postgresql://HOST/DATABASE",
          "postgresql", "jdbc:postgresql://HOST/DATABASE",
          "mariadb", "jdbc:mariadb://HOST/DATABASE",
          "mysql", "jdbc:mysql://HOST/DATABASE",
          "h2", "jdbc:h2:./FILE",
          "sqlite", "jdbc:sqlite:FILE");

  private final List<ClassLoader> loaders;

  BackendResolver(List<ClassLoader> loaders) {
    this.loaders = loaders;
  }

  /**
   * The one provider that serves {@code scheme}.
   *
   * @throws BackendNotFoundException if there is none
   * @throws BackendConfigurationException if there are several, or the one that is missing may be
   *     one that could not be loaded
   */
  BackendProvider provider(String scheme) {
    ServiceLookup<BackendProvider> services = ServiceLookup.load(BackendProvider.class, loaders);
    List<BackendProvider> serving =
        services.found().stream().filter(provider -> provider.schemes().contains(scheme)).toList();
    if (serving.isEmpty() && services.failures().isEmpty()) {
      throw notFound(scheme, services.found());
    }
    if (serving.isEmpty()) {
      List<String> problems = new ArrayList<>();
      problems.add("no backend that could be loaded serves the scheme '" + scheme + "'");
      services.failures().forEach(failure -> problems.add(ServiceLookup.describe(failure)));
      throw new BackendConfigurationException(scheme, problems, services.failures().get(0));
    }
    if (serving.size() > 1) {
      throw ambiguous(scheme, "backends serve the scheme '" + scheme + "'", serving);
    }
    services.failures().forEach(BackendResolver::warn);
    return serving.get(0);
  }

  /**
   * The one codec.
   *
   * @throws BackendConfigurationException if there is none, or are several
   */
  CheckpointCodec codec(String backendId) {
    ServiceLookup<CheckpointCodec> services = ServiceLookup.load(CheckpointCodec.class, loaders);
    if (services.found().isEmpty()) {
      throw new BackendConfigurationException(
          backendId,
          services.failures().isEmpty()
              ? List.of(
                  "no codec is registered for ServiceLoader: the file"
                      + " META-INF/services/dev.checkpoint4j.spi.CheckpointCodec of"
                      + " dev.checkpoint4j:checkpoint-core is not on the class path. Add the"
                      + " artifact, merge the service files of a shaded jar, or set a codec by"
                      + " Checkpoints.builder().codec(...)")
              : services.failures().stream()
                  .map(failure -> "the codec cannot be loaded: " + ServiceLookup.describe(failure))
                  .toList(),
          services.failures().stream().findFirst().orElse(null));
    }
    if (services.found().size() > 1) {
      throw ambiguous(backendId, "codecs are on the class path", services.found());
    }
    services.failures().forEach(BackendResolver::warn);
    return services.found().get(0);
  }

  private BackendNotFoundException notFound(String scheme, List<BackendProvider> found) {
    String names =
        found.stream()
            .map(
                provider ->
                    provider.schemes().stream().sorted().collect(Collectors.joining(", "))
                        + " by "
                        + ServiceLookup.locate(provider))
            .sorted()
            .collect(Collectors.joining("; "));
    return new BackendNotFoundException(
        scheme,
        "no backend on the class path serves the scheme '"
            + scheme
            + "'. "
            + remedy(scheme)
            + ". Found: "
            + (names.isEmpty() ? "none" : names));
  }

  private String remedy(String scheme) {
    Published published = PUBLISHED.get(scheme);
    if (published != null && isThere(published.provider())) {
      return "Its class "
          + published.provider()
          + " is there, but no file META-INF/services/"
          + BackendProvider.class.getName()
          + " names it: merge the service files of a shaded jar (Maven: the"
          + " ServicesResourceTransformer; Gradle: mergeServiceFiles())";
    }
    if (published != null) {
      return "Add the artifact " + published.artifact();
    }
    if (JDBC_URLS.containsKey(scheme)) {
      return "Write %s, set user and password as options beside the URL, and have the artifact %s"
          .formatted(JDBC_URLS.get(scheme), artifact("jdbc"));
    }
    return "Check its spelling, or add the artifact of the backend that serves it ("
        + PUBLISHED.keySet().stream()
            .sorted()
            .map(known -> known + ": " + artifact(known))
            .collect(Collectors.joining(", "))
        + ")";
  }

  private static String artifact(String scheme) {
    return Objects.requireNonNull(PUBLISHED.get(scheme)).artifact();
  }

  private boolean isThere(String className) {
    return loaders.stream()
        .anyMatch(
            loader -> {
              try {
                return loader.loadClass(className) != null;
              } catch (ClassNotFoundException | LinkageError e) {
                return false;
              }
            });
  }

  private static BackendConfigurationException ambiguous(
      String backendId, String what, List<?> candidates) {
    return new BackendConfigurationException(
        backendId,
        candidates.size()
            + " "
            + what
            + ": "
            + candidates.stream()
                .map(ServiceLookup::locate)
                .sorted()
                .collect(Collectors.joining(" and "))
            + "; keep one of them");
  }

  private static void warn(Throwable failure) {
    LOG.warn("A service on the class path cannot be used: {}", ServiceLookup.describe(failure));
  }
}
