package dev.checkpoint4j.testsupport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A request or an answer of HTTP/1.1, as the bytes that were sent. */
public final class HttpMessage {

  private static final int LONGEST_HEAD = 1 << 16;

  private final String head;
  private final byte[] body;
  private final boolean last;

  /**
   * @param head up to the empty line, that included
   * @param body as it was sent, that is with the lengths of its chunks if it has chunks
   * @param last whether the connection ends after it
   */
  HttpMessage(String head, byte[] body, boolean last) {
    this.head = head;
    this.body = body;
    this.last = last;
  }

  /** An answer to a request of some method; interim ones are left out. */
  static HttpMessage readAnswer(BufferedInputStream in, String method) throws IOException {
    String head = readHead(in);
    while (status(head) / 100 == 1) {
      head = readHead(in);
    }
    boolean bodiless = method.equals("HEAD") || status(head) == 204 || status(head) == 304;
    if (bodiless) {
      return new HttpMessage(head, new byte[0], saysClose(head));
    }
    if (isChunked(head) || header(head, "content-length") != null) {
      return new HttpMessage(head, readBody(in, head), saysClose(head));
    }
    return new HttpMessage(head, in.readAllBytes(), true);
  }

  int status() {
    return status(head);
  }

  byte[] bytes() {
    byte[] start = head.getBytes(ISO_8859_1);
    byte[] all = Arrays.copyOf(start, start.length + body.length);
    System.arraycopy(body, 0, all, start.length, body.length);
    return all;
  }

  int bodyLength() {
    return body.length;
  }

  /** The same with another text, of whatever length, in one piece. */
  HttpMessage edited(UnaryOperator<String> edit) throws IOException {
    String text = edit.apply(head + new String(isChunked(head) ? unchunked() : body, ISO_8859_1));
    int end = text.indexOf("\r\n\r\n") + 4;
    String newHead = text.substring(0, end);
    byte[] newBody = text.substring(end).getBytes(ISO_8859_1);
    if (body.length > 0) {
      newHead =
          newHead.replaceFirst(
              "(?i)\r\n(content-length|transfer-encoding):[^\r]*",
              "\r\nContent-Length: " + newBody.length);
    }
    return new HttpMessage(newHead, newBody, last);
  }

  private byte[] unchunked() throws IOException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    BufferedInputStream in = new BufferedInputStream(new ByteArrayInputStream(body));
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    int size;
    do {
      size = Integer.parseInt(readLine(in, lines).replaceFirst(";.*", "").strip(), 16);
      plain.write(readExactly(in, size));
      readLine(in, lines);
    } while (size > 0);
    return plain.toByteArray();
  }

  boolean isLast() {
    return last;
  }

  /** Up to the empty line; the connection must not end before. */
  static String readHead(BufferedInputStream in) throws IOException {
    String head = readHeadOrEnd(in);
    if (head == null) {
      throw new EOFException("no message");
    }
    return head;
  }

  /** The same, or null at the end of the connection. */
  static @Nullable String readHeadOrEnd(BufferedInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    do {
      int next = in.read();
      if (next < 0 && head.isEmpty()) {
        return null;
      }
      if (next < 0 || head.length() == LONGEST_HEAD) {
        throw new EOFException("within a head");
      }
      head.append((char) next);
    } while (next(head));
    return head.toString();
  }

  private static boolean next(StringBuilder head) {
    int length = head.length();
    return length < 4 || head.charAt(length - 1) != '\n' || head.charAt(length - 3) != '\n';
  }

  /** As the head says; none if it says nothing. */
  static byte[] readBody(BufferedInputStream in, String head) throws IOException {
    if (isChunked(head)) {
      return readChunks(in);
    }
    String length = header(head, "content-length");
    return length == null ? new byte[0] : readExactly(in, Integer.parseInt(length));
  }

  private static byte[] readChunks(BufferedInputStream in) throws IOException {
    ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    int size;
    do {
      String line = readLine(in, chunks);
      size = Integer.parseInt(line.replaceFirst(";.*", "").strip(), 16);
      if (size > 0) {
        chunks.write(readExactly(in, size));
        readLine(in, chunks);
      }
    } while (size > 0);
    while (!readLine(in, chunks).isEmpty()) {
      // A trailer.
    }
    return chunks.toByteArray();
  }

  private static String readLine(BufferedInputStream in, ByteArrayOutputStream copy)
      throws IOException {
    StringBuilder line = new StringBuilder();
    int next;
    do {
      next = in.read();
      if (next < 0) {
        throw new EOFException("within a chunk");
      }
      copy.write(next);
      line.append((char) next);
    } while (next != '\n');
    return line.toString().strip();
  }

  private static byte[] readExactly(BufferedInputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("within a body");
    }
    return bytes;
  }

  private static int status(String head) {
    return Integer.parseInt(head.split(" ", 3)[1]);
  }

  static boolean saysClose(String head) {
    String connection = header(head, "connection");
    return connection != null && connection.equalsIgnoreCase("close");
  }

  private static boolean isChunked(String head) {
    String encoding = header(head, "transfer-encoding");
    return encoding != null && encoding.toLowerCase(Locale.ROOT).endsWith("chunked");
  }

  /** The value of the first header of this name, which is in small letters. */
  static @Nullable String header(String head, String name) {
    for (String line : head.split("\r\n", -1)) {
      if (line.toLowerCase(Locale.ROOT).startsWith(name + ":")) {
        return line.substring(name.length() + 1).strip();
      }
    }
    return null;
  }
}
