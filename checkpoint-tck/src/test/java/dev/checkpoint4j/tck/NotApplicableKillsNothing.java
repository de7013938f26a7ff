package dev.checkpoint4j.tck;

import com.google.auto.service.AutoService;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * For PIT, which runs each rule by itself. A test class of which no rule was run to its end fails,
 * so a rule that is not applicable would seem to find every mutant. With this, it passes. In use
 * only where the profile {@code pit} turns the detection of extensions on.
 */
@AutoService(Extension.class)
public final class NotApplicableKillsNothing implements InvocationInterceptor {

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    try {
      invocation.proceed();
    } catch (RuleNotApplicable nothingToSay) {
      // As said above.
    }
  }
}
