package dev.checkpoint4j.store.file.faults;

import dev.checkpoint4j.store.file.faults.Faults.Target;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** A file or directory that was opened through a {@link FaultyFileSystem}. */
final class FaultyChannel extends FileChannel {

  private final FaultyFileSystem fileSystem;
  private final Path file;
  private final int node;
  private final boolean isDirectory;
  private final boolean appends;
  private final FileChannel real;

  FaultyChannel(
      FaultyFileSystem fileSystem,
      Path file,
      boolean isDirectory,
      boolean appends,
      FileChannel real) {
    this.fileSystem = fileSystem;
    this.file = file;
    this.isDirectory = isDirectory;
    this.appends = appends;
    this.real = real;
    this.node = fileSystem.records(file) ? fileSystem.recording().node(file) : -1;
  }

  private void record(Op op) {
    if (node >= 0) {
      fileSystem.recording().add(op);
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    fileSystem.faults().check(Target.READ, file);
    return real.read(target);
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
    fileSystem.faults().check(Target.READ, file);
    return real.read(targets, offset, length);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    fileSystem.faults().check(Target.READ, file);
    try {
      return real.read(target, position);
    } catch (ClosedByInterruptException e) {
      close();
      throw e;
    }
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    byte[] bytes = allowed(source);
    long position = appends ? real.size() : real.position();
    writeFully(bytes, position);
    real.position(position + bytes.length);
    return bytes.length;
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    long written = 0;
    for (int i = offset; i < offset + length; i++) {
      int count = sources[i].remaining();
      int done = write(sources[i]);
      written += done;
      if (done < count) {
        break;
      }
    }
    return written;
  }

  @Override
  public int write(ByteBuffer source, long position) throws IOException {
    byte[] bytes = allowed(source);
    writeFully(bytes, position);
    return bytes.length;
  }

  /** Takes as many bytes as may be written. */
  private byte[] allowed(ByteBuffer source) throws IOException {
    byte[] bytes = new byte[fileSystem.faults().allowedToWrite(source.remaining(), file)];
    source.get(bytes);
    return bytes;
  }

  private void writeFully(byte[] bytes, long position) throws IOException {
    ByteBuffer copy = ByteBuffer.wrap(bytes);
    while (copy.hasRemaining()) {
      int at = copy.position();
      if (real.write(copy, position + at) == 0) {
        throw new IOException("the real file system wrote nothing");
      }
    }
    record(new Op.Write(node, position, ByteBuffer.wrap(bytes)));
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    fileSystem.faults().check(Target.TRUNCATE, file);
    if (size < real.size()) {
      real.truncate(size);
      record(new Op.Truncate(node, size));
    }
    return this;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    if (isDirectory) {
      fileSystem.faults().check(Target.FORCE_DIRECTORY, file);
      record(new Op.ForceDirectory(node));
      return;
    }
    try {
      fileSystem.faults().check(Target.FORCE, file);
    } catch (IOException e) {
      if (fileSystem.failedForceDrops()) {
        record(new Op.DropUnforced(node));
      }
      throw e;
    }
    record(new Op.Force(node));
  }

  @Override
  public long position() throws IOException {
    return real.position();
  }

  @Override
  public FileChannel position(long newPosition) throws IOException {
    real.position(newPosition);
    return this;
  }

  @Override
  public long size() throws IOException {
    return real.size();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
    fileSystem.faults().check(Target.READ, file);
    return real.transferTo(position, count, target);
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count) {
    throw new UnsupportedOperationException("not recorded");
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
    if (mode != MapMode.READ_ONLY) {
      throw new UnsupportedOperationException("not recorded");
    }
    return real.map(mode, position, size);
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) throws IOException {
    return real.lock(position, size, shared);
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    return real.tryLock(position, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    real.close();
  }
}
