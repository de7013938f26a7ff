package dev.checkpoint4j.tck;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;
import org.opentest4j.TestAbortedException;

/** Explains failures in terms of the rule that broke, and reports what became of every rule. */
final class TckExtension
    implements ExecutionCondition,
        BeforeAllCallback,
        BeforeEachCallback,
        InvocationInterceptor,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler,
        TestWatcher,
        AfterAllCallback {

  private static final Class<?> RULES = BackendStorageTck.class;
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(TckExtension.class);

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    TckRun run = TckRun.of(context);
    run.start();
    context.getStore(NAMESPACE).put(TckRun.class, run);
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<String> leftOut =
        ruleOf(context)
            .map(Rule::id)
            .filter(id -> !run(context).selection().includes(id))
            .map(
                id ->
                    "left out by %s=%s"
                        .formatted(RuleSelection.PROPERTY, run(context).selection()));
    return leftOut
        .map(ConditionEvaluationResult::disabled)
        .orElseGet(() -> ConditionEvaluationResult.enabled(""));
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    run(context)
        .end()
        .ifPresent(
            reason -> {
              throw new TestAbortedException("not run: " + reason);
            });
    Reads test = (Reads) context.getRequiredTestInstance();
    Set<String> unknown = new TreeSet<>(test.deviations().keySet());
    Spec.entries().forEach(entry -> unknown.remove(entry.id()));
    if (!unknown.isEmpty()) {
      throw new ExtensionConfigurationException(
          "deviations() names what is no rule: " + String.join(", ", unknown));
    }
    Optional<Rule> rule = ruleOf(context);
    if (rule.isPresent()) {
      run(context).startRule(rule.get());
    }
    test.prepare(run(context), context.getRequiredTestMethod().getName());
  }

  /** A rule that a deviation is declared of has to fail. */
  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    Reads test = (Reads) context.getRequiredTestInstance();
    Optional<String> reason = ruleOf(context).map(rule -> test.deviations().get(rule.id()));
    if (reason.isEmpty()) {
      proceed(invocation, context);
      return;
    }
    Throwable failure = null;
    try {
      proceed(invocation, context);
    } catch (Throwable thrown) {
      failure = thrown;
    }
    if (failure == null || failure instanceof RuleNotApplicable) {
      throw new StaleDeviation(
          "deviations() declares that the rule does not hold (%s), but %s; take the entry out"
              .formatted(
                  reason.get(),
                  failure == null ? "it holds" : "it is not applicable: " + failure.getMessage()));
    }
    Throwable explained = explained(context, failure);
    throw explained instanceof AssertionError || explained instanceof RecommendationNotMet
        ? new DeclaredDeviation(
            "declared: %s%n%s".formatted(reason.get(), explained.getMessage()), explained)
        : explained;
  }

  @Override
  public void interceptBeforeEachMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    proceed(invocation, context);
  }

  /** Handles of a rule that hangs stay open: closing them could hang as well. */
  @Override
  public void interceptAfterEachMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    if (run(context).hasHung()) {
      invocation.skip();
    } else {
      proceed(invocation, context);
    }
  }

  private static void proceed(Invocation<Void> invocation, ExtensionContext context)
      throws Throwable {
    String rule = ruleOf(context).map(Rule::id).orElse("test");
    try {
      RuleThread.run(rule, run(context).limit(), invocation::proceed);
    } catch (RuleThread.HangException e) {
      run(context).hung(rule);
      throw e;
    } catch (OutOfMemoryError e) {
      // JUnit would end the run.
      throw new AssertionError("unexpected " + e + at(e), e);
    }
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
    if (rule.isEmpty() || failure instanceof TestAbortedException) {
      return failure;
    }
    Spec.Entry entry = Spec.of(rule.get());
    String seen =
        failure instanceof AssertionError && isOfTck(failure)
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
    Throwable explained =
        entry.level() == Level.SHOULD && !(failure instanceof StaleDeviation)
            ? new RecommendationNotMet(message, failure)
            : new AssertionError(message, failure);
    Frames.shorten(explained);
    return explained;
  }

  /** Whether an assertion failed in the TCK, and not one of the backend's own. */
  private static boolean isOfTck(Throwable failure) {
    for (StackTraceElement frame : failure.getStackTrace()) {
      if (frame.getClassName().startsWith(RULES.getPackageName() + ".")) {
        return true;
      }
      if (!frame.getClassName().startsWith("org.assertj.")
          && !frame.getClassName().startsWith("java.")
          && !frame.getClassName().startsWith("jdk.")) {
        return false;
      }
    }
    return true;
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
    record(context, statusOf(cause), messageOf(cause));
  }

  private static RuleResult.Status statusOf(@Nullable Throwable cause) {
    if (cause instanceof RuleNotApplicable) {
      return RuleResult.Status.NOT_APPLICABLE;
    }
    if (cause instanceof DeclaredDeviation) {
      return RuleResult.Status.DEVIATION;
    }
    return cause instanceof RecommendationNotMet
        ? RuleResult.Status.FAIL
        : RuleResult.Status.UNTESTED;
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
    if (run(context).finish().isEmpty()) {
      throw new AssertionError(
          "no rule was run to its end: each was filtered out, disabled or not applicable");
    }
  }

  private static TckRun run(ExtensionContext context) {
    return Objects.requireNonNull(
        context.getStore(NAMESPACE).get(TckRun.class, TckRun.class), "run of the test class");
  }

  private static Optional<Rule> ruleOf(ExtensionContext context) {
    return context.getTestMethod().map(method -> method.getAnnotation(Rule.class));
  }
}
