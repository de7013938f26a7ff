package dev.checkpoint4j.core.internal.json;

import com.fasterxml.jackson.core.Version;
import com.fasterxml.jackson.core.json.PackageVersion;

/** The version of jackson-core that the application brings. */
final class JacksonVersion {

  private static final int MAJOR = 2;
  private static final int MIN_MINOR = 16;

  private JacksonVersion() {}

  /**
   * Checks that the codec can run.
   *
   * @throws IllegalStateException if the version on the class path is too old
   */
  static void require() {
    require(PackageVersion.VERSION);
  }

  static void require(Version found) {
    if (found.getMajorVersion() != MAJOR || found.getMinorVersion() < MIN_MINOR) {
      throw new IllegalStateException(
          "jackson-core "
              + found
              + " is on the class path, and checkpoint-core needs 2."
              + MIN_MINOR
              + " or a later 2.x. Set the version of com.fasterxml.jackson:jackson-bom in the"
              + " dependency management of the application");
    }
  }
}
