package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/** One run of a test class: its seed, and what became of each rule so far. */
final class TckRun {

  private static final String SEED_PROPERTY = "checkpoint.tck.seed";
  private static final String VOLUME_PROPERTY = "checkpoint.tck.volume";
  private static final String REPORTS_PROPERTY = "checkpoint.tck.reports";

  /** How many checkpoints and sessions the rules VOL store, unless a property says fewer. */
  static final int FULL_VOLUME = 10_000;

  private static final int LEAST_VOLUME = 1_000;

  private final Class<?> testClass;
  private final long seed;
  private final int volume;
  private final Path reports;
  private final Map<String, RuleResult> results = new ConcurrentHashMap<>();
  private volatile @Nullable BackendDescriptor descriptor;
  private volatile @Nullable String version;

  private TckRun(Class<?> testClass, long seed, int volume, Path reports) {
    this.testClass = testClass;
    this.seed = seed;
    this.volume = volume;
    this.reports = reports;
  }

  static TckRun of(ExtensionContext context) {
    return new TckRun(
        context.getRequiredTestClass(),
        context
            .getConfigurationParameter(SEED_PROPERTY)
            .map(TckRun::parseSeed)
            .orElseGet(() -> new SecureRandom().nextLong()),
        context
            .getConfigurationParameter(VOLUME_PROPERTY)
            .map(TckRun::parseVolume)
            .orElse(FULL_VOLUME),
        Path.of(
            context.getConfigurationParameter(REPORTS_PROPERTY).orElse("target/checkpoint-tck")));
  }

  private static Long parseSeed(String text) {
    try {
      return Long.valueOf(text.strip());
    } catch (NumberFormatException e) {
      throw new ExtensionConfigurationException(
          SEED_PROPERTY + " must be a whole number; it is '" + text + "'", e);
    }
  }

  private static Integer parseVolume(String text) {
    String wanted =
        "%s must be a whole number from %d to %d; it is '%s'"
            .formatted(VOLUME_PROPERTY, LEAST_VOLUME, FULL_VOLUME, text);
    int volume;
    try {
      volume = Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new ExtensionConfigurationException(wanted, e);
    }
    if (volume < LEAST_VOLUME || volume > FULL_VOLUME) {
      throw new ExtensionConfigurationException(wanted);
    }
    return volume;
  }

  int volume() {
    return volume;
  }

  long seed() {
    return seed;
  }

  Path reports() {
    return reports;
  }

  /** How to run the same data again, for the end of a message. */
  String howToRepeat() {
    return howToRepeat(seed);
  }

  static String howToRepeat(long seed) {
    return "-D" + SEED_PROPERTY + "=" + seed;
  }

  void saw(BackendStorage handle) {
    descriptor = handle.descriptor();
    version = handle.getClass().getPackage().getImplementationVersion();
  }

  void record(RuleResult result) {
    results.put(result.rule().id(), result);
  }

  /** What became of every rule the test class has, in the order of their ids. */
  TckReport report() {
    List<RuleResult> all =
        AnnotationSupport.findAnnotatedMethods(
                testClass, Rule.class, HierarchyTraversalMode.TOP_DOWN)
            .stream()
            .map(method -> method.getAnnotation(Rule.class))
            .sorted(Comparator.comparing(Rule::id))
            .map(rule -> results.getOrDefault(rule.id(), untested(rule)))
            .toList();
    return new TckReport(new TckReport.Subject(testClass, descriptor, version, seed, volume), all);
  }

  private static RuleResult untested(Rule rule) {
    return new RuleResult(rule, RuleResult.Status.UNTESTED, "the rule was not run");
  }
}
