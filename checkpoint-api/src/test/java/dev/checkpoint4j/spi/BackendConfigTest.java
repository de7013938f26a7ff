package dev.checkpoint4j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.checkpoint4j.error.BackendConfigurationException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

class BackendConfigTest {

  private static final BackendOption<Integer> SIZE =
      BackendOption.integer("size", "How many.", 1, 10).withDefault(5);
  private static final BackendOption<String> REGION =
      BackendOption.text("region", "Where it is.").asRequired();
  private static final BackendOption<String> PASSWORD =
      BackendOption.text("password", "The password.").asSecret();
  private static final BackendOption<Integer> PIN =
      BackendOption.integer("pin", "The number.", 0, 9999).asSecret();
  private static final BackendOption<Durability> CLASS =
      BackendOption.choice("durability", "What it survives.", Durability.class);

  private record Provider(UrlStyle urlStyle, List<BackendOption<?>> options)
      implements BackendProvider {

    @Override
    public String id() {
      return "test";
    }

    @Override
    public Set<String> schemes() {
      return Set.of("test");
    }

    @Override
    public BackendStorage open(BackendConfig config, CheckpointCodec codec) {
      throw new UnsupportedOperationException();
    }
  }

  private static final BackendProvider QUERY =
      new Provider(
          BackendProvider.UrlStyle.OPTIONS_IN_QUERY, List.of(SIZE, REGION, PASSWORD, PIN, CLASS));
  private static final BackendProvider OPAQUE =
      new Provider(BackendProvider.UrlStyle.OPAQUE, List.of(SIZE));

  @Test
  void locationAndOptionsAreReadFromTheUrl() {
    BackendConfig config =
        BackendConfig.parse(
            QUERY, "TEST:./a%20b/c?region=eu%2F1+2&size=7&durability=power-loss", Map.of());
    assertThat(config.scheme()).isEqualTo("test");
    assertThat(config.location()).isEqualTo("./a%20b/c");
    assertThat(config.get(REGION)).contains("eu/1+2");
    assertThat(config.get(SIZE)).contains(7);
    assertThat(config.get(CLASS)).contains(Durability.POWER_LOSS);
    assertThat(config.get(PASSWORD)).isEmpty();
  }

  @Test
  void optionsBesideTheUrlWin() {
    BackendConfig config = BackendConfig.parse(QUERY, "test:x?region=a", Map.of("region", "b"));
    assertThat(config.require(REGION)).isEqualTo("b");
    assertThat(config.require(SIZE)).as("the default").isEqualTo(5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> config.require(CLASS))
        .withMessage("no value for option durability");
  }

  @Test
  void anOpaqueUrlIsTheLocation() {
    BackendConfig config =
        BackendConfig.parse(OPAQUE, "jdbc:x://host/db?size=99", Map.of("size", "2"));
    assertThat(config.location()).isEqualTo("jdbc:x://host/db?size=99");
    assertThat(config.get(SIZE)).contains(2);
  }

  @Test
  void allProblemsAreListedAtOnce() {
    assertThatExceptionOfType(BackendConfigurationException.class)
        .isThrownBy(
            () ->
                BackendConfig.parse(
                    QUERY,
                    "test:x?siez=1&size=eleven&pin=secret&durability=no&bare&password=%zz",
                    Map.of("Region", "a")))
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactlyInAnyOrder(
                        "option 'siez' is unknown; did you mean 'size'? Known: size, region,"
                            + " password, pin, durability",
                        "option 'Region' is unknown; did you mean 'region'? Known: size, region,"
                            + " password, pin, durability",
                        "option 'size' must be a whole number from 1 to 10; it is 'eleven'",
                        "option 'pin' must be a whole number from 0 to 9999",
                        "option 'durability' must be one of volatile, process-crash, power-loss; it"
                            + " is 'no'",
                        "an option of the URL is not of the form name=value",
                        "the value of option 'password' is not percent-encoded correctly",
                        "option 'region' is required: Where it is."))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  @Test
  void anOptionGivenTwiceIsAProblem() {
    assertThatExceptionOfType(BackendConfigurationException.class)
        .isThrownBy(() -> BackendConfig.parse(QUERY, "test:x?region=a&region=b", Map.of()))
        .withMessageContaining("option 'region' is given twice");
  }

  @Test
  void anUnknownOptionOfABackendWithoutOptionsIsAProblem() {
    BackendProvider bare = new Provider(BackendProvider.UrlStyle.OPTIONS_IN_QUERY, List.of());
    assertThatExceptionOfType(BackendConfigurationException.class)
        .isThrownBy(() -> BackendConfig.parse(bare, "test:x?a=b", Map.of()))
        .withMessageContaining("option 'a' is unknown; there are no options");
    assertThat(BackendConfig.parse(bare, "test:x?", Map.of()).location()).isEqualTo("x");
  }

  @Test
  void aUrlNeedsAScheme() {
    for (String url : List.of("", "state", ":x", "1a:x", "./a:b", "a b:c", "\u00e4:x")) {
      assertThatIllegalArgumentException()
          .as(url)
          .isThrownBy(() -> BackendConfig.schemeOf(url))
          .withMessageContaining("as in file:./state");
    }
    assertThat(BackendConfig.schemeOf("File:x")).isEqualTo("file");
    assertThat(BackendConfig.schemeOf("a+b-c.9:x")).isEqualTo("a+b-c.9");
  }

