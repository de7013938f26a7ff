package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/** docs/spec.md and the rules of the TCK are the same list. */
class SpecTest {

  private static List<Method> ruleMethods() {
    return AnnotationSupport.findAnnotatedMethods(
        BackendStorageTck.class, Rule.class, HierarchyTraversalMode.TOP_DOWN);
  }

  private static Rule rule(Method method) {
    return method.getAnnotation(Rule.class);
  }

  @Test
  void everySentenceHasOneRuleOfTheSameLevelAndEveryRuleASentence() {
    assertThat(ruleMethods().stream().map(method -> rule(method).id()))
        .as("ids of rules")
        .doesNotHaveDuplicates();
    Map<String, Level> levels =
        ruleMethods().stream()
            .collect(Collectors.toMap(method -> rule(method).id(), method -> rule(method).level()));
    assertThat(Spec.entries().stream().collect(Collectors.toMap(Spec.Entry::id, Spec.Entry::level)))
        .as("levels of docs/spec.md by id, compared with those of the rules")
        .isEqualTo(levels)
        .isNotEmpty();
  }

  @Test
  void everyEntryIsComplete() {
    assertThat(Spec.entries())
        .allSatisfy(
            entry -> {
              assertThat(entry.id()).matches("[A-Z]{2,5}-[0-9]{2}");
              assertThat(entry.sentence()).as("sentence of %s", entry.id()).endsWith(".");
              for (String part : List.of(entry.intent(), entry.checked(), entry.advice())) {
                assertThat(part).as("a part of %s", entry.id()).endsWith(".");
              }
            });
  }

  @Test
  void noRuleCanBeOverridden() {
    assertThat(ruleMethods())
        .allSatisfy(
            method ->
                assertThat(Modifier.toString(method.getModifiers()))
                    .as("modifiers of %s", method.getName())
                    .isEqualTo("protected final"));
  }
}
