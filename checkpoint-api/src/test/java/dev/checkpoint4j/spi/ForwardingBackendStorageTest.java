package dev.checkpoint4j.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ForwardingBackendStorageTest {

  private record Call(Method method, List<Object> arguments) {}

  /** One argument of each type of parameter that the SPI has. */
  private static final Map<Class<?>, Object> ARGUMENTS =
      Map.of(
          Checkpoint.class, Checkpoint.empty("s"),
          Expectation.class, Expectation.noSession(),
          SessionKey.class, new SessionKey("n", "s"),
          CheckpointQuery.class, CheckpointQuery.builder("n").build(),
          String.class, "text",
          int.class, 7,
          Optional.class, Optional.of("cursor"),
          Collection.class, List.of("i"));

  private static final Map<Class<?>, Object> RESULTS =
      Map.of(
          BackendDescriptor.class, BackendDescriptor.builder("test", Durability.VOLATILE).build(),
          Optional.class, Optional.of(Checkpoint.empty("s")),
          Page.class, Page.of(List.of(), "next"),
          long.class, 42L);

  @Test
  void theSpiHasElevenMethodsWithoutDefaults() {
    assertThat(BackendStorage.class.getDeclaredMethods())
        .filteredOn(method -> !method.isSynthetic())
        .hasSize(11)
        .noneMatch(Method::isDefault);
    assertThat(BackendStorage.class.getMethods())
        .as("nothing but close is inherited")
        .extracting(Method::getName)
        .containsOnly(
            "descriptor",
            "put",
            "get",
            "getBySession",
            "list",
            "listHeaders",
            "listSessions",
            "listNamespaces",
            "delete",
            "deleteBySession",
            "close");
  }

  @Test
  void everyMethodIsForwardedWithItsArgumentsAndItsResult() throws Exception {
    List<Call> calls = new ArrayList<>();
    BackendStorage delegate =
        (BackendStorage)
            Proxy.newProxyInstance(
                BackendStorage.class.getClassLoader(),
                new Class<?>[] {BackendStorage.class},
                (proxy, method, arguments) -> {
                  calls.add(new Call(method, arguments == null ? List.of() : List.of(arguments)));
                  return RESULTS.get(method.getReturnType());
                });
    BackendStorage forwarding = new ForwardingBackendStorage(delegate) {};
    for (Method method : BackendStorage.class.getDeclaredMethods()) {
      if (method.isSynthetic()) {
        continue;
      }
      Object[] arguments = Arrays.stream(method.getParameterTypes()).map(ARGUMENTS::get).toArray();
      calls.clear();
      Object result = method.invoke(forwarding, arguments);
      assertThat(calls)
          .as("calls of the delegate for %s", method)
          .containsExactly(new Call(method, List.of(arguments)));
      if (method.getReturnType() != void.class) {
        assertThat(result).as("the result of %s", method).isNotNull();
        assertThat(result).isEqualTo(RESULTS.get(method.getReturnType()));
      }
    }
  }
}
