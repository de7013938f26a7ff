package dev.checkpoint4j.store.file;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Changes to files that are durable when the method returns. All steps (write, force, publish,
 * force the directory) are in one place. A store that only has to survive the crash of a process
 * does not force.
 */
final class DurableFiles {

  static final String TEMPORARY_SUFFIX = ".tmp";

  /** With the number of the process, in names of this version. */
  private static final Pattern TEMPORARY =
      Pattern.compile(".*?(?:\\.([0-9]{1,18})-[0-9a-f-]{36})?" + Pattern.quote(TEMPORARY_SUFFIX));

  /**
   * Forces whatever the durability of this store is: another process may have acknowledged the
   * content of a log after it forced it.
   */
  static final DurableFiles FORCED = new DurableFiles(true);

  private final boolean forced;
  private final Set<Path> forcedNames = ConcurrentHashMap.newKeySet();

  DurableFiles(boolean forced) {
    this.forced = forced;
  }

  /**
   * Creates a directory and its parents unless they exist. Symbolic links are allowed in the path
   * of a store.
   */
  void createFollowingLinks(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      forceNamesAbove(directory);
      return;
    }
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      createFollowingLinks(parent);
    }
    makeDirectory(directory);
  }

  /**
   * Forces the names of directories that exist. A call that created them may have failed or died
   * before it forced them. A directory that cannot be read or forced ends this: it is not of the
   * store.
   */
  private void forceNamesAbove(Path directory) {
    for (Path each = directory.toAbsolutePath(); each != null; each = each.getParent()) {
      try {
        forceName(each);
      } catch (IOException e) {
        return;
      }
    }
  }

  /**
   * Creates a directory within the store, unless it exists. Its parent exists.
   *
   * @throws WrongFileTypeException if there is something else
   */
  void createDirectory(Path directory) throws IOException {
    PlainFiles.requireDirectory(directory);
    makeDirectory(directory);
  }

  private void makeDirectory(Path directory) throws IOException {
    try {
      Files.createDirectory(
          directory, PlainFiles.permissions(directory, PlainFiles.PRIVATE_DIRECTORY));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
    }
    forceNameOnce(directory);
  }

  void force(FileChannel channel) throws IOException {
    if (forced) {
      channel.force(false);
    }
  }

  /** Something that writes the whole content of a new file. */
  interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Replaces or creates a file atomically: readers, and a crash, find the old or the new content.
   */
  void replace(Path file, Content content) throws IOException {
    publish(prepare(file, content), file);
  }

  /** As {@link #replace(Path, Content)}, with a short text of ASCII characters. */
  void replace(Path file, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    replace(file, channel -> PlainFiles.writeUnforced(channel, bytes, 0));
  }

  /**
   * The first half of {@link #replace}, which changes nothing yet.
   *
   * @return a temporary file with the content, which is durable
   */
  Path prepare(Path file, Content content) throws IOException {
    Path temporary =
        file.resolveSibling(
            "%s.%d-%s%s"
                .formatted(
                    file.getFileName(),
                    ProcessHandle.current().pid(),
                    UUID.randomUUID(),
                    TEMPORARY_SUFFIX));
    try (FileChannel channel =
        PlainFiles.open(
            temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
      content.writeTo(channel);
      force(channel);
    } catch (IOException e) {
      PlainFiles.deleteQuietly(temporary, e);
      throw e;
    }
    return temporary;
  }

  /** Replaces a file that has several hard links by a copy. */
  void copyInPlace(Path file) throws IOException {
    try (FileChannel from = PlainFiles.open(file, Set.of(StandardOpenOption.READ))) {
      replace(
          file,
          to -> {
            ByteBuffer chunk = ByteBuffer.allocate(PlainFiles.MAX_TRANSFER_BYTES);
            for (long at = 0;
                PlainFiles.read(from, chunk, at) > 0;
                at += chunk.limit(), chunk.clear()) {
              PlainFiles.writeUnforced(to, chunk.flip(), at);
            }
          });
    }
  }

  /**
   * Whether a file is a temporary file of a process that no longer runs on this machine. This
   * process, which opens the store, has none: one with its number is of an earlier process.
   */
  static boolean isLeftOver(Path file) {
    Matcher matcher = TEMPORARY.matcher(file.getFileName().toString());
    if (!matcher.matches()) {
      return false;
    }
    if (matcher.group(1) == null) {
      return true;
    }
    long process = Long.parseLong(matcher.group(1));
    return process == ProcessHandle.current().pid() || ProcessHandle.of(process).isEmpty();
  }

  /** The second half of {@link #replace}. */
  void publish(Path prepared, Path file) throws IOException {
    try {
      Files.move(prepared, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      PlainFiles.deleteQuietly(prepared, e);
      throw e;
    }
    forceName(file);
  }

  /**
   * As {@link #publish}, for a file that must not replace another one.
   *
   * @throws FileAlreadyExistsException if there is one; nothing was changed
   */
  void publishNew(Path prepared, Path file) throws IOException {
    try {
      try {
        Files.createLink(file, prepared);
      } catch (FileAlreadyExistsException e) {
        throw e;
      } catch (UnsupportedOperationException | FileSystemException e) {
        // A file system without hard links: only the lock excludes a second writer.
        if (PlainFiles.attributes(file) != null) {
          throw new FileAlreadyExistsException(file.toString());
        }
        Files.move(prepared, file, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.deleteIfExists(prepared);
    } catch (IOException e) {
      PlainFiles.deleteQuietly(prepared, e);
      throw e;
    }
    forceName(file);
  }

  /** Deletes a file unless it is gone, and makes the deletion durable. */
  void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
    forceName(file);
  }

  /**
   * Makes durable what another writer may have failed to force. After a failed force Linux
   * considers the pages clean, and the next force succeeds without writing them. Therefore they are
   * written again.
   */
  void forceAgain(FileChannel channel, long from, long to) throws IOException {
    if (!forced) {
      return;
    }
    ByteBuffer chunk =
        ByteBuffer.allocate((int) Math.min(PlainFiles.MAX_TRANSFER_BYTES, to - from));
    for (long at = from; at < to; at += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), to - at));
      if (PlainFiles.read(channel, chunk, at) < chunk.limit()) {
        throw new EOFException("another program has truncated the file");
      }
      PlainFiles.writeUnforced(channel, chunk.flip(), at);
    }
    channel.force(false);
  }

  /**
   * Makes the name of a file durable, once: for files that stay. The process that created the file
   * may have failed or died before it forced the name.
   */
  void forceNameOnce(Path file) throws IOException {
    if (!forcedNames.contains(file)) {
      forceName(file);
      forcedNames.add(file);
    }
  }

  /** Makes the name of a file durable. Only POSIX systems need this. */
  void forceName(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (forced && directory != null && PlainFiles.isPosix(directory)) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
