package dev.checkpoint4j.store.file.faults;

import dev.checkpoint4j.store.file.faults.Faults.Interference;
import dev.checkpoint4j.store.file.faults.Faults.Target;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * The file system of a directory, but that it records what is done, fails when it is told to, and
 * forces nothing: what a force is good for is known from the recording.
 */
public final class FaultyFileSystem extends FileSystem {

  private final FileSystem real;
  private final FaultyProvider provider;
  private final Path root;
  private final Recording recording;
  private final Faults faults = new Faults();

  /** Whether the writes before a failed force are lost, or still wait for the next force. */
  private final boolean failedForceDrops;

  public FaultyFileSystem(Path root, boolean failedForceDrops) throws IOException {
    this.root = root.toRealPath();
    this.real = root.getFileSystem();
    this.recording = new Recording(this.root);
    this.failedForceDrops = failedForceDrops;
    this.provider = new FaultyProvider(this, real.provider());
  }

  /** The directory, as a path of this file system. */
  public Path root() {
    return wrap(root);
  }

  Recording recording() {
    return recording;
  }

  Faults faults() {
    return faults;
  }

  /**
   * Lets another process do something: before the next operation of the store on a file whose path
   * ends so. It uses the real paths.
   */
  public void before(Target operation, String suffix, Interference interference) {
    faults.before(
        operation,
        suffix,
        () -> {
          interference.run();
          recording.adopt();
        });
  }

  /** Whether that is still to come. */
  public boolean isPending() {
    return faults.isPending();
  }

  boolean failedForceDrops() {
    return failedForceDrops;
  }

  boolean records(Path realPath) {
    return realPath.startsWith(root);
  }

  Path wrap(Path realPath) {
    return new FaultyPath(this, realPath);
  }

  static Path unwrap(Path path) {
    return ((FaultyPath) path).real();
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return real.getSeparator();
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return StreamSupport.stream(real.getRootDirectories().spliterator(), false)
        .map(this::wrap)
        .toList();
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return List.of();
  }

  /**
   * Without inodes: the states of its disk after a crash are copies, and not to be taken for that.
   */
  @Override
  public Set<String> supportedFileAttributeViews() {
    return real.supportedFileAttributeViews().stream()
        .filter(view -> !view.equals("unix"))
        .collect(Collectors.toSet());
  }

  @Override
  public Path getPath(String first, String... more) {
    return wrap(real.getPath(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    PathMatcher matcher = real.getPathMatcher(syntaxAndPattern);
    return path -> matcher.matches(unwrap(path));
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    return real.getUserPrincipalLookupService();
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException();
  }
}
