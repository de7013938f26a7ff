package dev.checkpoint4j.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of the loopback interface. */
final class Ports {

  // Below those that the kernel gives to outgoing connections: a client that calls a killed server
  // again and again would sooner or later get that server's port as its own, and talk to itself.
  private static final int FIRST = 20_000;
  private static final int LAST = 29_999;

  private Ports() {}

  static InetAddress loopback() {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static int free() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(loopback(), port));
        return port;
      } catch (BindException e) {
        // In use; the next one.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
