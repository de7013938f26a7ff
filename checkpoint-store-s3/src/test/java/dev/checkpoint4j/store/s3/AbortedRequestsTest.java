package dev.checkpoint4j.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.store.s3.internal.client.ClientSettings;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** A request whose time is over leaves no connection on which the server waits for the rest. */
class AbortedRequestsTest {

  private static final int REQUESTS = 500;

  /** The last one may still be on its way. */
  private static final int MAX_OPEN = 5;

  private static final byte[] BODY = new byte[64 << 10];

  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private ServerSocket server;

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    inBackground(this::acceptAll);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private interface Task {
    void run() throws IOException;
  }

  private static void inBackground(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException e) {
                // The socket was closed.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private void acceptAll() throws IOException {
    while (true) {
      Socket socket = server.accept();
      inBackground(() -> answer(socket));
    }
  }

  private void answer(Socket connection) throws IOException {
    try (Socket socket = connection;
        InputStream in = new BufferedInputStream(socket.getInputStream())) {
      while (true) {
        int length = contentLength(in);
        begun.incrementAndGet();
        try {
          in.skipNBytes(length);
        } finally {
          ended.incrementAndGet();
        }
        socket
            .getOutputStream()
            .write(
                "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 0\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  private static int contentLength(InputStream in) throws IOException {
    int length = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
      }
    }
    return length;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException();
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  @Test
  void noRequestIsLeftHalfSent() {
    ClientSettings settings =
        new ClientSettings(
            AnonymousCredentialsProvider.create(),
            null,
            URI.create("http://127.0.0.1:" + server.getLocalPort()),
            true,
            true,
            Duration.ofSeconds(10));
    Random random = new Random(1);
    int aborted = 0;
    try (S3Client client = settings.create()) {
      for (int i = 0; i < REQUESTS; i++) {
        Duration time = Duration.ofNanos(100_000 + random.nextInt(3_000_000));
        try {
          client.putObject(
              request ->
                  request
                      .bucket("bucket")
                      .key("key")
                      .overrideConfiguration(limit -> limit.apiCallTimeout(time)),
              RequestBody.fromBytes(BODY));
        } catch (SdkClientException e) {
          aborted++;
        }
        assertThat(begun.get() - ended.get())
            .as("requests of which the server waits for the rest, after %d", i)
            .isLessThan(MAX_OPEN);
      }
    }
    assertThat(aborted).as("requests whose time was over").isPositive();
  }
}
