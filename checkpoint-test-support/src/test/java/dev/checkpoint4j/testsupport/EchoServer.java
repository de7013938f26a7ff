package dev.checkpoint4j.testsupport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Answers each line, and remembers what it has received on connections that have ended. */
final class EchoServer implements AutoCloseable {

  private final ServerSocket listener = new ServerSocket();
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
  private final List<List<String>> received = new ArrayList<>();

  EchoServer() throws IOException {
    listener.bind(new InetSocketAddress(Ports.loopback(), 0));
    startThread(this::acceptUntilClosed);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** The lines of each connection so far, in the order in which the connections have ended. */
  List<List<String>> receivedUntilEndOf(int connections) {
    Processes.await("the end of " + connections + " connections", () -> ended() >= connections);
    synchronized (received) {
      return List.copyOf(received);
    }
  }

  private int ended() {
    synchronized (received) {
      return received.size();
    }
  }

  private void acceptUntilClosed() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        clients.add(client);
        startThread(() -> answer(client));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void answer(Socket client) {
    List<String> lines = new ArrayList<>();
    try (client) {
      BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
      String line;
      while ((line = in.readLine()) != null) {
        lines.add(line);
        client.getOutputStream().write(("echo " + line + "\n").getBytes(UTF_8));
      }
    } catch (IOException e) {
      // The client has gone.
    }
    synchronized (received) {
      received.add(lines);
    }
  }

  private static void startThread(Runnable task) {
    Thread thread = new Thread(task, "echo-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket client : clients) {
      client.close();
    }
  }
}
