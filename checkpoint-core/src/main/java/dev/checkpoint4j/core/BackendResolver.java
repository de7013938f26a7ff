package dev.checkpoint4j.core;

import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.BackendNotFoundException;
import dev.checkpoint4j.spi.BackendProvider;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the provider of a URL's scheme, and the codec, among the services of class loaders. */
final class BackendResolver {

  private static final Logger LOG = LoggerFactory.getLogger(BackendResolver.class);

  /** The artifacts of the backends that this project publishes, by scheme. */
  private static final Map<String, String> ARTIFACTS =
      Map.of(
          "memory", "dev.checkpoint4j:checkpoint-store-memory",
          "file", "dev.checkpoint4j:checkpoint-store-file",
          "jdbc", "dev.checkpoint4j:checkpoint-store-jdbc",
          "s3", "dev.checkpoint4j:checkpoint-store-s3");

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

  private static BackendNotFoundException notFound(String scheme, List<BackendProvider> found) {
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

  private static String remedy(String scheme) {
    if (ARTIFACTS.containsKey(scheme)) {
      return "Add the artifact " + ARTIFACTS.get(scheme);
    }
    if (JDBC_URLS.containsKey(scheme)) {
      return "Write %s, set user and password as options beside the URL, and have the artifact %s"
          .formatted(JDBC_URLS.get(scheme), ARTIFACTS.get("jdbc"));
    }
    return "Check its spelling, or add the artifact of the backend that serves it ("
        + ARTIFACTS.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(entry -> entry.getKey() + ": " + entry.getValue())
            .collect(Collectors.joining(", "))
        + ")";
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
