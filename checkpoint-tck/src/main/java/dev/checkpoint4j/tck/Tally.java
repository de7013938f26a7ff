package dev.checkpoint4j.tck;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** What the workers of a run have done and found. Thread-safe. */
final class Tally {

  private static final int MAX_FINDINGS = 30;
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  final AtomicLong operations = new AtomicLong();
  final AtomicLong acknowledged = new AtomicLong();
  final AtomicLong disturbed = new AtomicLong();
  final AtomicLong interrupts = new AtomicLong();
  final AtomicLong failed = new AtomicLong();
  final AtomicLong wrong = new AtomicLong();
  final AtomicLong lost = new AtomicLong();

  /** The first of each kind: those that differ in numbers only are of one. */
  private final Map<String, String> findings = new LinkedHashMap<>();

  void wrong(String finding) {
    wrong.incrementAndGet();
    note(finding);
  }

  void lost(String finding) {
    lost.incrementAndGet();
    note(finding);
  }

  /** What is wrong besides. */
  synchronized void note(String finding) {
    if (findings.size() < MAX_FINDINGS) {
      findings.putIfAbsent(NUMBER.matcher(finding).replaceAll(""), finding);
    }
  }

  /** The first of each kind. */
  synchronized List<String> findings() {
    return List.copyOf(findings.values());
  }
}
