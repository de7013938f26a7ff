package dev.checkpoint4j.testsupport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TcpProxyTest {

  private EchoServer server;
  private TcpProxy proxy;

  @BeforeEach
  void start() throws IOException {
    server = new EchoServer();
    proxy = TcpProxy.to(server.port());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    server.close();
  }

  @Test
  void passesWhatIsSentAndTheEndOfIt() throws Exception {
    try (Client client = new Client()) {
      assertThat(client.ask("one")).isEqualTo("echo one");
      assertThat(client.ask("two")).isEqualTo("echo two");
    }
    assertThat(server.receivedUntilEndOf(1)).containsExactly(List.of("one", "two"));
    assertThat(proxy.hasLost()).as("anything lost").isFalse();
    assertThat(proxy.requests()).as("requests").isEqualTo(2);
  }

  @Test
  void losesARequestBeforeTheServerSeesIt() throws Exception {
    try (Client client = new Client()) {
      client.ask("before");
      proxy.loseRequest(2);
      client.ask("one");
      assertLost(client, "two");
    }
    assertThat(proxy.hasLost()).as("the request lost").isTrue();
    assertThat(server.receivedUntilEndOf(1)).containsExactly(List.of("before", "one"));
    assertAnswered("three");
  }

  @Test
  void losesAnAnswerAfterTheServerHasGivenIt() throws Exception {
    try (Client client = new Client()) {
      client.ask("before");
      proxy.loseAnswer(2);
      client.ask("one");
      assertLost(client, "two");
    }
    assertThat(proxy.hasLost()).as("the answer lost").isTrue();
    assertThat(server.receivedUntilEndOf(1)).containsExactly(List.of("before", "one", "two"));
    assertAnswered("three");
  }

  @Test
  void losesTheRequestWithAText() throws Exception {
    proxy.loseRequest("COMMIT");
    try (Client client = new Client()) {
      client.ask("INSERT");
      assertLost(client, "then COMMIT");
    }
    assertThat(server.receivedUntilEndOf(1)).containsExactly(List.of("INSERT"));
    assertAnswered("COMMIT");
  }

  @Test
  void losesTheAnswerToARequestWithAText() throws Exception {
    proxy.loseAnswer("COMMIT");
    try (Client client = new Client()) {
      client.ask("INSERT");
      assertLost(client, "then COMMIT");
    }
    assertThat(server.receivedUntilEndOf(1)).containsExactly(List.of("INSERT", "then COMMIT"));
    assertAnswered("COMMIT");
  }

  @Test
  void cutsAfterAnyNumberOfBytes() throws Exception {
    String line = "request\n";
    for (int count = 1; count <= line.length(); count++) {
      proxy.cutAfterRequestBytes(count);
      try (Client client = new Client()) {
        assertLost(client, "request");
      }
      assertThat(server.receivedUntilEndOf(count).get(count - 1))
          .as("what came in %d bytes", count)
          .containsExactly(line.substring(0, count).strip());
    }
    proxy.cutAfterRequestBytes(line.length() + 1L);
    assertAnswered("request");
    assertThat(proxy.hasLost()).as("anything lost").isFalse();
  }

  @Test
  void dropsRequestsUntilAllowed() throws Exception {
    proxy.dropRequests();
    for (int connection = 1; connection <= 2; connection++) {
      try (Client client = new Client()) {
        assertLost(client, "dropped");
      }
    }
    assertThat(server.receivedUntilEndOf(2)).containsExactly(List.of(), List.of());
    proxy.allow();
    assertAnswered("allowed");
  }

  @Test
  void dropsAnswersUntilTheConnectionIsCut() throws Exception {
    try (Client client = new Client()) {
      client.ask("before");
      proxy.dropAnswers();
      CompletableFuture<String> answer = client.askInBackground("applied");
      proxy.awaitLoss();
      proxy.allow();
      assertAnswered("on a new connection");
      assertThat(answer).as("the answer that was dropped").isNotDone();
      proxy.cutAll();
      assertThatExceptionOfType(CompletionException.class)
          .isThrownBy(answer::join)
          .withCauseInstanceOf(UncheckedIOException.class);
    }
    assertThat(server.receivedUntilEndOf(2))
        .containsExactlyInAnyOrder(List.of("on a new connection"), List.of("before", "applied"));
  }

  @Test
  void refusesNewConnectionsUntilAllowed() throws Exception {
    try (Client client = new Client()) {
      client.ask("before");
      proxy.refuse();
      assertThatExceptionOfType(IOException.class).isThrownBy(() -> assertAnswered("refused"));
      assertThat(client.ask("on the old one")).isEqualTo("echo on the old one");
      proxy.cutAll();
      assertLost(client, "cut");
    }
    assertThat(server.receivedUntilEndOf(1)).containsExactly(List.of("before", "on the old one"));
    proxy.allow();
    assertAnswered("allowed");
  }

  @Test
  void passesOnThatTheServerHasGone() throws Exception {
    try (Client client = new Client()) {
      client.ask("before");
      server.close();
      assertLost(client, "after");
    }
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> assertAnswered("later"));
  }

  @Test
  void decidesWhetherPostgresCommits() throws Exception {
    PostgresServer postgres = PostgresServer.shared();
    try (TcpProxy way = TcpProxy.to(postgres.port());
        Sql direct = Sql.connect(postgres.url())) {
      direct.run("create table through_proxy (id int primary key)");
      String url = postgres.url().replace(":" + postgres.port(), ":" + way.port());
      way.loseRequest("COMMIT");
      assertCommitLost(url, 1);
      assertThat(way.hasLost()).as("the request to commit is lost").isTrue();
      way.loseAnswer("COMMIT");
      assertCommitLost(url, 2);
      assertThat(direct.ask("select string_agg(id::text, ',') from through_proxy"))
          .as("what is committed")
          .isEqualTo("2");
    }
  }

  private static void assertCommitLost(String url, int id) throws SQLException {
    try (Sql sql = Sql.connect(url)) {
      sql.connection().setAutoCommit(false);
      sql.run("insert into through_proxy values (" + id + ")");
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> sql.connection().commit())
          .matches(e -> e.getSQLState().startsWith("08"), "is a lost connection");
    }
  }

  private void assertAnswered(String line) throws IOException {
    try (Client client = new Client()) {
      assertThat(client.ask(line)).isEqualTo("echo " + line);
    }
  }

  private static void assertLost(Client client, String line) {
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> client.ask(line));
  }

  private final class Client implements AutoCloseable {

    private final Socket socket = new Socket();
    private final BufferedReader in;

    Client() throws IOException {
      socket.connect(new InetSocketAddress(Ports.loopback(), proxy.port()));
      in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    }

    String ask(String line) throws IOException {
      socket.getOutputStream().write((line + "\n").getBytes(UTF_8));
      String answer = in.readLine();
      if (answer == null) {
        throw new EOFException("no answer to " + line);
      }
      return answer;
    }

    CompletableFuture<String> askInBackground(String line) {
      return CompletableFuture.supplyAsync(
          () -> {
            try {
              return ask(line);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
