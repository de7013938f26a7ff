package dev.checkpoint4j.benchmarks;

import dev.checkpoint4j.benchmarks.media.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The points that are measured: a base of 1 KB, a history of 10 and one thread, from which one
 * thing at a time differs.
 */
final class Plan {

  private static final int OPENED_SESSIONS = 1_000;
  private static final int OPENED_HISTORY = 100;

  private final Effort effort;

  Plan(Effort effort) {
    this.effort = effort;
  }

  /** What is measured of other libraries too, and of the backends that they are shown beside. */
  List<Point> comparedWithPeers(Set<Backend> backends) {
    List<Point> points = new ArrayList<>();
    for (Backend backend : backends) {
      for (int step : chatSteps()) {
        points.add(Point.base(Operation.CHAT_LATEST, backend).history(step));
        if (backend.outlivesProcesses()) {
          points.add(Point.base(Operation.CHAT_RESUME, backend).history(step));
        }
      }
    }
    return points;
  }

  List<Point> points(Set<Backend> backends) {
    List<Point> points = new ArrayList<>(jackson());
    for (Backend backend : backends) {
      points.addAll(effort.isQuick() ? quick(backend) : full(backend));
    }
    return points;
  }

  private List<Point> jackson() {
    List<Point> points = new ArrayList<>();
    for (Operation operation : List.of(Operation.PUT, Operation.LATEST)) {
      Point base = Point.base(operation, Backend.JACKSON);
      points.add(base);
      if (!effort.isQuick()) {
        points.add(base.payload("16KB"));
        points.add(base.payload("500KB").history(1));
        points.add(base.payload("16MB").history(1));
      }
    }
    points.addAll(chat(Backend.JACKSON));
    return points;
  }

  private List<Point> chat(Backend backend) {
    List<Point> points = new ArrayList<>();
    for (int step : chatSteps()) {
      points.add(Point.base(Operation.CHAT_PUT, backend).history(step));
    }
    return points;
  }

  /** At which lengths a chat is measured. */
  List<Integer> chatSteps() {
    return List.of(10, 100, 1_000).stream().filter(step -> step <= effort.longChat()).toList();
  }

  private List<Point> quick(Backend backend) {
    List<Point> points = new ArrayList<>();
    points.add(Point.base(Operation.PUT, backend));
    points.add(longest(Operation.PUT, backend));
    points.add(Point.base(Operation.LATEST, backend));
    points.add(longest(Operation.LATEST, backend));
    points.add(Point.base(Operation.GET, backend));
    points.addAll(chat(backend));
    return points;
  }

  Point longest(Operation operation, Backend backend) {
    return Point.base(operation, backend).history(effort.longHistory());
  }

  private List<Point> full(Backend backend) {
    List<Point> points = new ArrayList<>();
    for (Operation operation : List.of(Operation.PUT, Operation.LATEST)) {
      Point base = Point.base(operation, backend);
      points.add(base);
      points.add(base.payload("16KB"));
      points.add(base.payload("500KB").history(operation == Operation.PUT ? 10 : 1));
      points.add(base.payload("16MB").history(1));
      points.add(base.history(1_000));
      points.add(longest(operation, backend));
      points.add(base.threads(2));
      points.add(base.threads(8));
      points.add(base.history(1).sessions(backend.isS3() ? 100 : 1_000));
    }
    points.add(Point.base(Operation.GET, backend).history(1_000));
    points.add(Point.base(Operation.LIST_FIRST, backend).history(1_000));
    points.add(longest(Operation.LIST_DEEP, backend));
    points.add(Point.base(Operation.LIST_HEADERS, backend).history(1_000));
    points.add(Point.base(Operation.SAVE, backend));
    points.add(Point.base(Operation.DELETE_BY_SESSION, backend).history(100));
    if (backend.outlivesProcesses()) {
      points.add(opened(backend));
    }
    points.addAll(chat(backend));
    return points.stream().distinct().toList();
  }

  /** Many sessions in files, which have no index but their own; one long one elsewhere. */
  Point opened(Backend backend) {
    return backend == Backend.FILE
        ? Point.base(Operation.OPEN, backend).sessions(OPENED_SESSIONS).history(OPENED_HISTORY)
        : longest(Operation.OPEN, backend);
  }
}