  @Test
  void secretsAreMasked() {
    BackendConfig config =
        BackendConfig.parse(
            QUERY, "test://ada:secret@host/x?region=a&password=secret&pin=1234", Map.of());
    assertThat(config.toString())
        .isEqualTo("BackendConfig[test://***@host/x, region=a, password=***, pin=***]");
    BackendConfig opaque =
        BackendConfig.parse(
            OPAQUE, "jdbc:x://host/db?user=ada&password=secret&ssl=true", Map.of("size", "1"));
    assertThat(opaque.toString())
        .isEqualTo("BackendConfig[jdbc:x://host/db?user=ada&password=***&ssl=true, size=1]");
    assertThat(BackendConfig.maskSecrets("jdbc:h2:./db;USER=sa;PASSWORD=secret;MODE=x"))
        .isEqualTo("jdbc:h2:./db;USER=sa;PASSWORD=***;MODE=x");
    assertThat(BackendConfig.maskSecrets("s3://b?secretAccessKey=x&sessionToken=y&region=z"))
        .isEqualTo("s3://b?secretAccessKey=***&sessionToken=***&region=z");
    assertThat(BackendConfig.maskSecrets("x://ada:se@cret@host/db?mail=a@b"))
        .isEqualTo("x://***@host/db?mail=a@b");
    assertThat(BackendConfig.maskSecrets("x://ada:se/cr@et@host/db"))
        .as("a password with a slash")
        .isEqualTo("x://***@host/db");
    assertThat(BackendConfig.maskSecrets("ada:secret@host/db"))
        .as("a scheme that was left out")
        .isEqualTo("***@host/db");
    assertThat(BackendConfig.maskSecrets("x:y;passwd=a;Passphrase = b;credentials=c&Signature=d"))
        .as("other names of secrets")
        .isEqualTo("x:y;passwd=***;Passphrase=***;credentials=***&Signature=***");
    assertThat(BackendConfig.maskSecrets("s3://bucket/folder@home?endpoint=http://localhost:9000"))
        .as("no secrets")
        .isEqualTo("s3://bucket/folder@home?endpoint=http://localhost:9000");
    assertThat(PASSWORD.toString()).isEqualTo("BackendOption[password, secret, text]");
  }

  @Test
  void aSecretWithinAnotherOptionIsMasked() {
    BackendConfig config =
        BackendConfig.parse(QUERY, "test:x", Map.of("region", "http://ada:secret@proxy/"));
    assertThat(config.toString()).isEqualTo("BackendConfig[test:x, region=http://***@proxy/]");
  }

  @Test
  void optionsReadTheirTexts() {
    BackendOption<Boolean> flag = BackendOption.flag("f", "d");
    assertThat(flag.parse("true")).isTrue();
    assertThat(flag.parse("false")).isFalse();
    BackendOption<Duration> duration = BackendOption.duration("d", "d");
    assertThat(duration.parse("PT1.5S")).isEqualTo(Duration.ofMillis(1500));
    assertThat(SIZE.parse("10")).isEqualTo(10);
    for (Callable<?> illegal :
        List.<Callable<?>>of(
            () -> flag.parse("TRUE"),
            () -> flag.parse(""),
            () -> duration.parse("30s"),
            () -> duration.parse("PT0S"),
            () -> duration.parse("PT-1S"),
            () -> SIZE.parse("0"),
            () -> SIZE.parse("11"),
            () -> SIZE.parse(" 1"),
            () -> SIZE.parse("99999999999"),
            () -> CLASS.parse("POWER_LOSS"))) {
      assertThatIllegalArgumentException().isThrownBy(illegal::call);
    }
  }

  @Test
  void anOptionSaysWhatItIs() {
    assertThat(REGION.isRequired()).isTrue();
    assertThat(REGION.isSecret()).isFalse();
    assertThat(PASSWORD.isSecret()).isTrue();
    assertThat(SIZE.defaultValue()).contains(5);
    assertThat(SIZE.name()).isEqualTo("size");
    assertThat(SIZE.description()).isEqualTo("How many.");
    assertThat(SIZE.form()).isEqualTo("a whole number from 1 to 10");
    assertThat(REGION.withDefault("eu").asSecret().isRequired()).isTrue();
    assertThat(REGION.toString()).isEqualTo("BackendOption[region, required, text]");
  }

  @Test
  void aDescriptorCopiesItsCapabilities() {
    Set<Capability> capabilities = EnumSet.of(Capability.ATTRIBUTE_QUERY);
    BackendDescriptor descriptor =
        BackendDescriptor.builder("test", Durability.POWER_LOSS).capabilities(capabilities).build();
    capabilities.clear();
    assertThat(descriptor.capabilities()).containsExactly(Capability.ATTRIBUTE_QUERY);
    assertThat(descriptor.maxDocumentBytes()).isEqualTo(Long.MAX_VALUE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BackendDescriptor.builder("t", Durability.VOLATILE).maxDocumentBytes(0));
  }
}
