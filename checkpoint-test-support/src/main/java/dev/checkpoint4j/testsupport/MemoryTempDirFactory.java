package dev.checkpoint4j.testsupport;

import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** Creates the directories that JUnit injects in memory, where the machine has room for them. */
public final class MemoryTempDirFactory implements TempDirFactory {

  @Override
  public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) {
    return MemoryDisk.newDirectory("junit");
  }
}
