package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import dev.checkpoint4j.store.file.FileStoreVerification.Kind;
import dev.checkpoint4j.store.file.FileStoreVerification.Listener;
import dev.checkpoint4j.store.file.FileStoreVerification.Problem;
import dev.checkpoint4j.store.file.SessionLog.DamagedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** One verification of a store, in one thread: reads every log to its end, and no index. */
final class StoreWalk {

  /** Files whose name starts so are hints that the store can make anew, whatever they hold. */
  private static final String INDEX_PREFIX = NamespaceIndex.FILE_NAME;

  /** How often a place of a log is looked at that writers may be changing at that moment. */
  private static final int MAX_LOOKS = 3;

  private final CheckpointCodec codec;
  private final Listener listener;
  private final List<Problem> problems = new ArrayList<>();
  private long namespaces;
  private long sessions;
  private long checkpoints;
  private long bytes;
  private long problemCount;

  StoreWalk(CheckpointCodec codec, Listener listener) {
    this.codec = codec;
    this.listener = listener;
  }

  /** Takes the intact checkpoints of a namespace that are not deleted. */
  private interface Sink {
    void take(Path log, long offset, Frame frame, byte[] payload);
  }

  FileStoreVerification walk(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw refused("there is no directory " + directory);
    }
    Path root = directory.toRealPath();
    List<Path> found = new ArrayList<>();
    List<Path> entries = sorted(root);
    if (readMarker(root, entries)) {
      for (Path entry : entries) {
        String name = name(entry);
        if (Key.PATTERN.matcher(name).matches()) {
          if (isDirectory(entry)) {
            found.add(entry);
          }
        } else if (name.equals(StoreDirectory.MARKER) || name.equals(StoreDirectory.LOCKS)) {
          isFile(entry);
        } else {
          foreignUnlessTemporary(entry);
        }
      }
    }
    for (Path namespace : found) {
      namespaces++;
      verifyNamespace(namespace);
    }
    return new FileStoreVerification(
        namespaces, sessions, checkpoints, bytes, problemCount, problems);
  }

  /** Whether the rest can be understood. */
  private boolean readMarker(Path root, List<Path> entries) throws IOException {
    Path marker = root.resolve(StoreDirectory.MARKER);
    if (!Files.exists(marker, LinkOption.NOFOLLOW_LINKS)) {
      if (entries.stream().noneMatch(entry -> Key.PATTERN.matcher(name(entry)).matches())) {
        throw refused(root + " holds no checkpoint store");
      }
      problem(marker, 0, Kind.MARKER, "is missing; it should say '" + markerText() + "'");
      return true;
    }
    if (attributes(marker) == null) {
      return true;
    }
    String text;
    try {
      text = DurableFiles.readText(marker, StoreDirectory.MAX_TEXT_BYTES);
    } catch (WrongFileTypeException e) {
      // Reported where the entries of the directory are looked at.
      return true;
    } catch (IOException e) {
      unreadable(marker, e);
      return true;
    }
    Matcher matcher = StoreDirectory.MARKER_PATTERN.matcher(text);
    if (text.equals(StoreDirectory.MARKER_TEXT)) {
      return true;
    }
    if (matcher.matches()) {
      problem(
          marker,
          0,
          Kind.MARKER,
          "says that the store is of format "
              + matcher.group(1)
              + ", while this version reads format "
              + StoreDirectory.FORMAT
              + "; nothing else was looked at. Upgrade checkpoint-store-file");
      return false;
    }
    problem(marker, 0, Kind.MARKER, "is damaged; it should say '" + markerText() + "'");
    return true;
  }

  private static String markerText() {
    return StoreDirectory.MARKER_TEXT.strip();
  }

  private void verifyNamespace(Path directory) throws IOException {
    List<Path> logs = new ArrayList<>();
    boolean hasName = false;
    for (Path entry : list(directory)) {
      String name = name(entry);
      if (SessionLogs.SHARD.matcher(name).matches()) {
        if (isDirectory(entry)) {
          addLogs(entry, logs);
        }
      } else if (name.equals(FileNamespace.NAME_FILE)) {
        hasName = true;
        if (isFile(entry)) {
          verifyName(directory, entry);
        }
      } else if (!name.startsWith(INDEX_PREFIX) || isLinkOrSpecial(entry)) {
        foreignUnlessTemporary(entry);
      }
    }
    if (!hasName && !logs.isEmpty()) {
      problem(
          directory.resolve(FileNamespace.NAME_FILE), 0, Kind.NAMESPACE_NAME, "is missing" + HEAL);
    }
    RepeatedIds ids = new RepeatedIds();
    for (Path log : logs) {
      long before = checkpoints;
      readLog(
          directory,
          log,
          /* reporting= */ true,
          (file, offset, frame, payload) -> ids.add(key(frame)));
      if (checkpoints > before) {
        sessions++;
      }
    }
    while (ids.startNextRound()) {
      readAll(directory, logs, (log, offset, frame, payload) -> ids.add(key(frame)));
    }
    if (!ids.repeated().isEmpty()) {
      reportRepeated(directory, logs, ids.repeated());
    }
  }

  private static final String HEAL =
      "; write the name of the namespace into it, which is the second last word of the head of each"
          + " log there";

  private void readAll(Path directory, List<Path> logs, Sink sink) throws IOException {
    for (Path log : logs) {
      readLog(directory, log, /* reporting= */ false, sink);
    }
  }

  /** Looks for the places again: a deletion, or an id that moved meanwhile, is no problem. */
  private void reportRepeated(Path directory, List<Path> logs, Set<Long> candidates)
      throws IOException {
    Map<String, String> first = new HashMap<>();
    readAll(
        directory,
        logs,
        (log, offset, frame, payload) -> {
          if (candidates.contains(key(frame))) {
            String place = "byte " + offset + " of " + log;
            String before = first.putIfAbsent(frame.id(), place);
            if (before != null) {
              problem(
                  log,
                  offset,
                  Kind.DUPLICATE_ID,
                  "holds checkpoint '" + frame.id() + "', which is at " + before + " as well");
            }
          }
        });
  }

  private static long key(Frame frame) {
    return Key.of(frame.id()).high();
  }

  private void verifyName(Path directory, Path file) throws IOException {
    try {
      String text = DurableFiles.readText(file, StoreDirectory.MAX_TEXT_BYTES);
      if (Key.of(Frame.unescape(text.strip())).toString().equals(name(directory))) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    } catch (IOException e) {
      unreadable(file, e);
      return;
    }
    problem(file, 0, Kind.NAMESPACE_NAME, "does not say the name of the namespace there" + HEAL);
  }

  private void addLogs(Path shard, List<Path> logs) throws IOException {
    for (Path entry : list(shard)) {
      String name = name(entry);
      String key = name.substring(0, name.length() - Math.min(name.length(), 4));
      if (!name.endsWith(SessionLog.SUFFIX) || !Key.PATTERN.matcher(key).matches()) {
        foreignUnlessTemporary(entry);
      } else if (!name.startsWith(name(shard))) {
        problem(entry, 0, Kind.FOREIGN_FILE, "belongs into the directory " + name.substring(0, 2));
      } else if (isFile(entry)) {
        logs.add(entry);
      }
    }
  }

  private void readLog(Path directory, Path log, boolean reporting, Sink sink) throws IOException {
    try (FileChannel channel = SessionLog.openForReading(log)) {
      new LogReader(directory, log, channel, reporting, sink).read();
    } catch (NoSuchFileException e) {
      // Deleted since it was listed.
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      if (reporting) {
        unreadable(log, e);
      }
    }
  }

  /** Reads one log from its start to its end. */
  private final class LogReader {
    private final Path directory;
    private final Path log;
    private final FileChannel channel;
    private final boolean reporting;
    private final Sink sink;
    private final Map<Key, Long> deletions = new HashMap<>();
    private long latest;

    LogReader(Path directory, Path log, FileChannel channel, boolean reporting, Sink sink) {
      this.directory = directory;
      this.log = log;
      this.channel = channel;
      this.reporting = reporting;
      this.sink = sink;
    }

    void read() throws IOException {
      long size = channel.size();
      if (reporting) {
        bytes += size;
      }
      long start = readHead(size);
      if (start >= 0) {
        findDeletions(start, size);
        readFrames(start);
      }
    }

    /** Where the frames start; -1 if there are none that belong here. */
    private long readHead(long size) throws IOException {
      try {
        SessionLog.Head head = SessionLog.readHead(channel, log);
        if (isHere(head.namespace(), head.sessionId())) {
          return head.length();
        }
        Key key = Key.of(head.namespace() + "\n" + head.sessionId());
        report(
            0,
            Kind.LOG_HEAD,
            "is the log of session '%s' in namespace '%s' and belongs to %s/%s/%s.log; the store does not read it here"
                .formatted(
                    head.sessionId(),
                    head.namespace(),
                    Key.of(head.namespace()),
                    key.toString().substring(0, 2),
                    key));
        return -1;
      } catch (DamagedException e) {
        ByteBuffer bytes = ByteBuffer.allocate(SessionLog.MAX_HEAD_LENGTH);
        int length = DurableFiles.read(channel, bytes, 0);
        if (length == size
            && (SessionLog.isStartOfHead(bytes.array(), length) || isZero(0, length))) {
          report(0, Kind.UNFINISHED_WRITE, "ends within its head: a write that was cut off");
          return -1;
        }
        report(
            0,
            Kind.LOG_HEAD,
            "has a damaged head; its frames are judged by their documents instead");
        return firstFrame(new String(bytes.array(), 0, length, StandardCharsets.ISO_8859_1), size);
      }
    }

    /** Also one that stands on the line of the head, whose end is damaged. */
    private long firstFrame(String start, long size) throws IOException {
      String word = Frame.Kind.CHECKPOINT.word + " ";
      for (int at = start.indexOf(word); at >= 0; at = start.indexOf(word, at + 1)) {
        Frame frame = SessionLog.frameAt(channel, at, size);
        if (frame != null && SessionLog.isIntact(channel, at, frame)) {
          return at;
        }
      }
      return SessionLog.nextIntactFrame(channel, 1, size);
    }

    private boolean isHere(String namespace, String sessionId) {
      return Key.of(namespace).toString().equals(name(directory))
          && name(log).startsWith(Key.of(namespace + "\n" + sessionId).toString());
    }

    /** Looks ahead, since a deletion stands behind what it deletes. */
    private void findDeletions(long start, long size) throws IOException {
      long position = start;
      while (position < size) {
        Frame frame = SessionLog.frameAt(channel, position, size);
        if (frame != null
            && frame.kind() == Frame.Kind.DELETED
            && SessionLog.isIntact(channel, position, frame)) {
          for (String id : SessionLog.ids(payload(position, frame))) {
            deletions.put(Key.of(id), position);
          }
        }
        position =
            frame != null && leadsOn(position + frame.length(), size)
                ? position + frame.length()
                : SessionLog.nextIntactFrame(channel, position + 1, size);
      }
    }

    private boolean leadsOn(long position, long size) throws IOException {
      return position == size || SessionLog.frameAt(channel, position, size) != null;
    }

    private void readFrames(long start) throws IOException {
      long position = start;
      long size = channel.size();
      int looks = 1;
      while (position < size) {
        Frame frame = SessionLog.frameAt(channel, position, size);
        if (frame != null && SessionLog.isIntact(channel, position, frame)) {
          take(position, frame);
          position += frame.length();
          checkTail(position - Frame.TAIL_LENGTH);
          looks = 1;
          continue;
        }
        long now = channel.size();
        if (now != size && looks < MAX_LOOKS) {
          // A writer is at work at the end.
          size = now;
          looks++;
          continue;
        }
        long next = SessionLog.nextIntactFrame(channel, position + 1, size);
        if (frame != null
            && position + frame.length() < next
            && leadsOn(position + frame.length(), size)) {
          next = position + frame.length();
        }
        if (next == size && isUnfinished(position, size)) {
          report(
              position,
              Kind.UNFINISHED_WRITE,
              "ends with %d bytes of a write that was cut off, or is under way; it was not acknowledged"
                  .formatted(size - position));
        } else {
          report(
              position,
              Kind.FRAME,
              "has no intact frame in the next %d bytes%s"
                  .formatted(
                      next - position,
                      frame == null
                          ? ""
                          : "; their head says version "
                              + frame.version()
                              + ", id '"
                              + frame.id()
                              + "'"));
        }
        position = next;
      }
    }

    /** No checksum covers it, and nothing is lost with it, but ordinary tools miss it. */
    private void checkTail(long offset) throws IOException {
      ByteBuffer tail = ByteBuffer.allocate(Frame.TAIL_LENGTH);
      DurableFiles.read(channel, tail, offset);
      if (tail.get(0) != '\n') {
        report(offset, Kind.FRAME, "has no line feed behind a frame that is intact otherwise");
      }
    }

    /**
     * Whether what is left can be the start of a write: a head or a frame that is cut off, or one
     * whose last blocks were not on the disk when the machine went down, and read as zeros.
     */
    private boolean isUnfinished(long position, long size) throws IOException {
      if (isZero(size - 1, size)) {
        return true;
      }
      ByteBuffer bytes =
          ByteBuffer.allocate((int) Math.min(Frame.MAX_HEAD_LENGTH, size - position));
      int length = DurableFiles.read(channel, bytes, position);
      return Frame.isStartOfHead(bytes.array(), length)
          || Frame.parse(bytes.array(), length)
              .filter(frame -> position + frame.length() > size)
              .isPresent();
    }

    private boolean isZero(long from, long to) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate((int) (to - from));
      int length = DurableFiles.read(channel, bytes, from);
      for (int i = 0; i < length; i++) {
        if (bytes.get(i) != 0) {
          return false;
        }
      }
      return true;
    }

    private void take(long position, Frame frame) throws IOException {
      if (frame.kind() != Frame.Kind.CHECKPOINT
          || deletions.getOrDefault(Key.of(frame.id()), -1L) > position) {
        return;
      }
      if (frame.version() <= latest) {
        report(
            position,
            Kind.VERSION_ORDER,
            "has version %d of checkpoint '%s' behind version %d"
                .formatted(frame.version(), frame.id(), latest));
        return;
      }
      byte[] payload = payload(position, frame);
      if (reporting) {
        Checkpoint checkpoint = decode(position, frame, payload);
        if (checkpoint == null) {
          return;
        }
        checkpoints++;
        listener.intact(checkpoint);
      }
      latest = frame.version();
      sink.take(log, position, frame, payload);
    }

    private byte[] payload(long position, Frame frame) throws IOException {
      ByteBuffer payload = ByteBuffer.allocate(frame.payloadLength());
      DurableFiles.read(channel, payload, position + frame.headLength());
      return payload.array();
    }

    private @Nullable Checkpoint decode(long position, Frame frame, byte[] payload) {
      String problem;
      try {
        Checkpoint checkpoint = codec.decode(payload);
        if (checkpoint.version() == frame.version()
            && checkpoint.id().equals(frame.id())
            && isHere(checkpoint.namespace(), checkpoint.metadata().sessionId())) {
          return checkpoint;
        }
        problem = "is of another checkpoint";
      } catch (CodecException e) {
        problem = "cannot be decoded: " + e.getMessage();
      }
      report(
          position,
          Kind.DOCUMENT,
          "has a document that %s; its frame says version %d, id '%s'"
              .formatted(problem, frame.version(), frame.id()));
      return null;
    }

    private void report(long offset, Kind kind, String message) {
      if (reporting) {
        problem(log, offset, kind, message);
      }
    }
  }

  // Entries of directories

  private List<Path> list(Path directory) throws IOException {
    try {
      return sorted(directory);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      unreadable(directory, e);
      return List.of();
    }
  }

  private static List<Path> sorted(Path directory) throws IOException {
    return DurableFiles.list(directory).stream().sorted().toList();
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  @CanIgnoreReturnValue
  private boolean isFile(Path path) throws IOException {
    BasicFileAttributes found = attributes(path);
    if (found != null && !found.isRegularFile()) {
      wrongType(path, found, "file");
    }
    return found != null && found.isRegularFile();
  }

  private boolean isDirectory(Path path) throws IOException {
    BasicFileAttributes found = attributes(path);
    if (found != null && !found.isDirectory()) {
      wrongType(path, found, "directory");
    }
    return found != null && found.isDirectory();
  }

  private boolean isLinkOrSpecial(Path path) throws IOException {
    BasicFileAttributes found = attributes(path);
    return found != null && (found.isSymbolicLink() || found.isOther());
  }

  private void foreignUnlessTemporary(Path path) throws IOException {
    BasicFileAttributes found = attributes(path);
    if (found == null) {
      return;
    }
    if (found.isSymbolicLink() || found.isOther()) {
      problem(
          path,
          0,
          Kind.FILE_TYPE,
          "is " + WrongFileTypeException.describe(found) + ", which the store does not make");
    } else if (found.isDirectory() || !name(path).endsWith(DurableFiles.TEMPORARY_SUFFIX)) {
      problem(path, 0, Kind.FOREIGN_FILE, "is not of the store; move it away");
    }
  }

  private void wrongType(Path path, BasicFileAttributes found, String expected) {
    problem(path, 0, Kind.FILE_TYPE, new WrongFileTypeException(path, found, expected).getReason());
  }

  /** Empty if it is not there any more, or cannot be looked at, which is reported. */
  private @Nullable BasicFileAttributes attributes(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      unreadable(path, e);
      return null;
    }
  }

  private void unreadable(Path path, IOException e) throws IOException {
    if (e instanceof ClosedByInterruptException) {
      throw e;
    }
    problem(path, 0, Kind.UNREADABLE, "cannot be read: " + e);
  }

  private void problem(Path file, long offset, Kind kind, String message) {
    Problem problem = new Problem(file, offset, kind, message);
    if (kind.isDamage()) {
      problemCount++;
    }
    if (problems.size() < FileStoreVerification.MAX_PROBLEMS) {
      problems.add(problem);
    }
    listener.found(problem);
  }

  private static BackendConfigurationException refused(String problem) {
    return new BackendConfigurationException(FileBackendStorage.ID, problem);
  }
}
