package dev.checkpoint4j.spi;

import picocli.CommandLine;

/** Breaks a rule on purpose. */
public final class ApiThatUsesALibrary {

  Object library() {
    return new CommandLine(this);
  }
}
