package dev.checkpoint4j.benchmarks;

/**
 * Of one fork.
 *
 * @param nanos of an operation, on one of its threads
 * @param allocated bytes of an operation
 */
public record Measurement(int round, Point point, String side, double nanos, double allocated) {}
