package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The file that distinguishes a store from its copies. It holds the inode numbers of the directory
 * and of its lock file, which differ in every copy, also in one of hard links. On a file system
 * without inodes there is no such file, and nothing is treated as a copy.
 */
final class HomeFile {

  static final String NAME = StoreDirectory.MARKER + ".home";

  private static final System.Logger LOG = System.getLogger(HomeFile.class.getName());
  private static final int MAX_BYTES = 64;

  private HomeFile() {}

  /** Whether a directory was copied, or restored, since a process last used the store in it. */
  static boolean isCopy(Path directory) throws IOException {
    Path locks = directory.resolve(StoreDirectory.LOCKS);
    if (!hasInodes(directory)) {
      return false;
    }
    try {
      String written = PlainFiles.readText(directory.resolve(NAME), MAX_BYTES);
      return PlainFiles.attributes(locks) == null || !written.equals(text(directory));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Writes the file unless it is up to date. */
  static void write(Path directory, DurableFiles files) {
    Path file = directory.resolve(NAME);
    try {
      if (hasInodes(directory) && (PlainFiles.attributes(file) == null || isCopy(directory))) {
        files.replace(file, text(directory));
      }
    } catch (IOException e) {
      // The store works without the file. Copies of it must leave out the indexes then.
      LOG.log(System.Logger.Level.WARNING, "could not write " + file, e);
    }
  }

  /** Whether a file has more than one name, so that writing to it changes another file too. */
  static boolean isHardLinked(Path file) throws IOException {
    return hasInodes(file) && ((Number) unix(file, "nlink")).longValue() > 1;
  }

  private static String text(Path directory) throws IOException {
    return unix(directory, "ino")
        + " "
        + unix(directory.resolve(StoreDirectory.LOCKS), "ino")
        + "\n";
  }

  private static boolean hasInodes(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix");
  }

  private static Object unix(Path path, String attribute) throws IOException {
    return Files.getAttribute(path, "unix:" + attribute, LinkOption.NOFOLLOW_LINKS);
  }
}
