package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/** One run of a test class: its seed, and what became of each rule so far. */
final class TckRun {

  private static final String SEED_PROPERTY = "checkpoint.tck.seed";
  private static final String VOLUME_PROPERTY = "checkpoint.tck.volume";
  private static final String BUDGET_PROPERTY = "checkpoint.tck.budget";
  private static final String HISTORIES_PROPERTY = "checkpoint.tck.histories";
  private static final String TIMEOUT_PROPERTY = "checkpoint.tck.timeout";
  private static final String REPORTS_PROPERTY = "checkpoint.tck.reports";

  /** How many checkpoints and sessions the rules VOL store, unless a property says fewer. */
  static final int FULL_VOLUME = 10_000;

  private static final int LEAST_VOLUME = 1_000;
  private static final int MAX_VOLUME = 100_000;

  /** A guard against a backend that hangs, not a limit on its speed. */
  private static final int DEFAULT_TIMEOUT_SECONDS = 600;

  private static final int MAX_TIMEOUT_SECONDS = 86_400;
  private static final double MAX_BUDGET = 10_000;
  private static final int MAX_HISTORIES = 1_000_000;

  private final Class<?> testClass;
  private final long seed;
  private final int volume;
  private final HistoryBudget histories;
  private final ModelTally tally = new ModelTally();
  private final Duration limit;
  private final RuleSelection selection;
  private final Path reports;
  private final Map<String, ReportRow> rows = new ConcurrentSkipListMap<>();
  private volatile @Nullable BackendDescriptor descriptor;
  private volatile @Nullable String version;
  private volatile @Nullable String end;
  private volatile boolean hasHung;
  private @Nullable String writtenName;

  private TckRun(
      Class<?> testClass,
      long seed,
      int volume,
      HistoryBudget histories,
      Duration limit,
      RuleSelection selection,
      Path reports) {
    this.testClass = testClass;
    this.seed = seed;
    this.volume = volume;
    this.histories = histories;
    this.limit = limit;
    this.selection = selection;
    this.reports = reports;
    AnnotationSupport.findAnnotatedMethods(testClass, Rule.class, HierarchyTraversalMode.TOP_DOWN)
        .forEach(
            method ->
                record(
                    new RuleResult(
                        method.getAnnotation(Rule.class), RuleResult.Status.UNTESTED, "not run")));
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
            .map(text -> parse(VOLUME_PROPERTY, text, LEAST_VOLUME, MAX_VOLUME))
            .orElse(FULL_VOLUME),
        histories(context),
        Duration.ofSeconds(
            context
                .getConfigurationParameter(TIMEOUT_PROPERTY)
                .map(text -> parse(TIMEOUT_PROPERTY, text, 1, MAX_TIMEOUT_SECONDS))
                .orElse(DEFAULT_TIMEOUT_SECONDS)),
        context
            .getConfigurationParameter(RuleSelection.PROPERTY)
            .map(RuleSelection::parse)
            .orElse(RuleSelection.ALL),
        Path.of(
            context.getConfigurationParameter(REPORTS_PROPERTY).orElse("target/checkpoint-tck")));
  }

  private static HistoryBudget histories(ExtensionContext context) {
    return new HistoryBudget(
        context.getConfigurationParameter(BUDGET_PROPERTY).map(TckRun::parseBudget).orElse(1.0),
        context
            .getConfigurationParameter(HISTORIES_PROPERTY)
            .map(text -> OptionalInt.of(parse(HISTORIES_PROPERTY, text, 1, MAX_HISTORIES)))
            .orElse(OptionalInt.empty()));
  }

  private static Double parseBudget(String text) {
    String wanted =
        "%s must be a number from 0 to %.0f; it is '%s'"
            .formatted(BUDGET_PROPERTY, MAX_BUDGET, text);
    double budget;
    try {
      budget = Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      throw new ExtensionConfigurationException(wanted, e);
    }
    if (budget >= 0 && budget <= MAX_BUDGET) {
      return budget;
    }
    throw new ExtensionConfigurationException(wanted);
  }

  private static Long parseSeed(String text) {
    try {
      return Long.valueOf(text.strip());
    } catch (NumberFormatException e) {
      throw new ExtensionConfigurationException(
          SEED_PROPERTY + " must be a whole number; it is '" + text + "'", e);
    }
  }

  private static Integer parse(String property, String text, int min, int max) {
    String wanted =
        "%s must be a whole number from %d to %d; it is '%s'".formatted(property, min, max, text);
    int value;
    try {
      value = Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new ExtensionConfigurationException(wanted, e);
    }
    if (value < min || value > max) {
      throw new ExtensionConfigurationException(wanted);
    }
    return value;
  }

  int volume() {
    return volume;
  }

  /** How many histories the rules MODEL run. */
  HistoryBudget histories() {
    return histories;
  }

  /** Where the rules MODEL count what they do. */
  ModelTally tally() {
    return tally;
  }

  long seed() {
    return seed;
  }

  RuleSelection selection() {
    return selection;
  }

  /** How to run the same data again, for the end of a message. */
  String howToRepeat() {
    return howToRepeat(seed);
  }

  static String howToRepeat(long seed) {
    return "-D" + SEED_PROPERTY + "=" + seed;
  }

  /** How long a rule may take before it is said to hang. */
  Duration limit() {
    return limit;
  }

  /** Why no further rule is run. */
  Optional<String> end() {
    return Optional.ofNullable(end);
  }

  boolean hasHung() {
    return hasHung;
  }

  void hung(String rule) {
    hasHung = true;
    end = rule + " did not end";
  }

  /** Ends the run if no handle was opened before. */
  void openFailed(Throwable failure) {
    if (descriptor == null) {
      end = "the first handle could not be opened: " + failure;
    }
  }

  void saw(BackendStorage handle) {
    descriptor = handle.descriptor();
    version = handle.getClass().getPackage().getImplementationVersion();
  }

  void record(RuleResult result) {
    rows.put(result.rule().id(), ReportRow.of(result));
  }

  /** Writes the report that is left if the JVM ends before the first rule. */
  void start() throws IOException {
    write(report("the JVM ended before the first rule"));
  }

  /** Writes the report that is left if the JVM ends in this rule. */
  void startRule(Rule rule) throws IOException {
    record(
        new RuleResult(
            rule,
            RuleResult.Status.FAIL,
            "the JVM ended: it was stopped, it ran out of memory, or System.exit was called"));
    write(report("the JVM ended in " + rule.id()));
  }

  /** Writes the report of a run that came to its end. */
  TckReport finish() throws IOException {
    TckReport report = report(null);
    write(report);
    return report;
  }

  /** What became of every rule the test class has, in the order of their ids. */
  private TckReport report(@Nullable String unfinished) {
    return new TckReport(
        new TckReport.Subject(
            testClass,
            descriptor,
            version,
            seed,
            volume,
            tally,
            selection.isPartial() ? selection.toString() : null,
            unfinished),
        List.copyOf(rows.values()));
  }

  private void write(TckReport report) throws IOException {
    if (writtenName != null && !writtenName.equals(report.name())) {
      TckReport.delete(reports, writtenName);
    }
    report.write(reports);
    writtenName = report.name();
  }
}
