package dev.checkpoint4j.tck;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start a JVM that finds the classes and modules of this one. */
final class ChildJvm {

  private static final List<String> MODULE_OPTIONS =
      List.of(
          "--module-path=",
          "--upgrade-module-path=",
          "--add-modules=",
          "--limit-modules=",
          "--patch-module=",
          "--add-reads=",
          "--add-exports=",
          "--add-opens=",
          "--enable-native-access=",
          "--enable-preview");

  private ChildJvm() {}

  /** The beginning of a command; further options, the main class and its arguments follow. */
  static List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> MODULE_OPTIONS.stream().anyMatch(argument::startsWith))
        .forEach(command::add);
    command.addAll(List.of("-cp", classPath()));
    return command;
  }

  static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
