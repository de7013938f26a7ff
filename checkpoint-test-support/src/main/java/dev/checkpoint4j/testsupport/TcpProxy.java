package dev.checkpoint4j.testsupport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A way to a port of the loopback interface on which connections get lost when a test says so.
 *
 * <p>A <em>request</em> is all that a client sends until the server answers; logging in takes some
 * requests too. They are counted over all connections.
 *
 * <p>Each method that sets what gets lost takes the place of the one called before, counts requests
 * from 1 again, and is meant to be called while no request is under way. {@code loseRequest},
 * {@code loseAnswer} and {@link #cutAfterRequestBytes} lose one connection, once, and let pass
 * whatever comes before and after; the others last until {@link #allow}.
 */
public final class TcpProxy implements AutoCloseable {

  private final ServerSocket listener;
  private final int targetPort;
  private final Set<Link> links = new HashSet<>();
  private Fault fault = new Fault();
  private boolean refusing;
  private int requests;
  private boolean lost;

  private TcpProxy(int targetPort) throws IOException {
    this.targetPort = targetPort;
    listener = new ServerSocket();
    listener.bind(new InetSocketAddress(Ports.loopback(), 0));
  }

  public static TcpProxy to(int targetPort) {
    try {
      TcpProxy proxy = new TcpProxy(targetPort);
      proxy.startThread("accept", proxy::acceptUntilClosed);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Everything passes, but for connections on which answers have been dropped. */
  public void allow() {
    set(new Fault(), false);
  }

  /** New connections are reset. */
  public void refuse() {
    set(new Fault(), true);
  }

  /** Whatever clients send does not reach the server, and their connections are reset. */
  public void dropRequests() {
    set(new DroppedRequests(), false);
  }

  /**
   * Whatever clients send reaches the server, but no answer comes back; {@link #awaitLoss} waits
   * for an answer that is lost, {@link #cutAll} ends the waiting of the clients.
   */
  public void dropAnswers() {
    set(new DroppedAnswers(), false);
  }

  /**
   * Nothing passes any more, in either direction, and without notice: connections stay open, and
   * new ones are accepted. What was sent by then never arrives.
   */
  public void goSilent() {
    set(new Silence(), false);
  }

  /** The request of this number does not reach the server; its connection is reset. */
  public void loseRequest(int number) {
    set(new LostRequest(Which.number(number)), false);
  }

  /** The connection is reset when the server begins to answer the request of this number. */
  public void loseAnswer(int number) {
    set(new LostAnswer(Which.number(number)), false);
  }

  /**
   * The first request with this text does not reach the server; its connection is reset.
   *
   * <p>A driver may have prepared a statement before, and then sends no more than a name.
   */
  public void loseRequest(String text) {
    set(new LostRequest(Which.containing(text)), false);
  }

  /** The connection is reset when the server begins to answer the first request with this text. */
  public void loseAnswer(String text) {
    set(new LostAnswer(Which.containing(text)), false);
  }

  /**
   * The connection is reset when so many more bytes have gone to the server, which may still be at
   * work on them.
   */
  public void cutAfterRequestBytes(long count) {
    set(new CutAfterRequestBytes(count), false);
  }

  /** How many requests clients have sent since it was last set what gets lost. */
  public synchronized int requests() {
    return requests;
  }

  /** Whether anything got lost since that was last set. */
  public synchronized boolean hasLost() {
    return lost;
  }

  public void awaitLoss() {
    Processes.await("the loss of a request or an answer", this::hasLost);
  }

  /** Resets all connections; what clients have sent before still reaches the server. */
  public void cutAll() {
    List<Link> all;
    synchronized (this) {
      all = List.copyOf(links);
    }
    all.forEach(Link::cut);
  }

  @Override
  public void close() {
    closeQuietly(listener);
    cutAll();
  }

  private synchronized void set(Fault newFault, boolean refuse) {
    fault = newFault;
    refusing = refuse;
    requests = 0;
    lost = false;
    links.forEach(Link::forgetRequest);
  }

  private void acceptUntilClosed() {
    while (!listener.isClosed()) {
      try {
        accept(listener.accept());
      } catch (IOException e) {
        // Closed, or the client has gone already.
      }
    }
  }

  private void accept(Socket client) {
    Socket server = new Socket();
    Link link = new Link(client, server);
    if (!admit(link)) {
      link.cut();
      return;
    }
    try {
      server.connect(new InetSocketAddress(Ports.loopback(), targetPort));
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      startThread("requests", () -> link.pump(client, server, link::judgeRequest));
      startThread("answers", () -> link.pump(server, client, link::judgeAnswer));
    } catch (IOException e) {
      link.cut();
    }
  }

  private synchronized boolean admit(Link link) {
    return !refusing && !listener.isClosed() && links.add(link);
  }

  private void startThread(String work, Runnable task) {
    Thread thread = new Thread(task, "tcp-proxy-" + port() + "-" + work);
    thread.setDaemon(true);
    thread.start();
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // Closed already.
    }
    closeQuietly(socket);
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      // Nothing is left to be done with it.
    }
  }

  /** How many of the bytes that came pass, and whether the connection is cut thereafter. */
  private record Verdict(int passing, boolean cut) {}

  private interface Judge {
    Verdict judge(byte[] bytes, int count);
  }

  /** A client's connection to the proxy, and that of the proxy to the server. */
  private final class Link {

    private final Socket client;
    private final Socket server;
    private int openDirections = 2;
    private boolean answered = true;
    private boolean answerDropped;
    private boolean doomed;
    private int request;
    private boolean losesAnswer;
    private String end = "";

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    private void forgetRequest() {
      request = 0;
      losesAnswer = false;
      end = "";
    }

    private Verdict judgeRequest(byte[] bytes, int count) {
      synchronized (TcpProxy.this) {
        if (doomed) {
          return new Verdict(0, true);
        }
        if (answered) {
          answered = false;
          requests++;
          forgetRequest();
          request = requests;
        }
        return judged(fault.onRequest(this, bytes, count), count);
      }
    }

    private Verdict judgeAnswer(byte[] bytes, int count) {
      synchronized (TcpProxy.this) {
        if (doomed) {
          return new Verdict(0, true);
        }
        answered = true;
        if (answerDropped) {
          // The rest of an answer, or the next one, would make no sense to the client.
          return new Verdict(0, false);
        }
        Verdict verdict = judged(fault.onAnswer(this, count), count);
        answerDropped = verdict.passing < count;
        return verdict;
      }
    }

    private Verdict judged(Verdict verdict, int count) {
      if (verdict.cut || verdict.passing < count) {
        lost = true;
        doomed = verdict.cut;
        if (fault.isOver()) {
          fault = new Fault();
        }
      }
      return verdict;
    }

    /** Whether the present request has this text in it, as far as it has come. */
    private boolean contains(String text, byte[] bytes, int count) {
      String seen = end + new String(bytes, 0, count, ISO_8859_1);
      // What has come may end within the text.
      end = seen.substring(Math.max(0, seen.length() - text.length() + 1));
      return seen.contains(text);
    }

    private void pump(Socket from, Socket to, Judge judge) {
      byte[] bytes = new byte[1 << 16];
      try {
        int count;
        while ((count = from.getInputStream().read(bytes)) >= 0) {
          Verdict verdict = judge.judge(bytes, count);
          to.getOutputStream().write(bytes, 0, verdict.passing);
          if (verdict.cut) {
            cut();
            return;
          }
        }
        to.shutdownOutput();
        closeIfBothEnded();
      } catch (IOException e) {
        cut();
      }
    }

    private void closeIfBothEnded() {
      synchronized (TcpProxy.this) {
        openDirections--;
        if (openDirections > 0) {
          return;
        }
        links.remove(this);
      }
      closeQuietly(client);
      closeQuietly(server);
    }

    private void cut() {
      synchronized (TcpProxy.this) {
        links.remove(this);
      }
      reset(client);
      // Not reset: what has been sent to it shall arrive.
      closeQuietly(server);
    }
  }

  /** What gets lost; this one loses nothing. The lock is held when it is asked. */
  private static class Fault {

    Verdict onRequest(Link link, byte[] bytes, int count) {
      return new Verdict(count, false);
    }

    Verdict onAnswer(Link link, int count) {
      return new Verdict(count, false);
    }

    /** Whether it has had its effect. */
    boolean isOver() {
      return true;
    }

    static Verdict cutIf(boolean condition, int count) {
      return condition ? new Verdict(0, true) : new Verdict(count, false);
    }
  }

  private static final class DroppedRequests extends Fault {

    @Override
    Verdict onRequest(Link link, byte[] bytes, int count) {
      return new Verdict(0, true);
    }

    @Override
    boolean isOver() {
      return false;
    }
  }

  private static final class Silence extends Fault {

    @Override
    Verdict onRequest(Link link, byte[] bytes, int count) {
      return new Verdict(0, false);
    }

    @Override
    Verdict onAnswer(Link link, int count) {
      return new Verdict(0, false);
    }

    @Override
    boolean isOver() {
      return false;
    }
  }

  private static final class DroppedAnswers extends Fault {

    @Override
    Verdict onAnswer(Link link, int count) {
      return new Verdict(0, false);
    }

    @Override
    boolean isOver() {
      return false;
    }
  }

  /** Which request something happens to; asked with each part of one. */
  private interface Which {

    boolean isPartOf(Link link, byte[] bytes, int count);

    static Which number(int number) {
      return (link, bytes, count) -> link.request == number;
    }

    static Which containing(String text) {
      String asBytes = new String(text.getBytes(UTF_8), ISO_8859_1);
      return (link, bytes, count) -> link.contains(asBytes, bytes, count);
    }
  }

  private static final class LostRequest extends Fault {

    private final Which which;

    LostRequest(Which which) {
      this.which = which;
    }

    @Override
    Verdict onRequest(Link link, byte[] bytes, int count) {
      return cutIf(which.isPartOf(link, bytes, count), count);
    }
  }

  private static final class LostAnswer extends Fault {

    private final Which which;

    LostAnswer(Which which) {
      this.which = which;
    }

    @Override
    Verdict onRequest(Link link, byte[] bytes, int count) {
      link.losesAnswer |= which.isPartOf(link, bytes, count);
      return super.onRequest(link, bytes, count);
    }

    @Override
    Verdict onAnswer(Link link, int count) {
      return cutIf(link.losesAnswer, count);
    }
  }

  private static final class CutAfterRequestBytes extends Fault {

    private long left;

    CutAfterRequestBytes(long count) {
      left = count;
    }

    @Override
    Verdict onRequest(Link link, byte[] bytes, int count) {
      int passing = (int) Math.min(left, count);
      left -= passing;
      return new Verdict(passing, left == 0);
    }
  }
}
