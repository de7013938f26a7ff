package dev.checkpoint4j.benchmarks;

import dev.checkpoint4j.benchmarks.jmh.ChatBenchmark;
import dev.checkpoint4j.benchmarks.jmh.DeleteBenchmark;
import dev.checkpoint4j.benchmarks.jmh.OpenBenchmark;
import dev.checkpoint4j.benchmarks.jmh.ReadBenchmark;
import dev.checkpoint4j.benchmarks.jmh.WriteBenchmark;

/** What is measured, and the benchmark that does it. */
public enum Operation {
  PUT(WriteBenchmark.class, "put", "put"),
  SAVE(WriteBenchmark.class, "save", "save (read, modify, write)"),
  LATEST(ReadBenchmark.class, "latest", "latest"),
  GET(ReadBenchmark.class, "get", "get by id"),
  LIST_FIRST(ReadBenchmark.class, "listFirst", "list, first page of 20"),
  LIST_DEEP(ReadBenchmark.class, "listDeep", "list, page of 20 in the middle"),
  LIST_HEADERS(ReadBenchmark.class, "listHeaders", "list headers, first page of 20"),
  DELETE_BY_SESSION(DeleteBenchmark.class, "deleteBySession", "deleteBySession"),
  OPEN(OpenBenchmark.class, "open", "open in a new JVM, to the first answer"),
  CHAT_PUT(ChatBenchmark.class, "chatPut", "put of a step of a growing chat"),
  CHAT_LATEST(ChatBenchmark.class, "chatLatest", "latest of a growing chat"),
  CHAT_RESUME(ChatBenchmark.class, "chatResume", "open, and latest of a growing chat");

  private final Class<?> benchmark;
  private final String method;
  private final String title;

  Operation(Class<?> benchmark, String method, String title) {
    this.benchmark = benchmark;
    this.method = method;
    this.title = title;
  }

  /** For JMH to include. */
  String pattern() {
    return "^" + (benchmark.getName() + "." + method).replace(".", "\\.") + "$";
  }

  /** Its name on the command line. */
  String method() {
    return method;
  }

  /** Whether it is of the growing chat, whose length is the history. */
  public boolean isOfChat() {
    return this == CHAT_PUT || this == CHAT_LATEST || this == CHAT_RESUME;
  }

  public String title() {
    return title;
  }

  /** Whether an invocation is a fixed number of operations, measured once. */
  boolean isBatch() {
    return switch (this) {
      case PUT, SAVE, DELETE_BY_SESSION, OPEN, CHAT_PUT, CHAT_RESUME -> true;
      default -> false;
    };
  }
}
