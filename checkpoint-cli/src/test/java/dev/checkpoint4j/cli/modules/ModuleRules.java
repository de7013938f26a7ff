package dev.checkpoint4j.cli.modules;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The edges between the modules that section 2 of the design allows. */
final class ModuleRules {

  private static final String ROOT = "dev.checkpoint4j";

  /** The public packages of checkpoint-api; its other package is internal. */
  private static final String[] API = {ROOT, ROOT + ".spi", ROOT + ".error", ROOT + ".annotation"};

  private static final Pattern MODULE =
      Pattern.compile("dev\\.checkpoint4j\\.(store\\.\\w+|core|tck|cli|benchmarks)(?=\\.|$)");

  /** What each store may use beside Java and the API. */
  private static final Map<String, String[]> DRIVERS =
      Map.of(
          "memory",
          new String[] {},
          "file",
          new String[] {},
          "jdbc",
          new String[] {"javax.sql..", "org.jdbi..", "com.zaxxer.hikari..", "org.postgresql.."},
          "s3",
          new String[] {"software.amazon.awssdk.."});

  static final ArchRule THE_API_USES_JAVA_ONLY =
      classes()
          .that(resideInAnyPackage(API).or(resideInAPackage(ROOT + ".internal..")))
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(API)
                  .or(resideInAPackage(ROOT + ".internal.."))
                  .or(resideInAnyPackage("java..", "org.jspecify..")))
          .because("an application that codes against the API gets nothing else with it")
          .allowEmptyShould(false);

  static final ArchRule STORES_USE_THE_API_AND_THEIR_DRIVER_ONLY =
      classes()
          .that()
          .resideInAPackage(ROOT + ".store..")
          .should(useOnlyTheApiAndTheirDriver())
          .because("a store of a third party has no more than that either")
          .allowEmptyShould(false);

  static final ArchRule THE_TCK_USES_THE_API_AND_TEST_LIBRARIES_ONLY =
      classes()
          .that()
          .resideInAPackage(ROOT + ".tck..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(API)
                  .or(
                      resideInAnyPackage(
                          ROOT + ".tck..",
                          "java..",
                          "org.jspecify..",
                          "org.junit..",
                          "org.opentest4j..",
                          "org.apiguardian..",
                          "org.assertj..")))
          .because("the TCK must judge a backend without the help of the core")
          .allowEmptyShould(false);

  static final ArchRule THE_CORE_USES_NO_STORE =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".core..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(ROOT + ".store..", ROOT + ".tck..", ROOT + ".cli.."))
          .because("backends are found, not known")
          .allowEmptyShould(false);

  static final ArchRule INTERNAL_PACKAGES_ARE_OF_THEIR_MODULE =
      classes()
          .that()
          .resideInAPackage(ROOT + "..")
          .should(useInternalsOfTheirOwnModuleOnly())
          .because("internal packages may change in any release")
          .allowEmptyShould(false);

  static final ArchRule JACKSON_IS_IN_ONE_INTERNAL_PACKAGE =
      noClasses()
          .that(
              resideInAPackage(ROOT + "..")
                  .and(
                      DescribedPredicate.not(
                          resideInAnyPackage(ROOT + ".core.internal.json..", ROOT + ".cli.."))))
          .should()
          .dependOnClassesThat(resideInAPackage("com.fasterxml.."))
          .because("another major version of Jackson must be able to take its place")
          .allowEmptyShould(false);

  private ModuleRules() {}

  private static ArchCondition<JavaClass> useOnlyTheApiAndTheirDriver() {
    return condition(
        "use Java, the API and their driver only",
        dependency -> {
          String store = moduleOf(dependency.getOriginClass());
          String name = store.substring(store.lastIndexOf('.') + 1);
          return resideInAnyPackage(API)
              .or(resideInAnyPackage("java..", "org.jspecify..", "com.google.auto.service.."))
              .or(resideInAnyPackage(DRIVERS.getOrDefault(name, new String[] {})))
              .or(describe("of the store", used -> moduleOf(used).equals(store)))
              .test(dependency.getTargetClass());
        });
  }

  private static ArchCondition<JavaClass> useInternalsOfTheirOwnModuleOnly() {
    return condition(
        "use internals of their own module only",
        dependency ->
            !resideInAPackage(ROOT + "..internal..").test(dependency.getTargetClass())
                || moduleOf(dependency.getOriginClass())
                    .equals(moduleOf(dependency.getTargetClass())));
  }

  /** The package that names the module of a class; that of checkpoint-api is the root. */
  private static String moduleOf(JavaClass type) {
    Matcher module = MODULE.matcher(type.getPackageName());
    return module.lookingAt() ? module.group() : ROOT;
  }

  private static ArchCondition<JavaClass> condition(
      String description, Predicate<Dependency> isAllowed) {
    return new ArchCondition<>(description) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        type.getDirectDependenciesFromSelf().stream()
            .filter(isAllowed.negate())
            .forEach(
                dependency ->
                    events.add(
                        SimpleConditionEvent.violated(dependency, dependency.getDescription())));
      }
    };
  }
}
