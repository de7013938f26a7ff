package dev.checkpoint4j.testsupport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A way to an HTTP server on the loopback interface on which requests meet the faults that a test
 * arms.
 *
 * <p>Requests pass byte for byte, the header {@code Host} and with it a signature included. Each
 * connection of a client has one of its own to the server, and both live for many requests. A
 * request is read whole before anything happens to it, and so is an answer.
 */
public final class FaultProxy implements AutoCloseable {

  private static final int BACKLOG = 256;

  /**
   * A connection to the server is not used again after such a pause: the server may close it at any
   * moment, and the request would meet a fault that nobody armed.
   */
  private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(2).toNanos();

  private final ServerSocket listener;
  private final int serverPort;
  private final List<Armed> armed = new CopyOnWriteArrayList<>();
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicInteger requests = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);

  private FaultProxy(int serverPort) throws IOException {
    this.serverPort = serverPort;
    listener = new ServerSocket();
    listener.bind(new InetSocketAddress(Ports.loopback(), 0), BACKLOG);
  }

  public static FaultProxy to(URI server) {
    try {
      FaultProxy proxy = new FaultProxy(server.getPort());
      startThread("accept", proxy::acceptUntilClosed);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** How many requests clients have sent, whatever happened to them. */
  public int requests() {
    return requests.get();
  }

  /** Until it is disarmed, a fault befalls these requests, but for those of one armed before. */
  public Armed arm(Predicate<HttpRequest> which, Fault fault) {
    return arm(which, () -> fault);
  }

  /** A fault befalls the n-th of these requests, counted from 1 and from now on. */
  public Armed armNth(int n, Predicate<HttpRequest> which, Fault fault) {
    AtomicInteger seen = new AtomicInteger();
    return arm(request -> which.test(request) && seen.incrementAndGet() == n, () -> fault);
  }

  /** Until it is disarmed, these requests meet, with this probability, one of some faults. */
  public Armed armRandom(
      long seed, double probability, Predicate<HttpRequest> which, List<Fault> faults) {
    // One generator for all threads: it locks, and the order of requests is theirs anyway.
    Random random = new Random(seed);
    return arm(
        which,
        () -> random.nextDouble() < probability ? faults.get(random.nextInt(faults.size())) : null);
  }

  private Armed arm(Predicate<HttpRequest> which, Supplier<@Nullable Fault> fault) {
    Armed added = new Armed(which, fault);
    armed.add(added);
    return added;
  }

  /** Requests pass from now on; what is under way keeps its fault. */
  public void disarmAll() {
    armed.clear();
  }

  /** Resets all connections of clients. */
  public void cutAll() {
    links.forEach(Link::cut);
  }

  @Override
  public void close() {
    closed.countDown();
    closeQuietly(listener);
    cutAll();
  }

  private void acceptUntilClosed() {
    while (!listener.isClosed()) {
      try {
        Link link = new Link(listener.accept());
        links.add(link);
        startThread("link", link::serve);
      } catch (IOException e) {
        // The listener is closed, or the client has gone already.
      }
    }
  }

  private static void startThread(String name, Runnable task) {
    Thread thread = new Thread(task, "fault-proxy-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  private static void closeQuietly(@Nullable Closeable closeable) {
    if (closeable != null) {
      try {
        closeable.close();
      } catch (IOException e) {
        // Nobody needs it any more.
      }
    }
  }

  /** A fault and the requests it befalls. */
  public final class Armed {

    private final Predicate<HttpRequest> which;
    private final Supplier<@Nullable Fault> fault;
    private final AtomicInteger hits = new AtomicInteger();

    private Armed(Predicate<HttpRequest> which, Supplier<@Nullable Fault> fault) {
      this.which = which;
      this.fault = fault;
    }

    /** How many requests have met it. */
    public int hits() {
      return hits.get();
    }

    public void awaitHit() {
      Processes.await("a request that meets the fault", () -> hits() > 0);
    }

    public void disarm() {
      armed.remove(this);
    }

    private @Nullable Fault befalling(HttpRequest request) {
      Fault found = which.test(request) ? fault.get() : null;
      if (found != null) {
        hits.incrementAndGet();
      }
      return found;
    }
  }

  /** A connection of a client. */
  private final class Link {

    private final Socket client;
    private @Nullable Socket server;
    private @Nullable BufferedInputStream fromServer;
    private long lastAnswerNanos;

    Link(Socket client) throws IOException {
      this.client = client;
      client.setTcpNoDelay(true);
    }

    void serve() {
      try (client) {
        BufferedInputStream fromClient = new BufferedInputStream(client.getInputStream());
        boolean open = true;
        while (open) {
          HttpRequest request = HttpRequest.read(fromClient, client.getOutputStream());
          if (request == null) {
            return;
          }
          requests.incrementAndGet();
          open = serve(request) && !request.message().isLast();
        }
      } catch (IOException e) {
        // The client or the server has gone; the client sees it as such.
        cut();
      } finally {
        links.remove(this);
        closeQuietly(server);
      }
    }

    private boolean serve(HttpRequest request) throws IOException {
      Passage passage = new Passage(this, request);
      faultOf(request).befall(passage);
      return passage.isOpen();
    }

    private Fault faultOf(HttpRequest request) {
      for (Armed each : armed) {
        Fault fault = each.befalling(request);
        if (fault != null) {
          return fault;
        }
      }
      return Passage::pass;
    }

    private HttpMessage forward(HttpRequest request) throws IOException {
      Socket to = connect();
      to.getOutputStream().write(request.message().bytes());
      HttpMessage answer = HttpMessage.readAnswer(fromServer(), request.method());
      lastAnswerNanos = System.nanoTime();
      if (answer.isLast()) {
        closeQuietly(to);
        server = null;
      }
      return answer;
    }

    private Socket connect() throws IOException {
      Socket last = server;
      if (last != null && System.nanoTime() - lastAnswerNanos < LONGEST_PAUSE_NANOS) {
        return last;
      }
      closeQuietly(last);
      Socket next = new Socket(Ports.loopback(), serverPort);
      next.setTcpNoDelay(true);
      fromServer = new BufferedInputStream(next.getInputStream());
      server = next;
      return next;
    }

    private BufferedInputStream fromServer() throws IOException {
      BufferedInputStream in = fromServer;
      if (in == null) {
        throw new IOException("not connected");
      }
      return in;
    }

    void awaitClosed() throws InterruptedException {
      closed.await();
    }

    /** Resets the connection of the client; the server gets what was sent to it. */
    void cut() {
      try {
        client.setSoLinger(true, 0);
      } catch (IOException e) {
        // Closed already.
      }
      closeQuietly(client);
    }
  }

  /** One request on its way, in the hands of a fault, which sends it on or does not. */
  public static final class Passage {

    private final Link link;
    private final HttpRequest request;
    private boolean open = true;

    private Passage(Link link, HttpRequest request) {
      this.link = link;
      this.request = request;
    }

    public HttpRequest request() {
      return request;
    }

    /** Sends it to the server and waits for the answer, which the client does not get yet. */
    public HttpMessage forward() throws IOException {
      return link.forward(request);
    }

    public void answer(HttpMessage answer) throws IOException {
      link.client.getOutputStream().write(answer.bytes());
      open &= !answer.isLast();
    }

    /** As if there were no proxy. */
    public void pass() throws IOException {
      answer(forward());
    }

    /** Sends the first bytes of an answer. */
    void answerPart(HttpMessage answer, int count) throws IOException {
      link.client.getOutputStream().write(answer.bytes(), 0, count);
      // It goes as a close, not as a reset: that would take back what the client has not read yet.
      open = false;
    }

    /** Resets the connection of the client. */
    public void reset() {
      open = false;
      link.cut();
    }

    /** Nothing is said any more, as long as the proxy lives; the connection stays. */
    void holdUntilClosed() {
      try {
        link.awaitClosed();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      open = false;
    }

    private boolean isOpen() {
      return open;
    }
  }

  /** What happens to a request. */
  public interface Fault {

    void befall(Passage passage) throws IOException;

    /** The server gets the request after this, which may take its time. */
    static Fault before(Runnable action) {
      return passage -> {
        action.run();
        passage.pass();
      };
    }

    /** The client gets the answer of the server after this. */
    static Fault beforeAnswer(Runnable action) {
      return passage -> {
        HttpMessage answer = passage.forward();
        action.run();
        passage.answer(answer);
      };
    }

    /** The request is slow. */
    static Fault delay(Duration duration) {
      return before(() -> pause(duration));
    }

    /** The connection is reset, and the server never sees the request. */
    static Fault loseRequest() {
      return Passage::reset;
    }

    /** The server never sees the request, and the client gets no answer, and no end either. */
    static Fault silence() {
      return Passage::holdUntilClosed;
    }

    /** The server does what it is asked for, and the client gets no answer, and no end either. */
    static Fault silenceAnswer() {
      return passage -> {
        passage.forward();
        passage.holdUntilClosed();
      };
    }

    /** The answer is another one, of another length if need be. */
    static Fault editAnswer(UnaryOperator<String> edit) {
      return passage -> passage.answer(passage.forward().edited(edit));
    }

    /** The server does what it is asked for; then the connection is reset. */
    static Fault loseAnswer() {
      return passage -> {
        passage.forward();
        passage.reset();
      };
    }

    /** The connection is reset at once; after this, the server gets the request all the same. */
    static Fault applyLate(Runnable action) {
      return passage -> {
        passage.reset();
        action.run();
        passage.forward();
      };
    }

    /** The connection ends in the middle of the body, or of the head of an answer without one. */
    static Fault truncateAnswer() {
      return passage -> {
        HttpMessage answer = passage.forward();
        int head = answer.bytes().length - answer.bodyLength();
        passage.answerPart(
            answer, answer.bodyLength() > 0 ? head + answer.bodyLength() / 2 : head / 2);
      };
    }

    /** The server never sees the request; the client receives an error. */
    static Fault refuse(int status, String code) {
      return passage -> passage.answer(error(passage, status, code));
    }

    /** The server does what it is asked for; the client receives an error. */
    static Fault applyButFail(int status, String code) {
      return passage -> {
        passage.forward();
        passage.answer(error(passage, status, code));
      };
    }

    /** The server is overloaded. */
    static Fault slowDown() {
      return refuse(503, "SlowDown");
    }

    /** Another conditional request for the same key was under way. */
    static Fault conflict() {
      return refuse(409, "ConditionalRequestConflict");
    }

    private static HttpMessage error(Passage passage, int status, String code) {
      String body =
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              + "<Error><Code>%s</Code><Message>armed by a test</Message></Error>".formatted(code);
      String head =
          "HTTP/1.1 %d Armed\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n"
              .formatted(status, body.length());
      boolean bodiless = passage.request().method().equals("HEAD");
      return new HttpMessage(head, bodiless ? new byte[0] : body.getBytes(ISO_8859_1), false);
    }

    private static void pause(Duration duration) {
      try {
        Thread.sleep(duration.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
