package dev.checkpoint4j.store.file.faults;

import dev.checkpoint4j.store.file.faults.Faults.Target;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/** Does what the real provider does, unless it has to fail, and records it. */
final class FaultyProvider extends FileSystemProvider {

  private final FaultyFileSystem fileSystem;
  private final FileSystemProvider real;

  FaultyProvider(FaultyFileSystem fileSystem, FileSystemProvider real) {
    this.fileSystem = fileSystem;
    this.real = real;
  }

  private static Path unwrap(Path path) {
    return FaultyFileSystem.unwrap(path);
  }

  private Faults faults() {
    return fileSystem.faults();
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    Path file = unwrap(path);
    if (options.contains(StandardOpenOption.DELETE_ON_CLOSE)) {
      throw new UnsupportedOperationException("not recorded: " + options);
    }
    Set<OpenOption> realOptions = new HashSet<>(options);
    boolean appends = realOptions.remove(StandardOpenOption.APPEND);
    if (appends) {
      realOptions.add(StandardOpenOption.WRITE);
    }
    boolean truncates = realOptions.remove(StandardOpenOption.TRUNCATE_EXISTING);
    faults().check(Target.OPEN, file);
    boolean existed = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    FileChannel channel = real.newFileChannel(file, realOptions, attributes);
    if (!existed) {
      fileSystem.recording().created(file, false);
    }
    FaultyChannel recorded =
        new FaultyChannel(fileSystem, file, Files.isDirectory(file), appends, channel);
    return truncates ? recorded.truncate(0) : recorded;
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    faults().check(Target.OPEN, directory);
    DirectoryStream<Path> entries =
        real.newDirectoryStream(unwrap(directory), entry -> filter.accept(fileSystem.wrap(entry)));
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        Iterator<Path> iterator = entries.iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return iterator.hasNext();
          }

          @Override
          public Path next() {
            return fileSystem.wrap(iterator.next());
          }
        };
      }

      @Override
      public void close() throws IOException {
        entries.close();
      }
    };
  }

  @Override
  public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
    Path directory = unwrap(path);
    faults().check(Target.MAKE_DIRECTORY, directory);
    real.createDirectory(directory, attributes);
    fileSystem.recording().created(directory, true);
  }

  @Override
  public void delete(Path path) throws IOException {
    Path file = unwrap(path);
    faults().check(Target.DELETE, file);
    real.delete(file);
    fileSystem.recording().deleted(file);
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    faults().check(Target.RENAME, target);
    real.move(unwrap(source), unwrap(target), options);
    fileSystem.recording().renamed(unwrap(source), unwrap(target));
  }

  @Override
  public void createLink(Path link, Path existing) throws IOException {
    faults().check(Target.RENAME, link);
    real.createLink(unwrap(link), unwrap(existing));
    fileSystem.recording().linked(unwrap(link), unwrap(existing));
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) {
    throw new UnsupportedOperationException("not recorded");
  }

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    return real.isSameFile(unwrap(path), unwrap(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return real.isHidden(unwrap(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return real.getFileStore(unwrap(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    real.checkAccess(unwrap(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return real.getFileAttributeView(unwrap(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return real.readAttributes(unwrap(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
      throws IOException {
    return real.readAttributes(unwrap(path), attributes, options);
  }

  @Override
  public void setAttribute(Path path, String attribute, Object value, LinkOption... options)
      throws IOException {
    real.setAttribute(unwrap(path), attribute, value, options);
  }

  @Override
  public String getScheme() {
    return "faulty";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException();
  }
}
