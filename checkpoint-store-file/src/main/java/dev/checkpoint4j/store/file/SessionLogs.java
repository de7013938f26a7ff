package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The logs of a namespace: where they are, and which index records follow from them. */
final class SessionLogs {

  private static final System.Logger LOG = System.getLogger(SessionLogs.class.getName());

  static final Pattern SHARD = Pattern.compile("[0-9a-f]{2}");

  private final String namespace;
  private final Path directory;
  private final DurableFiles files;

  SessionLogs(String namespace, Path directory, DurableFiles files) {
    this.namespace = namespace;
    this.directory = directory;
    this.files = files;
  }

  /**
   * Reads the index records of a log. Checkpoints that the log deletes later are left out: their
   * ids may be in other logs by now. The frames are forced, since their writer may have failed or
   * died before it forced them.
   */
  List<IndexRecord> read(Key session) throws IOException {
    try (FileChannel channel = LogFormat.openForReading(path(session))) {
      List<FrameAt> frames = new ArrayList<>();
      List<IndexRecord> records = read(session, 0, new LiveVersions(), channel, frames);
      if (!records.isEmpty()) {
        files.force(channel);
        files.forceName(path(session));
      }
      return records;
    }
  }

  /**
   * As {@link #read(Key)}, and writes the last frame again, whose force may have failed. The caller
   * holds the session's lock, or no other process uses the store.
   *
   * @param from where to start; 0 for the first frame
   * @param live the checkpoints that are live there
   */
  List<IndexRecord> readAgain(Key session, long from, LiveVersions live) throws IOException {
    try (FileChannel channel =
        PlainFiles.open(path(session), Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE))) {
      List<FrameAt> frames = new ArrayList<>();
      List<IndexRecord> records = read(session, from, live, channel, frames);
      if (!records.isEmpty()) {
        FrameAt last = frames.get(frames.size() - 1);
        // The head of a log was written with its first frame.
        long start = frames.size() == 1 && from == 0 ? 0 : last.offset();
        files.forceAgain(channel, start, last.end());
        files.forceName(path(session));
      }
      return records;
    }
  }

  private List<IndexRecord> read(
      Key session, long from, LiveVersions live, FileChannel channel, List<FrameAt> frames)
      throws IOException {
    List<IndexRecord> records = new ArrayList<>();
    int generation = 0;
    long start = from;
    try {
      LogFormat.Head head = LogFormat.readHead(channel, path(session));
      generation = head.generation();
      start = Math.max(from, head.length());
    } catch (DamagedException e) {
      LOG.log(System.Logger.Level.WARNING, "the head of a log is damaged", e);
    }
    for (FrameAt placed : LogFormat.scan(channel, start)) {
      frames.add(placed);
      addRecords(session, generation, placed, records);
    }
    records.removeIf(record -> isRefused(record, live));
    List<IndexRecord> kept = withoutDeleted(records);
    if (!frames.isEmpty()) {
      // Also if the last frame was refused, or marks what is skipped.
      FrameAt last = frames.get(frames.size() - 1);
      kept.add(new IndexRecord.EndOfLog(generation, session, last.end()));
    }
    return kept;
  }

  private static boolean isRefused(IndexRecord record, LiveVersions live) {
    if (record instanceof IndexRecord.Stored stored) {
      return !live.add(stored.position().id(), stored.position().version());
    }
    if (record instanceof IndexRecord.Deleted deleted) {
      live.remove(deleted.id());
    }
    return false;
  }

  private static List<IndexRecord> withoutDeleted(List<IndexRecord> records) {
    Set<Key> deletedIds = new HashSet<>();
    List<IndexRecord> kept = new ArrayList<>();
    for (int i = records.size() - 1; i >= 0; i--) {
      IndexRecord record = records.get(i);
      if (record instanceof IndexRecord.Deleted deleted) {
        deletedIds.add(deleted.id());
      }
      if (!(record instanceof IndexRecord.Stored stored)
          || !deletedIds.contains(stored.position().id())) {
        kept.add(record);
      }
    }
    Collections.reverse(kept);
    return kept;
  }

  private void addRecords(Key session, int generation, FrameAt placed, List<IndexRecord> records) {
    int length = Math.toIntExact(placed.frame().length());
    int headLength = placed.frame().headLength();
    if (placed.frame().kind() == Frame.Kind.CHECKPOINT) {
      Key id = idKey(placed.frame().id());
      FramePosition position =
          new FramePosition(
              session, id, placed.frame().version(), placed.offset(), length, headLength);
      records.add(new IndexRecord.Stored(generation, position));
    }
    for (String id : placed.deletedIds()) {
      records.add(
          new IndexRecord.Deleted(
              generation, session, idKey(id), placed.offset(), length, headLength));
    }
  }

  /**
   * The sessions that have a log, the one that was written last first. If two logs store the same
   * id, the earlier write was never acknowledged: its writer died before it could be, or the later
   * one would have been refused.
   */
  List<Key> newestFirst() throws IOException {
    Map<Key, FileTime> modified = new HashMap<>();
    for (Path log : files(directory)) {
      BasicFileAttributes attributes = PlainFiles.attributes(log);
      Optional<Key> session = Key.find(log.getFileName().toString());
      if (attributes != null && session.isPresent()) {
        modified.put(session.get(), attributes.lastModifiedTime());
      }
    }
    return modified.entrySet().stream()
        .sorted(Map.Entry.<Key, FileTime>comparingByValue().reversed())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The logs in the directory of a namespace. Other files are ignored. */
  static List<Path> files(Path namespace) throws IOException {
    List<Path> logs = new ArrayList<>();
    for (Path shard : shards(namespace)) {
      for (Path file : PlainFiles.list(shard)) {
        if (Key.find(file.getFileName().toString())
            .filter(key -> file.equals(path(namespace, key)))
            .isPresent()) {
          logs.add(file);
        }
      }
    }
    return logs;
  }

  private static List<Path> shards(Path namespace) throws IOException {
    List<Path> shards = new ArrayList<>();
    for (Path entry : PlainFiles.list(namespace)) {
      if (SHARD.matcher(entry.getFileName().toString()).matches()) {
        PlainFiles.requireDirectory(entry);
        shards.add(entry);
      }
    }
    return shards;
  }

  /** Removes temporary files of processes that died. */
  void removeTemporaryFiles() throws IOException {
    List<Path> directories = new ArrayList<>(shards(directory));
    directories.add(directory);
    for (Path each : directories) {
      for (Path file : PlainFiles.list(each)) {
        if (DurableFiles.isLeftOver(file)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  Path path(Key session) {
    return path(directory, session);
  }

  static Path path(Path namespace, Key session) {
    return shard(namespace, session).resolve(session + LogFormat.SUFFIX);
  }

  Path shard(Key session) {
    return shard(directory, session);
  }

  /** Sessions are spread over directories, so that none grows too large. */
  private static Path shard(Path namespace, Key session) {
    return namespace.resolve(session.toString().substring(0, 2));
  }

  // No id holds a line feed, so different pairs are different texts.

  Key sessionKey(String sessionId) {
    return Key.of(namespace + "\n" + sessionId);
  }

  Key idKey(String id) {
    return Key.of(namespace + "\n" + id);
  }
}
