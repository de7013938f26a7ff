package dev.checkpoint4j.benchmarks.jmh;

import dev.checkpoint4j.benchmarks.media.Backend;
import dev.checkpoint4j.benchmarks.media.Medium;
import dev.checkpoint4j.benchmarks.media.Peers;
import dev.checkpoint4j.benchmarks.media.Place;
import dev.checkpoint4j.benchmarks.media.Side;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The medium of a fork, with the parameters of all benchmarks. */
@NullUnmarked
@State(Scope.Benchmark)
public class Opened {

  @Param("MEMORY")
  public String backend;

  @Param("OURS")
  public String side;

  @Param("1KB")
  public String payload;

  /** The checkpoints of a session before it is measured. */
  @Param("10")
  public int history;

  /** The sessions of a thread; more where a history would grow too far otherwise. */
  @Param("1")
  public int sessions;

  /** Operations of an invocation, where the number is fixed. */
  @Param("100")
  public int batch;

  @Param("500")
  public int warmMillis;

  /** A place that was filled before, or nothing for a new one. */
  @Param("")
  public String filled;

  private Place place;
  private Medium medium;

  @Setup(Level.Trial)
  public void open() {
    String name = filled.isEmpty() ? "fork_" + ProcessHandle.current().pid() : filled;
    place = new Place(Backend.of(backend), name);
    openPlace();
  }

  /** Also as a process that is started again. */
  void openPlace() {
    medium = isPeer() ? Peers.find(side, place) : place.open(Side.of(side));
  }

  /** What is open is closed before it is opened again. */
  void closePlace() {
    medium.close();
  }

  boolean isPeer() {
    return Side.names().noneMatch(side::equals);
  }

  Medium medium() {
    return medium;
  }

  boolean isInMemory() {
    return !place.backend().outlivesProcesses();
  }

  @TearDown(Level.Trial)
  public void close() {
    closePlace();
    if (filled.isEmpty()) {
      place.delete();
    }
  }
}
