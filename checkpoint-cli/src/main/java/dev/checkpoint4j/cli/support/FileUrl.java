package dev.checkpoint4j.cli.support;

import dev.checkpoint4j.store.file.FileBackendStorage;
import java.nio.file.Path;
import java.util.Optional;

/** The URLs of file stores, whose folders can be checked without opening the store. */
public final class FileUrl {

  private static final String PREFIX = "file:";

  private FileUrl() {}

  public static String of(Path folder) {
    return PREFIX + folder;
  }

  /**
   * The folder of a file store; empty for another URL.
   *
   * @throws dev.checkpoint4j.error.BackendConfigurationException if there can be no such folder
   */
  public static Optional<Path> folder(String url) {
    if (!url.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
      return Optional.empty();
    }
    int question = url.indexOf('?');
    return Optional.of(
        FileBackendStorage.directory(
            url.substring(PREFIX.length(), question < 0 ? url.length() : question)));
  }
}
