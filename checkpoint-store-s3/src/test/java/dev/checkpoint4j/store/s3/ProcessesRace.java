package dev.checkpoint4j.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.testsupport.ChildJvm;
import dev.checkpoint4j.testsupport.FaultProxy;
import dev.checkpoint4j.testsupport.FaultProxy.Fault;
import dev.checkpoint4j.testsupport.S3Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** Processes that race for one session behind a network that loses requests and answers. */
@Timeout(600)
abstract class ProcessesRace {

  private static final int PROCESSES = 8;
  private static final long VERSIONS = 500;
  private static final double FAULTS = 0.02;
  private static final long SEED = 20261124;

  @TempDir private Path temp;

  abstract S3Server server();

  @Test
  void eachVersionHasOneWinnerAndNoneIsLost() throws IOException, InterruptedException {
    String prefix = "race-" + UUID.randomUUID();
    Map<Long, String> winners = new TreeMap<>();
    try (FaultProxy proxy = FaultProxy.to(server().endpoint())) {
      FaultProxy.Armed armed =
          proxy.armRandom(
              SEED,
              FAULTS,
              request -> true,
              List.of(
                  Fault.loseRequest(),
                  Fault.loseAnswer(),
                  Fault.truncateAnswer(),
                  Fault.delay(Duration.ofMillis(200)),
                  Fault.slowDown(),
                  Fault.conflict(),
                  Fault.refuse(500, "InternalError"),
                  Fault.applyButFail(500, "InternalError")));
      List<String> names = IntStream.range(0, PROCESSES).mapToObj(i -> "racer" + i).toList();
      List<Process> processes = names.stream().map(name -> start(proxy, prefix, name)).toList();
      try {
        for (int i = 0; i < PROCESSES; i++) {
          addWinsOf(processes.get(i), names.get(i), winners);
        }
      } finally {
        processes.forEach(Process::destroyForcibly);
      }
      System.out.printf(
          "%d processes, %d versions, %d requests, %d of them failed%n",
          PROCESSES, VERSIONS, proxy.requests(), armed.hits());
    }
    assertThat(winners.keySet())
        .as("versions won")
        .containsExactlyElementsOf(LongStream.rangeClosed(1, VERSIONS).boxed().toList());
    List<Checkpoint> acknowledged =
        winners.entrySet().stream()
            .map(won -> RacingProcess.checkpoint(won.getValue(), won.getKey()))
            .toList();
    try (S3Client client = server().newClient();
        S3BackendStorage store =
            S3BackendStorage.builder()
                .client(client)
                .bucket(S3Server.BUCKET)
                .prefix(prefix)
                .open()) {
      List<Checkpoint> stored =
          store
              .list(
                  CheckpointQuery.builder(RacingProcess.SESSION)
                      .order(Order.OLDEST_FIRST)
                      .limit(CheckpointQuery.MAX_LIMIT)
                      .build())
              .items();
      assertThat(stored)
          .as("checkpoints stored, compared with those that were acknowledged")
          .containsExactlyElementsOf(acknowledged);
    }
    assertThat(leftovers(prefix, false, acknowledged)).as("leftovers").isPositive();
    assertThat(leftovers(prefix, true, acknowledged)).isPositive();
    // What a repair abandons is removed by the next one.
    assertThat(leftovers(prefix, true, acknowledged)).isLessThan(2);
    assertThat(leftovers(prefix, false, acknowledged)).as("leftovers after repairs").isZero();
  }

  private void addWinsOf(Process process, String name, Map<Long, String> winners)
      throws IOException, InterruptedException {
    try (BufferedReader out = process.inputReader()) {
      for (String won : out.lines().toList()) {
        assertThat(winners.put(Long.valueOf(won), name))
            .as("other winner of version %s, beside %s", won, name)
            .isNull();
      }
    }
    assertThat(process.waitFor())
        .as("exit code of %s; stderr: %s", name, Files.readString(errors(name)))
        .isZero();
  }

  private long leftovers(String prefix, boolean isRepairing, List<Checkpoint> acknowledged) {
    RecordingListener seen = new RecordingListener();
    try (S3Client client = server().newClient()) {
      VerificationReport verification =
          S3BackendStorage.builder()
              .client(client)
              .bucket(S3Server.BUCKET)
              .prefix(prefix)
              .verify(
                  isRepairing ? seen.options().withRemovalOfLeftovers() : seen.options(),
                  RecordingListener.NO_MIN_AGE);
      System.out.printf(
          "%d leftovers, %d removed%n", verification.leftovers(), verification.removed());
      assertThat(seen.found).as("damage").noneMatch(Finding::isDamage);
      assertThat(seen.intact).as("intact").isEqualTo(acknowledged);
      return verification.leftovers();
    }
  }

  private Path errors(String name) {
    return temp.resolve(name);
  }

  private Process start(FaultProxy proxy, String prefix, String name) {
    try {
      return new ProcessBuilder(
              ChildJvm.command(
                  List.of("-Xmx128m"),
                  RacingProcess.class,
                  proxy.endpoint().toString(),
                  prefix,
                  name,
                  Long.toString(VERSIONS)))
          .redirectError(errors(name).toFile())
          .start();
    } catch (IOException e) {
      throw new IllegalStateException("a process cannot be started", e);
    }
  }
}
