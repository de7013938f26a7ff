package dev.checkpoint4j.core.internal.json;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Collects a document from the generator, which hands over its own buffer in pieces: each byte is
 * copied once, and once more if there is more than one piece.
 */
final class DocumentBuffer extends OutputStream {

  /** The document would be larger than is allowed. */
  static final class LimitExceededException extends IOException {

    private static final long serialVersionUID = 1;
  }

  private final int limit;
  private final List<byte[]> pieces = new ArrayList<>();
  private int size;

  DocumentBuffer(int limit) {
    this.limit = limit;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (length > limit - size) {
      throw new LimitExceededException();
    }
    pieces.add(Arrays.copyOfRange(bytes, offset, offset + length));
    size += length;
  }

  /** Everything written so far; the caller may keep the array if nothing is written afterwards. */
  byte[] toByteArray() {
    if (pieces.size() == 1) {
      return pieces.get(0);
    }
    byte[] all = new byte[size];
    int position = 0;
    for (byte[] piece : pieces) {
      System.arraycopy(piece, 0, all, position, piece.length);
      position += piece.length;
    }
    return all;
  }
}
