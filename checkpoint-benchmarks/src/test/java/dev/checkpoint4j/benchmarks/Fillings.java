package dev.checkpoint4j.benchmarks;

import dev.checkpoint4j.benchmarks.jmh.Filled;
import dev.checkpoint4j.benchmarks.media.Medium;
import dev.checkpoint4j.benchmarks.media.Place;
import dev.checkpoint4j.benchmarks.media.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is stored once, before the first round, because it takes long. */
final class Fillings {

  private static final String OF_MANY = "session-7";

  private Fillings() {}

  /** Where a point finds it. */
  static Place place(Point point, String side) {
    String kind = isOfMany(point) ? "many_" : "long_";
    return new Place(point.backend(), kind + side.toLowerCase(Locale.ROOT));
  }

  private static boolean isOfMany(Point point) {
    return point.operation() == Operation.OPEN && point.sessions() > 1;
  }

  /** Which session of it is opened. */
  static String session(Point point) {
    return isOfMany(point) ? OF_MANY : Filled.SESSION;
  }

  static void fill(List<Point> points) {
    List<Place> done = new ArrayList<>();
    for (Point point : points) {
      if (point.isFilledBefore() || point.operation() == Operation.OPEN) {
        for (Side side : Side.values()) {
          Place place = place(point, side.toString());
          if (!done.contains(place)) {
            System.out.printf(
                "filling %s of %s: %s%n", place.name(), place.backend(), point.variation());
            fill(place, side, point);
            done.add(place);
          }
        }
      }
    }
  }

  private static void fill(Place place, Side side, Point point) {
    try (Medium medium = place.openToFill(side)) {
      if (isOfMany(point)) {
        for (int session = 0; session < point.sessions(); session++) {
          Filled.fill(medium, "session-" + session, point.history());
        }
      } else {
        Filled.fill(medium, Filled.SESSION, point.history());
      }
    }
  }
}
