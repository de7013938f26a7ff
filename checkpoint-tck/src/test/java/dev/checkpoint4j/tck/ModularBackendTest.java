package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal as a named module, whose tests patch it as those of Maven do. */
class ModularBackendTest {

  private static final Path JOURNAL = Path.of("src/it/stranger/src");
  private static final String MODULE = "com.example.modular";
  private static final List<String> READS = List.of("--add-reads", MODULE + "=ALL-UNNAMED");

  @TempDir private Path directory;

  @Test
  void childProcessFindsTheModules() throws Exception {
    Path main = sources("main", "Journal", "JournalBackend", "JournalStore");
    Files.writeString(main.resolve("module-info.java"), "module " + MODULE + " {}");
    compile(main, modules().resolve(MODULE), READS);
    Path test = sources("test", "JournalBackendTest", "FaultyDisk");
    Path testClasses = directory.resolve("test-classes");
    compile(test, testClasses, patchedBy(test));

    List<String> command = ChildJvm.command();
    command.addAll(patchedBy(testClasses));
    command.addAll(List.of("--add-opens", "%1$s/%1$s=ALL-UNNAMED".formatted(MODULE)));
    command.addAll(List.of(RunProcessRule.class.getName(), directory.resolve("tck").toString()));
    Process child = new ProcessBuilder(command).inheritIO().start();
    assertThat(child.waitFor()).as("exit code of the JVM that runs the TCK").isZero();
    assertThat(directory.resolve("tck/journal-JournalBackendTest.json"))
        .content()
        .contains("{\"id\": \"PROC-01\", \"level\": \"MUST\", \"status\": \"PASS\"}");
  }

  private Path modules() {
    return directory.resolve("modules");
  }

  private List<String> patchedBy(Path patch) {
    List<String> options = new ArrayList<>(READS);
    options.addAll(List.of("--module-path", modules().toString(), "--add-modules", MODULE));
    options.addAll(List.of("--patch-module", MODULE + "=" + patch));
    return options;
  }

  /** The program of the JVM in which the backend is a module. */
  static final class RunProcessRule {
    private RunProcessRule() {}

    public static void main(String[] args) throws IOException {
      TckRunner.run(
          Files.createDirectory(Path.of(args[0])),
          Map.of("checkpoint.tck.rules", "PROC-01"),
          selectClass(MODULE + ".JournalBackendTest"));
    }
  }

  /** Sources of the journal, in a package of the module's own. */
  private Path sources(String kind, String... classes) throws IOException {
    Path root = directory.resolve(kind);
    Path copies = Files.createDirectories(root.resolve(MODULE.replace('.', '/')));
    for (String name : classes) {
      Path source = JOURNAL.resolve(kind + "/java/com/example/journal/" + name + ".java");
      Files.writeString(
          copies.resolve(name + ".java"),
          Files.readString(source).replace("com.example.journal", MODULE));
    }
    return root;
  }

  private static void compile(Path sources, Path classes, List<String> options) throws IOException {
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(List.of("-proc:none", "-cp", ChildJvm.classPath(), "-d", classes.toString()));
    try (Stream<Path> files = Files.walk(sources)) {
      files.filter(Files::isRegularFile).map(Path::toString).forEach(arguments::add);
    }
    StringWriter errors = new StringWriter();
    PrintWriter writer = new PrintWriter(errors);
    int code =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(writer, writer, arguments.toArray(String[]::new));
    assertThat(code).as("exit code of javac, which says: %s", errors).isZero();
  }
}
