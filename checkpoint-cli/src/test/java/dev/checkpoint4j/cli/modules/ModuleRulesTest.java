package dev.checkpoint4j.cli.modules;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.checkpoint4j.core.fixture.CoreThatKnowsAStore;
import dev.checkpoint4j.core.fixture.CoreThatShowsJackson;
import dev.checkpoint4j.spi.ApiThatUsesALibrary;
import dev.checkpoint4j.store.fixture.StoreThatUsesAnInternalPackage;
import dev.checkpoint4j.store.fixture.StoreThatUsesTheCore;
import dev.checkpoint4j.tck.fixture.TckThatUsesTheCore;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("Modules depend on one another only as the design allows")
class ModuleRulesTest {

  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.checkpoint4j");

  static Stream<Arguments> rules() {
    return Stream.of(
        Arguments.of(ModuleRules.THE_API_USES_JAVA_ONLY, ApiThatUsesALibrary.class),
        Arguments.of(
            ModuleRules.STORES_USE_THE_API_AND_THEIR_DRIVER_ONLY, StoreThatUsesTheCore.class),
        Arguments.of(
            ModuleRules.STORES_USE_THE_API_AND_THEIR_DRIVER_ONLY,
            StoreThatUsesAnInternalPackage.class),
        Arguments.of(
            ModuleRules.THE_TCK_USES_THE_API_AND_TEST_LIBRARIES_ONLY, TckThatUsesTheCore.class),
        Arguments.of(ModuleRules.THE_CORE_USES_NO_STORE, CoreThatKnowsAStore.class),
        Arguments.of(
            ModuleRules.INTERNAL_PACKAGES_ARE_OF_THEIR_MODULE,
            StoreThatUsesAnInternalPackage.class),
        Arguments.of(ModuleRules.JACKSON_IS_IN_ONE_INTERNAL_PACKAGE, CoreThatShowsJackson.class));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theProductObeysAndAViolationIsSeen(ArchRule rule, Class<?> violation) {
    rule.check(PRODUCT);
    assertThat(rule.evaluate(new ClassFileImporter().importClasses(violation)).hasViolation())
        .as("%s is seen", violation)
        .isTrue();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void everyModuleIsOnTheClassPathOfThisTest(String type) {
    assertThat(PRODUCT.contain(type)).isTrue();
  }

  static Stream<String> modules() {
    return Stream.of(
        "dev.checkpoint4j.Checkpoint",
        "dev.checkpoint4j.core.Checkpoints",
        "dev.checkpoint4j.store.memory.MemoryBackendProvider",
        "dev.checkpoint4j.store.file.FileBackendProvider",
        "dev.checkpoint4j.store.jdbc.JdbcBackendProvider",
        "dev.checkpoint4j.store.s3.S3BackendProvider",
        "dev.checkpoint4j.tck.ReferenceBackend",
        "dev.checkpoint4j.cli.CheckpointCli");
  }
}
