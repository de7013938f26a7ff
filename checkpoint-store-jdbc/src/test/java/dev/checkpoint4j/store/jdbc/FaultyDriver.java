package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.tck.Fault;
import dev.checkpoint4j.tck.FaultInjector;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A JDBC driver between the store and the driver of a database: {@code jdbc:faulty:name:url}.
 * Counts and records statements, counts commits, and loses connections, as if the network were cut
 * before or after the database got what was sent.
 */
final class FaultyDriver implements Driver {

  private static final String PREFIX = "jdbc:faulty:";

  private static final Map<String, Line> LINES = new ConcurrentHashMap<>();

  static {
    try {
      DriverManager.registerDriver(new FaultyDriver());
    } catch (SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** A statement as it was executed, and the arguments that it was given. */
  record Sent(String sql, List<@Nullable Object> arguments) {}

  /** What all connections of a name go through. */
  static final class Line implements FaultInjector {

    private static final Pattern WRITE =
        Pattern.compile("(INSERT|MERGE|UPDATE|DELETE|WITH raised)\\b.*", Pattern.DOTALL);

    final LongAdder statements = new LongAdder();
    final LongAdder commits = new LongAdder();
    private final AtomicInteger passes = new AtomicInteger();
    private volatile @Nullable Fault armed;
    private volatile @Nullable List<Sent> record;

    /** The statements that are sent meanwhile. */
    List<Sent> sentDuring(Runnable action) {
      List<Sent> sent = new CopyOnWriteArrayList<>();
      record = sent;
      try {
        action.run();
      } finally {
        record = null;
      }
      return sent;
    }

    private void note(String sql, Map<Integer, @Nullable Object> arguments) {
      List<Sent> sent = record;
      if (sent != null) {
        sent.add(new Sent(sql, new ArrayList<>(arguments.values())));
      }
    }

    @Override
    public Set<Fault> faults() {
      return EnumSet.of(Fault.WRITE_REFUSED, Fault.ANSWER_LOST, Fault.READ_REFUSED);
    }

    @Override
    public void arm(Fault fault, int passes) {
      this.passes.set(passes);
      this.armed = fault;
    }

    @Override
    public void disarm() {
      armed = null;
    }

    @Override
    public void flipByte(Checkpoint stored, Random random) {
      throw new UnsupportedOperationException("databases check what they store");
    }

    long operations() {
      return statements.sum() + commits.sum();
    }

    private @Nullable Fault fault(boolean isWrite) {
      Fault fault = armed;
      return fault != null
              && isWrite == (fault != Fault.READ_REFUSED)
              && passes.getAndDecrement() <= 0
          ? fault
          : null;
    }
  }

  /** A URL whose connections go through the line of this name. */
  static String url(String name, String url) {
    return PREFIX + name + ":" + url;
  }

  static Line line(String name) {
    return LINES.computeIfAbsent(name, key -> new Line());
  }

  static void forget(String name) {
    LINES.remove(name);
  }

  @Override
  public @Nullable Connection connect(String url, Properties info) throws SQLException {
    if (!acceptsURL(url)) {
      return null;
    }
    int colon = url.indexOf(':', PREFIX.length());
    Line line = line(url.substring(PREFIX.length(), colon));
    Connection real = DriverManager.getConnection(url.substring(colon + 1), info);
    return proxy(
        Connection.class,
        (self, method, arguments) ->
            switch (method.getName()) {
              case "commit" -> {
                line.commits.increment();
                yield send(line, true, real, method, real, arguments);
              }
              case "prepareStatement", "createStatement" -> {
                Statement statement =
                    (Statement) Objects.requireNonNull(call(method, real, arguments));
                String sql = arguments == null ? "" : String.valueOf(arguments[0]);
                Map<Integer, @Nullable Object> set = new TreeMap<>();
                yield proxy(
                    method.getReturnType(),
                    (self2, method2, arguments2) -> {
                      if (method2.getName().startsWith("execute")) {
                        line.note(arguments2 == null ? sql : String.valueOf(arguments2[0]), set);
                        return execute(line, real, sql, method2, statement, arguments2);
                      }
                      if (arguments2 != null && setsArgument(method2)) {
                        set.put(
                            (Integer) arguments2[0],
                            method2.getName().equals("setNull") ? null : arguments2[1]);
                      }
                      return call(method2, statement, arguments2);
                    });
              }
              default -> call(method, real, arguments);
            });
  }

  private static boolean setsArgument(Method method) {
    return method.getName().startsWith("set")
        && method.getParameterCount() >= 2
        && method.getParameterTypes()[0] == int.class;
  }

  private static @Nullable Object execute(
      Line line,
      Connection real,
      String prepared,
      Method method,
      Object target,
      @Nullable Object @Nullable [] arguments)
      throws Throwable {
    line.statements.increment();
    String sql = arguments == null ? prepared : String.valueOf(arguments[0]);
    if (Line.WRITE.matcher(sql).matches()) {
      return send(line, true, real, method, target, arguments);
    }
    return sql.startsWith("SELECT") || sql.startsWith("WITH RECURSIVE")
        ? send(line, false, real, method, target, arguments)
        : call(method, target, arguments);
  }

  private static @Nullable Object send(
      Line line,
      boolean isWrite,
      Connection real,
      Method method,
      Object target,
      @Nullable Object @Nullable [] arguments)
      throws Throwable {
    Fault fault = line.fault(isWrite);
    if (fault == null) {
      return call(method, target, arguments);
    }
    if (fault == Fault.ANSWER_LOST) {
      call(method, target, arguments);
    }
    // The database undoes the transaction of a connection that is gone.
    if (!real.getAutoCommit()) {
      real.rollback();
    }
    real.close();
    throw new SQLException("the connection was lost, for a test", "08006");
  }

  @CanIgnoreReturnValue
  private static @Nullable Object call(
      Method method, Object target, @Nullable Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private interface Handler {
    @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] arguments)
        throws Throwable;
  }

  @SuppressWarnings("unchecked")
  private static <T> T proxy(Class<T> type, Handler handler) {
    return (T)
        Proxy.newProxyInstance(
            FaultyDriver.class.getClassLoader(), new Class<?>[] {type}, handler::invoke);
  }

  @Override
  public boolean acceptsURL(String url) {
    return url.startsWith(PREFIX);
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
    return new DriverPropertyInfo[0];
  }

  @Override
  public int getMajorVersion() {
    return 1;
  }

  @Override
  public int getMinorVersion() {
    return 0;
  }

  @Override
  public boolean jdbcCompliant() {
    return false;
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getLogger("");
  }
}
