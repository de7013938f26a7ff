package dev.checkpoint4j.tck;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Bounds the stack traces that a run prints: one of an endless recursion has 1,024 frames. */
final class Frames {

  static final int MAX = 50;

  private Frames() {}

  /** The first frames, and as one more how many were left out. */
  static StackTraceElement[] first(StackTraceElement[] trace) {
    if (trace.length <= MAX) {
      return trace;
    }
    StackTraceElement[] first = Arrays.copyOf(trace, MAX + 1);
    first[MAX] =
        new StackTraceElement("checkpoint.tck", "shortened", (trace.length - MAX) + " more", -1);
    return first;
  }

  /** Bounds the stack trace of a failure, of its causes and of what it suppressed. */
  static void shorten(Throwable failure) {
    shorten(failure, Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  private static void shorten(Throwable failure, Set<Throwable> seen) {
    if (seen.add(failure)) {
      failure.setStackTrace(first(failure.getStackTrace()));
      for (Throwable suppressed : failure.getSuppressed()) {
        shorten(suppressed, seen);
      }
      if (failure.getCause() != null) {
        shorten(failure.getCause(), seen);
      }
    }
  }
}
