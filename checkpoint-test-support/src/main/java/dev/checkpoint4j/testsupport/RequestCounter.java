package dev.checkpoint4j.testsupport;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;

/**
 * Counts the requests of a client by operation: those the caller made, and those that were sent,
 * which are more when the SDK tries again. What the HTTP client repeats by itself is not seen.
 */
public final class RequestCounter implements ExecutionInterceptor {

  private final SortedMap<String, Integer> calls = new TreeMap<>();
  private final SortedMap<String, Integer> sent = new TreeMap<>();

  /** The requests made so far, each once. */
  public synchronized Counts calls() {
    return new Counts(calls);
  }

  /** The requests sent so far, with each further attempt. */
  public synchronized Counts sent() {
    return new Counts(sent);
  }

  /** The requests sent by an action, which must be the only one. */
  public Counts sentBy(Callable<?> action) throws Exception {
    Counts before = sent();
    action.call();
    return sent().minus(before);
  }

  @Override
  public synchronized void beforeExecution(
      Context.BeforeExecution context, ExecutionAttributes attributes) {
    calls.merge(operation(attributes), 1, Integer::sum);
  }

  @Override
  public synchronized void beforeTransmission(
      Context.BeforeTransmission context, ExecutionAttributes attributes) {
    sent.merge(operation(attributes), 1, Integer::sum);
  }

  private static String operation(ExecutionAttributes attributes) {
    return attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME);
  }

  /** As a string, {@code GetObject 2, PutObject 1}; {@code none} if there are none. */
  public record Counts(Map<String, Integer> byOperation) {

    public Counts {
      byOperation = new TreeMap<>(byOperation);
    }

    public int of(String operation) {
      return byOperation.getOrDefault(operation, 0);
    }

    public int total() {
      return byOperation.values().stream().mapToInt(Integer::intValue).sum();
    }

    public Counts minus(Counts earlier) {
      Map<String, Integer> difference = new TreeMap<>();
      byOperation.forEach(
          (operation, count) -> {
            if (count > earlier.of(operation)) {
              difference.put(operation, count - earlier.of(operation));
            }
          });
      return new Counts(difference);
    }

    @Override
    public String toString() {
      return byOperation.isEmpty()
          ? "none"
          : byOperation.entrySet().stream()
              .map(entry -> entry.getKey() + " " + entry.getValue())
              .collect(Collectors.joining(", "));
    }
  }
}
