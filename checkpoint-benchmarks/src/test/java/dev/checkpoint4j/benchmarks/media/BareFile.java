package dev.checkpoint4j.benchmarks.media;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A log for each session, which stays open: documents behind their lengths, each forced. */
final class BareFile implements Medium {

  private final Path directory;
  private final boolean isForced;
  private final ConcurrentHashMap<String, Log> logs = new ConcurrentHashMap<>();

  BareFile(Path directory, boolean isForced) {
    this.directory = directory;
    this.isForced = isForced;
  }

  @Override
  public Object put(String session, long version, Map<String, @Nullable Object> values) {
    byte[] document = Documents.encode(session, version, values);
    log(session).append(document, isForced);
    return document;
  }

  private Log log(String session) {
    Log log = logs.get(session);
    return log != null
        ? log
        : logs.computeIfAbsent(session, name -> Log.open(directory.resolve(name)));
  }

  @Override
  public Object latest(String session) {
    Log log = log(session);
    return log.read(log.size() - 1);
  }

  @Override
  public long latestVersion(String session) {
    return log(session).size();
  }

  @Override
  public Object get(String session, String id) {
    return log(session).read(Integer.parseInt(id) - 1);
  }

  @Override
  public List<String> ids(String session) {
    return IntStream.rangeClosed(1, log(session).size()).mapToObj(Integer::toString).toList();
  }

  @Override
  public Object list(String session, @Nullable String cursor) {
    Log log = log(session);
    int behind = cursor == null ? log.size() : Integer.parseInt(cursor);
    List<Object> page = new ArrayList<>();
    for (int index = behind - 1; index >= Math.max(0, behind - PAGE); index--) {
      page.add(log.read(index));
    }
    return page;
  }

  /** A log has no headers by themselves. */
  @Override
  public Object listHeaders(String session) {
    return list(session, null);
  }

  @Override
  public String cursorBehind(String session, int count) {
    return Integer.toString(log(session).size() - count);
  }

  @Override
  public Object save(String session, Map<String, @Nullable Object> values) {
    Object latest = latest(session);
    return put(session, Documents.version((Map<?, ?>) latest) + 1, values);
  }

  @Override
  public Object deleteSession(String session) {
    Log log = Objects.requireNonNull(logs.remove(session));
    try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
      log.channel.close();
      Files.delete(directory.resolve(session));
      entries.force(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return log;
  }

  @Override
  public long storedBytes() {
    return logs.values().stream().mapToLong(log -> log.end).sum();
  }

  @Override
  public void close() {
    for (Log log : logs.values()) {
      log.close();
    }
  }

  private static final class Log {
    private final FileChannel channel;
    private final ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
    private final List<Long> starts = new ArrayList<>();
    private long end;

    private Log(FileChannel channel) {
      this.channel = channel;
    }

    static Log open(Path file) {
      try {
        Log log =
            new Log(
                FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE));
        log.scan();
        return log;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void scan() throws IOException {
      long size = channel.size();
      while (end < size) {
        starts.add(end);
        length.clear();
        channel.read(length, end);
        end += Integer.BYTES + length.flip().getInt();
      }
    }

    synchronized int size() {
      return starts.size();
    }

    synchronized void append(byte[] document, boolean isForced) {
      ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + document.length);
      bytes.putInt(document.length).put(document).flip();
      long start = end;
      try {
        while (bytes.hasRemaining()) {
          end += channel.write(bytes, end);
        }
        if (isForced) {
          channel.force(false);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      starts.add(start);
    }

    Object read(int index) {
      long start;
      long behind;
      synchronized (this) {
        start = starts.get(index) + Integer.BYTES;
        behind = index + 1 < starts.size() ? starts.get(index + 1) : end;
      }
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(behind - start));
      try {
        while (bytes.hasRemaining() && channel.read(bytes, start + bytes.position()) >= 0) {}
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return Documents.decode(bytes.array());
    }

    void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
