package dev.checkpoint4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.core.Checkpoints;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

class VerifyCommandTest {

  @TempDir private Path temp;
  private Path folder;
  private String store;

  @BeforeEach
  void storeThreeCheckpoints() {
    folder = temp.resolve("store");
    store = "file:" + folder + "?durability=process-crash";
    try (CheckpointRepository repository = Checkpoints.open(store)) {
      repository.save("s", Map.of("step", 1));
      repository.save("s", Map.of("step", 2));
      repository.namespace("other").save("t", Map.of("step", 1));
    }
  }

  private static void assertFails(CliRun run, int exitCode, String... message) {
    assertThat(run.exitCode()).as("exit code; stderr: %s", run.err()).isEqualTo(exitCode);
    assertThat(run.out()).as("stdout").isEmpty();
    assertThat(run.err().lines()).as("lines on stderr").hasSize(1);
    assertThat(run.err()).as("stderr").contains(message);
  }

  private Path log(String session) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".log")).toList()) {
        if (Files.readString(file).lines().findFirst().orElseThrow().endsWith(" " + session)) {
          return file;
        }
      }
    }
    throw new IllegalStateException("no log of " + session);
  }

  /** Changes the state of step 1 of session s, without its checksum. */
  private void damage() throws IOException {
    Path log = log("s");
    String text = Files.readString(log, StandardCharsets.ISO_8859_1);
    Files.writeString(log, text.replace("\"step\":1", "\"step\":7"), StandardCharsets.ISO_8859_1);
  }

  @Test
  void aSoundStoreIsCounted() {
    CliRun run = CliRun.of("verify", "--store", store);

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.outLines()).hasSize(1);
    assertThat(run.out())
        .startsWith("namespaces: 2, sessions: 2, intact checkpoints: 3, bytes: ")
        .contains("problems: 0");
    JsonNode summary = CliRun.of("verify", "--store", store, "--json").outObject();
    assertThat(summary.get("checkpoints").asInt()).isEqualTo(3);
    assertThat(summary.get("bytes").asLong()).isPositive();
  }

  @Test
  void damageIsNamedWithFileAndPlace() throws IOException {
    damage();

    CliRun run = CliRun.of("verify", "--store", store);

    assertThat(run.exitCode()).isEqualTo(ExitCode.NOT_FOUND_OR_UNVERIFIED);
    assertThat(run.err()).isEmpty();
    assertThat(run.outLines()).hasSize(2);
    assertThat(run.outLines().get(0)).startsWith("frame: " + log("s") + ", byte ");
    assertThat(run.outLines().get(1)).contains("intact checkpoints: 2", "problems: 1");
    List<JsonNode> objects = CliRun.of("verify", "--store", store, "--json").outObjects();
    assertThat(objects).hasSize(2);
    assertThat(objects.get(0).get("location").asText()).startsWith(log("s") + ", byte ");
    assertThat(objects.get(0).get("session").asText()).isEqualTo("s");
    assertThat(objects.get(0).hasNonNull("id")).as("names the checkpoint").isTrue();
    assertThat(objects.get(0).get("kind").asText()).isEqualTo("frame");
    assertThat(objects.get(0).get("damage").asBoolean()).isTrue();
    assertThat(objects.get(1).get("problems").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:FOLDER/new", "jdbc:h2:FOLDER/new"})
  void whatIsIntactIsSalvagedIntoAnyNewStore(String pattern) throws IOException {
    damage();
    String target = pattern.replace("FOLDER", temp.toString());

    CliRun run = CliRun.of("verify", "--store", store, "--salvage-to", target);

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.NOT_FOUND_OR_UNVERIFIED);
    assertThat(run.out()).contains("salvaged checkpoints: 2");
    try (CheckpointRepository salvaged = Checkpoints.open(target);
        CheckpointRepository source = Checkpoints.open(store)) {
      assertThat(salvaged.getBySession("s")).isEqualTo(source.getBySession("s")).isPresent();
      assertThat(salvaged.namespace("other").getBySession("t"))
          .isEqualTo(source.namespace("other").getBySession("t"))
          .isPresent();
    }
  }

  @Test
  void aTargetThatHoldsAnythingIsRefused() throws IOException {
    Path target = Files.createDirectory(temp.resolve("used"));
    Files.writeString(target.resolve("thesis.txt"), "mine");

    assertFails(
        CliRun.of("verify", "--store", store, "--salvage-to", "file:" + target),
        ExitCode.STORE,
        "'" + target + "' is not empty");
    assertFails(
        CliRun.of("verify", "--store", store, "--salvage-to", store),
        ExitCode.STORE,
        "is within the store");
    assertFails(
        CliRun.of("verify", "--store", store, "--salvage-to", "file:" + folder.resolve("new")),
        ExitCode.STORE,
        "is within the store");
    assertThat(folder.resolve("new")).doesNotExist();

    String database = "jdbc:h2:" + temp.resolve("db");
    try (CheckpointRepository repository = Checkpoints.open(database)) {
      repository.save("x", Map.of());
    }
    assertFails(
        CliRun.of("verify", "--store", store, "--salvage-to", database),
        ExitCode.STORE,
        "holds sessions in namespace 'default'");
  }

  @Test
  void whatIsNoStoreThatCanBeVerifiedIsRefused() {
    assertFails(
        CliRun.of("verify", "--store", "memory:x"),
        ExitCode.USAGE,
        "backend 'memory' cannot verify its stores");
    assertFails(
        CliRun.of("verify", "--store", "jdbc:h2:" + temp.resolve("missing")),
        ExitCode.STORE,
        "there is no store");
    assertFails(
        CliRun.of("verify", "--store", "jdbc:h2:" + temp.resolve("missing"), "--repair"),
        ExitCode.USAGE,
        "has no leftovers to remove");
    assertFails(
        CliRun.of("verify", "--store", store, "--repair"),
        ExitCode.USAGE,
        "has no leftovers to remove");
    assertFails(
        CliRun.of("verify", "--store", "s3://bucket/p?regoin=x"),
        ExitCode.STORE,
        "did you mean 'region'");
    assertFails(
        CliRun.of("verify", "--store", "file:" + temp.resolve("missing")),
        ExitCode.STORE,
        "there is no store");
    assertFails(
        CliRun.of("verify", "--store", "file:" + temp + "?durabilty=x"),
        ExitCode.STORE,
        "did you mean 'durability'");
  }

  @Test
  void aJdbcStoreIsVerifiedAndSalvaged() throws SQLException {
    String database = "jdbc:h2:" + temp.resolve("db");
    try (CheckpointRepository repository = Checkpoints.open(database)) {
      repository.save("s", Map.of("step", 1));
      repository.save("s", Map.of("step", 2));
      repository.save("t", Map.of("step", 1));
    }
    CliRun sound = CliRun.of("verify", "--store", database);
    assertThat(sound.exitCode()).as(sound.err()).isEqualTo(ExitCode.OK);
    assertThat(sound.out())
        .startsWith("namespaces: 1, sessions: 2, intact checkpoints: 3, bytes: ")
        .contains("problems: 0");

    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "DELETE FROM checkpoint_history WHERE session_id = 's' AND version = 2");
    }
    CliRun damaged = CliRun.of("verify", "--store", database, "--json");
    assertThat(damaged.exitCode()).isEqualTo(ExitCode.NOT_FOUND_OR_UNVERIFIED);
    assertThat(damaged.outLines().get(0))
        .contains("\"kind\":\"missing-latest\"", "\"session\":\"s\"");

    CliRun salvaged =
        CliRun.of(
            "verify", "--store", database, "--salvage-to", "file:" + temp.resolve("salvaged"));
    assertThat(salvaged.out()).contains("salvaged checkpoints: 2");
  }

  @Test
  void anS3StoreIsVerifiedRepairedAndSalvaged() {
    S3MockServer server = S3MockServer.shared();
    String objects = server.url("verify");
    try (CheckpointRepository repository = Checkpoints.open(objects)) {
      repository.save("s", Map.of("step", 1));
      repository.save("s", Map.of("step", 2));
    }
    assertThat(CliRun.of("verify", "--store", objects).outLines())
        .singleElement()
        .asString()
        .startsWith("namespaces: 1, sessions: 1, intact checkpoints: 2, bytes: ")
        .endsWith("problems: 0, leftovers: 0");
    try (S3Client client = server.newClient()) {
      client.putObject(
          request -> request.bucket(S3Server.BUCKET).key("verify/notes"),
          RequestBody.fromString("mine"));
    }

    CliRun repair = CliRun.of("verify", "--store", objects, "--repair", "--json");

    assertThat(repair.exitCode()).as(repair.err()).isEqualTo(ExitCode.NOT_FOUND_OR_UNVERIFIED);
    assertThat(repair.outObjects()).hasSize(2);
    assertThat(repair.outObjects().get(0).get("location").asText()).isEqualTo("verify/notes");
    assertThat(repair.outObjects().get(0).get("kind").asText()).isEqualTo("foreign-object");
    assertThat(repair.outObjects().get(1).get("removed").asInt()).isZero();
    String target = "file:" + temp.resolve("salvaged");
    CliRun salvage = CliRun.of("verify", "--store", objects, "--salvage-to", target);
    assertThat(salvage.outLines())
        .containsExactly(
            "foreign-object: verify/notes: is not of the store; move it away",
            salvage.outLines().get(1));
    assertThat(salvage.out()).contains("salvaged checkpoints: 2");
    try (CheckpointRepository salvaged = Checkpoints.open(target)) {
      assertThat(salvaged.getBySession("s")).isPresent();
    }
    assertFails(
        CliRun.of("verify", "--store", objects, "--salvage-to", server.url("verify/within")),
        ExitCode.STORE,
        "within the store");
    assertFails(
        CliRun.of("verify", "--store", server.url("nowhere")), ExitCode.STORE, "there is no store");
  }
}
