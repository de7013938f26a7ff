package dev.checkpoint4j.testsupport;

import java.nio.file.Path;

/** A server on the loopback interface that is stopped at the latest when the JVM ends. */
abstract class LocalServer implements AutoCloseable {

  private final String name;
  private final Path directory;
  private final int port = Ports.free();
  private final Thread closeAtExit;
  private State state = State.DOWN;

  private enum State {
    UP,
    DOWN,
    CLOSED
  }

  LocalServer(String name) {
    this(name, MemoryDisk.newDirectory(name));
  }

  /** On files in a directory that is its own. */
  LocalServer(String name, Path directory) {
    this.name = name;
    this.directory = directory;
    closeAtExit = new Thread(this::close, "close-" + name);
  }

  /** Starts it on the files that are there, if any, and waits until it answers. */
  abstract void launch() throws Exception;

  /** Stops it in the usual way; what does not stop is killed. */
  abstract void shutDown() throws Exception;

  /** Kills it with all its processes, and waits for their end. */
  abstract void killNow() throws Exception;

  final Path directory() {
    return directory;
  }

  final Path log() {
    return directory.resolve("log");
  }

  public final int port() {
    return port;
  }

  /** Called once, after the constructor. */
  final synchronized void startFirst() {
    try {
      Runtime.getRuntime().addShutdownHook(closeAtExit);
    } catch (IllegalStateException theJvmIsEnding) {
      ServerFiles.delete(directory);
      throw theJvmIsEnding;
    }
    restart();
  }

  /** SIGKILL: nothing is written any more; what the operating system already has stays. */
  public final synchronized void kill() {
    requireState(State.UP);
    attempt(this::killNow);
    state = State.DOWN;
  }

  /** Starts a killed server again, on its files and its port. */
  public final synchronized void restart() {
    requireState(State.DOWN);
    try {
      attempt(this::launch);
      state = State.UP;
    } catch (RuntimeException | Error e) {
      try {
        close();
      } catch (RuntimeException notClosed) {
        e.addSuppressed(notClosed);
      }
      throw e;
    }
  }

  @Override
  public final synchronized void close() {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    try {
      attempt(this::shutDown);
    } finally {
      ServerFiles.delete(directory);
    }
    if (Thread.currentThread() != closeAtExit) {
      forgetCloseAtExit();
    }
  }

  private void forgetCloseAtExit() {
    try {
      Runtime.getRuntime().removeShutdownHook(closeAtExit);
    } catch (IllegalStateException e) {
      // The JVM is ending, and it will find the server closed.
    }
  }

  private void requireState(State expected) {
    if (state != expected) {
      throw new IllegalStateException(name + " is " + state);
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private void attempt(Step step) {
    try {
      step.run();
    } catch (Exception e) {
      throw new IllegalStateException(
          name + " on port " + port + ": " + e.getMessage() + "\n" + ServerFiles.read(log()), e);
    }
  }
}
