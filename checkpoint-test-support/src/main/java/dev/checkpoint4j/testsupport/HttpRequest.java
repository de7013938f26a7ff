package dev.checkpoint4j.testsupport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A request as a test chooses it. */
public final class HttpRequest {

  private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

  private final String head;
  private final HttpMessage message;

  private HttpRequest(String head, HttpMessage message) {
    this.head = head;
    this.message = message;
  }

  /**
   * Null at the end of the connection. A client that asks whether to send a body gets the answer
   * yes.
   */
  static @Nullable HttpRequest read(BufferedInputStream in, OutputStream toClient)
      throws IOException {
    String head = HttpMessage.readHeadOrEnd(in);
    if (head == null) {
      return null;
    }
    String sent = head;
    if (HttpMessage.header(head, "expect") != null) {
      toClient.write(CONTINUE.getBytes(ISO_8859_1));
      // The server gets the body with the head, and need not say so again; S3 signs no Expect.
      sent = head.replaceFirst("(?i)\r\nexpect:[^\r]*", "");
    }
    byte[] body = HttpMessage.readBody(in, head);
    return new HttpRequest(head, new HttpMessage(sent, body, HttpMessage.saysClose(head)));
  }

  HttpMessage message() {
    return message;
  }

  public String method() {
    return head.substring(0, head.indexOf(' '));
  }

  /** Of a bucket and a key: {@code /bucket/key}, in the encoding of URLs. */
  public String path() {
    return target().replaceFirst("\\?.*", "");
  }

  /** Empty if there is none. */
  public String query() {
    String path = path();
    return path.length() == target().length() ? "" : target().substring(path.length() + 1);
  }

  private String target() {
    return head.split(" ", 3)[1];
  }

  public @Nullable String header(String name) {
    return HttpMessage.header(head, name.toLowerCase(Locale.ROOT));
  }

  /** Whether it writes an object only where there is none. */
  public boolean isCreate() {
    return method().equals("PUT") && "*".equals(header("If-None-Match"));
  }

  @Override
  public String toString() {
    return method() + " " + target();
  }
}
