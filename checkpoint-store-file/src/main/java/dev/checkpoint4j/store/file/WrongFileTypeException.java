package dev.checkpoint4j.store.file;

import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The path of a file or directory of the store is something else, such as a symbolic link, through
 * which the store might change a foreign file, or a pipe, on which it would wait for ever.
 */
final class WrongFileTypeException extends FileSystemException {

  private static final long serialVersionUID = 1;

  WrongFileTypeException(Path path, BasicFileAttributes attributes, String expected) {
    super(
        path.toString(),
        null,
        "is %s where the store keeps a %s; move it away, and put the %s itself there"
            .formatted(describe(attributes), expected, expected));
  }

  /** What there is, in words. */
  static String describe(BasicFileAttributes attributes) {
    if (attributes.isSymbolicLink()) {
      return "a symbolic link";
    }
    if (attributes.isDirectory()) {
      return "a directory";
    }
    return attributes.isRegularFile() ? "a file" : "a pipe, a socket or a device";
  }

  @Override
  public String getMessage() {
    return getFile() + " " + getReason();
  }
}
