package dev.checkpoint4j.tck;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;
import org.opentest4j.TestAbortedException;

/** Explains failures in terms of the rule that broke, and reports what became of every rule. */
final class TckExtension
    implements BeforeAllCallback,
        BeforeEachCallback,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler,
        TestWatcher,
        AfterAllCallback {

  private static final Class<?> RULES = BackendStorageTck.class;
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(TckExtension.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    context.getStore(NAMESPACE).put(TckRun.class, TckRun.of(context));
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    RuleSupport test = (RuleSupport) context.getRequiredTestInstance();
    test.prepare(run(context), context.getRequiredTestMethod().getName());
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  @Override
  public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  @Override
  public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  private static Throwable explained(ExtensionContext context, Throwable failure) {
    Optional<Rule> rule = ruleOf(context);
    if (rule.isEmpty()
        || failure instanceof TestAbortedException
        || failure instanceof VirtualMachineError) {
      return failure;
    }
    Spec.Entry entry = Spec.of(rule.get());
    String seen =
        failure instanceof AssertionError
            ? String.valueOf(failure.getMessage())
            : "unexpected " + failure + at(failure);
    String message =
        """
        [%s %s] %s
        Seen: %s
        Check first: %s
        Repeat with: %s
        """
            .formatted(
                entry.id(),
                entry.level(),
                entry.sentence(),
                seen.strip(),
                entry.advice(),
                run(context).howToRepeat());
    return entry.level() == Level.SHOULD
        ? new RecommendationNotMet(message, failure)
        : new AssertionError(message, failure);
  }

  /** Where it was thrown, and which line of the rule led there. */
  private static String at(Throwable failure) {
    List<StackTraceElement> trace = List.of(failure.getStackTrace());
    String thrown = trace.isEmpty() ? "" : " at " + trace.get(0);
    return trace.stream()
        .filter(frame -> frame.getClassName().startsWith(RULES.getPackageName() + "."))
        .filter(frame -> frame.getClassName().endsWith("Rules"))
        .reduce((inner, outer) -> outer)
        .map(frame -> thrown + ", called by " + frame)
        .orElse(thrown);
  }

  @Override
  public void testSuccessful(ExtensionContext context) {
    record(context, RuleResult.Status.PASS, "");
  }

  @Override
  public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
    RuleResult.Status status =
        cause instanceof RuleNotApplicable
            ? RuleResult.Status.NOT_APPLICABLE
            : cause instanceof RecommendationNotMet
                ? RuleResult.Status.FAIL
                : RuleResult.Status.UNTESTED;
    record(context, status, messageOf(cause));
  }

  @Override
  public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
    record(context, RuleResult.Status.FAIL, messageOf(cause));
  }

  @Override
  public void testDisabled(ExtensionContext context, Optional<String> reason) {
    record(context, RuleResult.Status.UNTESTED, reason.orElse("disabled"));
  }

  private static void record(ExtensionContext context, RuleResult.Status status, String detail) {
    ruleOf(context).ifPresent(rule -> run(context).record(new RuleResult(rule, status, detail)));
  }

  private static String messageOf(@Nullable Throwable cause) {
    return cause == null
        ? "no reason given"
        : Objects.requireNonNullElse(cause.getMessage(), cause.toString());
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    TckRun run = run(context);
    run.report().write(run.reports());
  }

  private static TckRun run(ExtensionContext context) {
    return Objects.requireNonNull(
        context.getStore(NAMESPACE).get(TckRun.class, TckRun.class), "run of the test class");
  }

  private static Optional<Rule> ruleOf(ExtensionContext context) {
    return context.getTestMethod().map(method -> method.getAnnotation(Rule.class));
  }
}
