package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/** Writes a new index file, with one buffer of it in memory at a time. */
final class IndexWriter implements NamespaceIndex.Visitor {

  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(1024 * IndexRecord.BYTES);
  private long position;

  IndexWriter(FileChannel channel) {
    this.channel = channel;
    buffer.put(IndexFile.newHead());
  }

  @Override
  public void accept(IndexRecord record) throws IOException {
    if (!buffer.hasRemaining()) {
      flush();
    }
    buffer.put(IndexRecord.encode(List.of(record)));
  }

  void flush() throws IOException {
    buffer.flip();
    int length = buffer.remaining();
    PlainFiles.writeUnforced(channel, buffer, position);
    position += length;
    buffer.clear();
  }
}
