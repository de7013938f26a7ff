package dev.checkpoint4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.BackendNotFoundException;
import dev.checkpoint4j.spi.BackendProvider;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.RecoveryEvent;
import dev.checkpoint4j.spi.StorageEvent;
import dev.checkpoint4j.spi.StorageListener;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.tck.ReferenceBackend;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendResolutionTest {

  private static final TestProviders.Codec CODEC = new TestProviders.Codec();

  @TempDir private Path directory;
  private TestServices services;

  @BeforeEach
  void makeServices() {
    services = new TestServices(directory);
  }

  private static CheckpointRepositoryBuilder builder(ClassLoader... loaders) {
    return Checkpoints.builder().classLoaders(List.of(loaders));
  }

  private BackendConfigurationException configurationFailure(CheckpointRepositoryBuilder builder) {
    return catchThrowableOfType(BackendConfigurationException.class, builder::build);
  }

  @Test
  void aUrlOpensTheBackendOfItsScheme() throws IOException {
    services
        .register("a", BackendProvider.class, TestProviders.Plain.class)
        .register("b", CheckpointCodec.class, TestProviders.Codec.class);
    try (URLClassLoader loader = services.classLoader();
        CheckpointRepository repository = builder(loader).url("TEST:here?size=3").build()) {
      repository.save("s", Map.of("step", 1));
      assertThat(repository.getBySession("s").orElseThrow().values())
          .as("what was saved")
          .isEqualTo(Map.of("step", 1));
      assertThat(repository.namespace()).as("namespace").isEqualTo("default");
      assertThat(repository.descriptor().id()).as("backend").isEqualTo("reference");
    }
  }

  @Test
  void openFindsTheBackendOfTheContextClassLoaderAndTheCodecOfTheLibrary() throws IOException {
    services.register("a", BackendProvider.class, TestProviders.Plain.class);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = services.classLoader()) {
      thread.setContextClassLoader(loader);
      try (CheckpointRepository repository = Checkpoints.open("test:")) {
        assertThat(repository.getBySession("s")).as("latest").isEmpty();
      }
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void theLibraryIsSearchedWithoutAContextClassLoader() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try {
      thread.setContextClassLoader(null);
      assertThatThrownBy(() -> Checkpoints.open("nosuch:x"))
          .as("unknown scheme")
          .isInstanceOf(BackendNotFoundException.class);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void aClassThatTwoClassLoadersFindCountsOnce() throws IOException {
    services.register("a", BackendProvider.class, TestProviders.Plain.class);
    try (URLClassLoader one = services.classLoader();
        URLClassLoader two = services.classLoader();
        CheckpointRepository repository = builder(one, two).url("test:").codec(CODEC).build()) {
      assertThat(repository.codec()).isSameAs(CODEC);
      assertThat(repository.getBySession("s")).as("latest").isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "file", "jdbc", "s3"})
  void theArtifactOfAKnownSchemeIsNamed(String scheme) throws IOException {
    try (URLClassLoader loader = services.classLoader()) {
      assertThatThrownBy(() -> builder(loader).url(scheme + ":x").codec(CODEC).build())
          .as("a backend that is not on the class path")
          .isInstanceOf(BackendNotFoundException.class)
          .hasMessageContaining("dev.checkpoint4j:checkpoint-store-" + scheme)
          .hasMessageContaining("Found: none");
    }
  }

  @Test
  void aBackendWhoseServiceFileIsLostIsNotToBeAdded() {
    ClassLoader shaded =
        new ClassLoader(null) {
          @Override
          public Class<?> loadClass(String name) throws ClassNotFoundException {
            return name.endsWith("FileBackendProvider") ? Object.class : super.loadClass(name);
          }
        };
    assertThatThrownBy(() -> builder(shaded).url("file:x").codec(CODEC).build())
        .as("a backend in a shaded jar")
        .isInstanceOf(BackendNotFoundException.class)
        .hasMessageContainingAll(
            "dev.checkpoint4j.store.file.FileBackendProvider is there",
            "merge the service files",
            "mergeServiceFiles()")
        .hasMessageNotContaining("Add the artifact");
  }

  @ParameterizedTest
  @ValueSource(strings = {"postgres", "postgresql", "mysql", "mariadb"})
  void theUrlOfAnotherLibraryIsAnsweredWithTheJdbcUrl(String scheme) throws IOException {
    try (URLClassLoader loader = services.classLoader()) {
      assertThatThrownBy(
              () -> builder(loader).url(scheme + "://app:hunter2@db/state").codec(CODEC).build())
          .as("a URL without jdbc:")
          .isInstanceOf(BackendNotFoundException.class)
          .hasMessageContainingAll(
              "Write jdbc:" + scheme.replaceFirst("postgres$", "postgresql") + "://HOST/DATABASE",
              "user and password as options",
              "dev.checkpoint4j:checkpoint-store-jdbc")
          .hasMessageNotContaining("hunter2");
    }
  }

  @Test
  void anUnknownSchemeListsWhatWasFoundAndWhatThereIs() throws IOException {
    services.register("a", BackendProvider.class, TestProviders.Plain.class);
    try (URLClassLoader loader = services.classLoader()) {
      assertThatThrownBy(
              () -> builder(loader).url("tset://user:hunter2@host/x").codec(CODEC).build())
          .as("a misspelt scheme")
          .isInstanceOf(BackendNotFoundException.class)
          .hasMessageContainingAll(
              "'tset'",
              "Found: test by " + TestProviders.Plain.class.getName(),
              "file: dev.checkpoint4j:checkpoint-store-file")
          .hasMessageNotContaining("hunter2");
    }
  }

  @ParameterizedTest
  @CsvSource({"./state,file:./state", "/var/state,file:/var/state", "C:\\state,file:C:\\state"})
  void aPathIsToldTheUrlItShouldBe(String path, String url) {
    BackendConfigurationException failure =
        configurationFailure(Checkpoints.builder().url(path).codec(CODEC));
    assertThat(failure.problems())
        .as("problems of a path")
        .singleElement()
        .asString()
        .contains("'" + path + "'", "did you mean '" + url + "'");
  }

  /** Hears of calls and repairs. */
  private record Hearing(List<StorageEvent> events, List<RecoveryEvent> repairs)
      implements StorageListener {

    @Override
    public void onEvent(StorageEvent event) {
      events.add(event);
    }

    @Override
    public void onRecovery(RecoveryEvent repair) {
      repairs.add(repair);
      throw new IllegalStateException("listener");
    }
  }

  @Test
  void everyListenerIsToldOfRepairsAndNoneDisturbsThem() throws IOException {
    services.register("a", BackendProvider.class, TestProviders.Repairing.class);
    Hearing first = new Hearing(new ArrayList<>(), new ArrayList<>());
    Hearing second = new Hearing(new ArrayList<>(), new ArrayList<>());
    try (URLClassLoader loader = services.classLoader();
        CheckpointRepository repository =
            builder(loader)
                .url("test:x")
                .codec(CODEC)
                .listener(first)
                .listener(second)
                .listener(event -> {})
                .build()) {
      assertThat(repository.getBySession("s")).as("a session that is not there").isEmpty();
    }
    assertThat(first.repairs()).as("repairs").containsExactly(TestProviders.Repairing.REPAIR);
    assertThat(second.repairs()).as("repairs").containsExactly(TestProviders.Repairing.REPAIR);
    assertThat(first.events())
        .as("calls, of which each listener is told once")
        .extracting(event -> event.context().operation())
        .containsExactly("getBySession", "close");
  }

  @Test
  void aUrlWithoutASchemeIsPrintedWithoutItsSecrets() {
    BackendConfigurationException failure =
        configurationFailure(Checkpoints.builder().url("//user:hun@ter2@host/x?password=hunter3"));
    assertThat(failure).as("failure").hasMessageContaining("//***@host");
    assertThat(failure.getMessage()).as("message").doesNotContain("ter2", "hunter3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ":x", "1a:x", "a b:x"})
  void aUrlThatIsNoneIsRefused(String url) {
    assertThat(configurationFailure(Checkpoints.builder().url(url)).getMessage())
        .as("message for '%s'", url)
        .contains("file:./state");
  }

  @Test
  void twoBackendsOfOneSchemeAreBothNamedWithTheirJars() throws IOException {
    services
        .registerCopy("first-jar", BackendProvider.class, TestProviders.Plain.class)
        .register("second-jar", BackendProvider.class, TestProviders.Rival.class);
    try (URLClassLoader loader = services.classLoader()) {
      BackendConfigurationException failure =
          configurationFailure(builder(loader).url("test:").codec(CODEC));
      assertThat(failure)
          .as("failure")
          .hasMessageContainingAll(
              "2 backends serve the scheme 'test'",
              TestProviders.Plain.class.getName() + " (file:",
              "/first-jar/)",
              TestProviders.Rival.class.getName() + " (file:",
              "keep one of them");
    }
  }

  @Test
  void aBackendThatCannotBeLoadedIsNamed() throws IOException {
    services.register("a", BackendProvider.class, TestProviders.Broken.class);
    try (URLClassLoader loader = services.classLoader()) {
      BackendConfigurationException failure =
          configurationFailure(builder(loader, loader).url("test:").codec(CODEC));
      assertThat(failure.problems()).as("problems").hasSize(2);
      assertThat(failure)
          .as("failure")
          .hasMessageContainingAll(TestProviders.Broken.class.getName(), "no driver")
          .hasCauseInstanceOf(java.util.ServiceConfigurationError.class);
    }
  }

  @Test
  void aMissingClassOfABackendIsNamed() throws IOException {
    services.register("a", BackendProvider.class, "com.example.Gone");
    try (URLClassLoader loader = services.classLoader()) {
      assertThat(configurationFailure(builder(loader).url("test:").codec(CODEC)))
          .as("failure")
          .hasMessageContaining("com.example.Gone");
    }
  }

  @Test
  void aBackendThatCannotBeLoadedDoesNotDisturbTheOthers() throws IOException {
    services.register(
        "a",
        BackendProvider.class,
        TestProviders.Broken.class.getName(),
        "com.example.Gone",
        TestProviders.Plain.class.getName());
    try (URLClassLoader loader = services.classLoader();
        CheckpointRepository repository = builder(loader).url("test:").codec(CODEC).build()) {
      assertThat(repository.descriptor().id()).as("backend").isEqualTo("reference");
    }
  }

  @Test
  void aMissingCodecIsAnError() throws IOException {
    services.register("a", BackendProvider.class, TestProviders.Plain.class);
    try (URLClassLoader loader = services.classLoader()) {
      assertThat(configurationFailure(builder(loader).url("test:")))
          .as("failure")
          .hasMessageContainingAll("no codec", "checkpoint-core", "codec(");
    }
  }

  @Test
  void aCodecThatCannotBeLoadedIsNamed() throws IOException {
    services
        .register("a", BackendProvider.class, TestProviders.Plain.class)
        .register("b", CheckpointCodec.class, "com.example.Gone");
    try (URLClassLoader loader = services.classLoader()) {
      assertThat(configurationFailure(builder(loader).url("test:")))
          .as("failure")
          .hasMessageContainingAll("the codec cannot be loaded", "com.example.Gone");
    }
  }

  @Test
  void twoCodecsAreAnError() throws IOException {
    services
        .register("a", BackendProvider.class, TestProviders.Plain.class)
        .register(
            "b", CheckpointCodec.class, TestProviders.Codec.class, TestProviders.RivalCodec.class);
    try (URLClassLoader loader = services.classLoader()) {
      assertThat(configurationFailure(builder(loader).url("test:")))
          .as("failure")
          .hasMessageContainingAll("2 codecs", "$Codec (", "$RivalCodec (");
    }
  }

  @Test
  void everyWrongOptionIsReportedAtOnceWithoutSecrets() throws IOException {
    services.register("a", BackendProvider.class, TestProviders.Plain.class);
    try (URLClassLoader loader = services.classLoader()) {
      BackendConfigurationException failure =
          configurationFailure(
              builder(loader)
                  .url("test:x?sise=1&password=hunter2")
                  .option("size", "ten")
                  .namespace("")
                  .maxInFlight(0));
      assertThat(failure.problems())
          .as("problems: namespace, maxInFlight, two options, the codec")
          .hasSize(5);
      assertThat(failure)
          .as("failure")
          .hasMessageContainingAll(
              "namespace is empty", "maxInFlight 0", "'sise'", "did you mean 'size'", "'ten'");
      assertThat(failure.getMessage()).as("message").doesNotContain("hunter2");
    }
  }

  @Test
  void aSchemeThatIsNotFoundIsReportedWithTheOtherProblems() throws IOException {
    try (URLClassLoader loader = services.classLoader()) {
      BackendConfigurationException failure =
          configurationFailure(builder(loader).url("file:x").namespace("\u0000"));
      assertThat(failure.problems()).as("problems").hasSize(2);
      assertThat(failure)
          .as("failure")
          .hasMessageContainingAll("control character", "checkpoint-store-file")
          .hasCauseInstanceOf(BackendNotFoundException.class);
    }
  }

  @Test
  void aProviderThatOpensNothingIsNamed() throws IOException {
    services.register("a", BackendProvider.class, TestProviders.Empty.class);
    try (URLClassLoader loader = services.classLoader()) {
      assertThatThrownBy(() -> builder(loader).url("test:").codec(CODEC).build())
          .as("a wrong provider")
          .isInstanceOf(NullPointerException.class)
          .hasMessageContaining(TestProviders.Empty.class.getName());
    }
  }

  @Test
  void aProviderThatCanVerifiesTheStoreOfAUrl() throws IOException {
    services.register("a", BackendProvider.class, TestProviders.Verifying.class);
    try (URLClassLoader loader = services.classLoader()) {
      CheckpointRepositoryBuilder builder =
          builder(loader).url("test:here?size=3").option("size", "7").codec(CODEC);
      assertThat(builder.verify(VerificationOptions.defaults()).bytes())
          .as("the option that reached the provider")
          .isEqualTo(7);
      assertThatThrownBy(
              () -> builder.verify(VerificationOptions.defaults().withRemovalOfLeftovers()))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("backend 'test' has no leftovers to remove");
      assertThatThrownBy(
              () ->
                  builder(loader)
                      .url("test:?sise=3")
                      .codec(CODEC)
                      .verify(VerificationOptions.defaults()))
          .isInstanceOf(BackendConfigurationException.class)
          .hasMessageContaining("did you mean 'size'");
    }
  }

  @Test
  void aProviderThatCannotVerifyIsNamed() throws IOException {
    services.register("a", BackendProvider.class, TestProviders.Plain.class);
    try (URLClassLoader loader = services.classLoader()) {
      assertThatThrownBy(
              () ->
                  builder(loader).url("test:").codec(CODEC).verify(VerificationOptions.defaults()))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("backend 'test' cannot verify its stores")
          .hasMessageContaining(TestProviders.Plain.class.getName());
    }
    assertThatThrownBy(
            () ->
                Checkpoints.builder()
                    .storage(new ReferenceBackend())
                    .verify(VerificationOptions.defaults()))
        .isInstanceOf(BackendConfigurationException.class)
        .hasMessageContaining("no url is set");
  }

  @Test
  void neitherUrlNorStorageIsAnError() {
    assertThat(configurationFailure(Checkpoints.builder()))
        .as("failure")
        .hasMessageContaining("neither a url nor a storage");
  }

  @Test
  void whatGoesWithAUrlOnlyIsRefusedBesideAStorage() {
    BackendConfigurationException failure =
        configurationFailure(
            Checkpoints.builder()
                .storage(new ReferenceBackend())
                .url("test:")
                .option("size", "1")
                .codec(CODEC));
    assertThat(failure.problems()).as("problems: url, options, codec").hasSize(3);
    assertThat(failure.backendId()).as("backend").isEqualTo("reference");
  }
}
