package dev.checkpoint4j.store.file;

import dev.checkpoint4j.store.file.SessionLog.DamagedException;
import dev.checkpoint4j.store.file.SessionLog.PlacedFrame;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The logs of a namespace: where they are, and what they say in the terms of the index. */
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
   * What a log says, from some offset on; an offset of 0 stands for the first frame. Checkpoints
   * that the log itself says are deleted are left out: their ids may be in other logs by now. What
   * is found is durable on return: its writer may have died, or failed, before it was.
   */
  List<IndexRecord> read(Key session, long from) throws IOException {
    try (FileChannel channel = SessionLog.openForReading(path(session))) {
      List<PlacedFrame> frames = new ArrayList<>();
      List<IndexRecord> records = read(session, from, channel, frames);
      if (!records.isEmpty()) {
        files.force(channel);
        files.forceName(path(session));
      }
      return records;
    }
  }

  /**
   * The same where a writer may have failed to force the last frame. The caller holds the session's
   * lock, or keeps all others out.
   */
  List<IndexRecord> readAgain(Key session, long from) throws IOException {
    try (FileChannel channel =
        DurableFiles.open(
            path(session), Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE))) {
      List<PlacedFrame> frames = new ArrayList<>();
      List<IndexRecord> records = read(session, from, channel, frames);
      if (!records.isEmpty()) {
        PlacedFrame last = frames.get(frames.size() - 1);
        // The head of a log was written with its first frame.
        long start = frames.size() == 1 && from == 0 ? 0 : last.offset();
        files.forceAgain(channel, start, last.offset() + last.frame().length());
        files.forceName(path(session));
      }
      return records;
    }
  }

  private List<IndexRecord> read(
      Key session, long from, FileChannel channel, List<PlacedFrame> frames) throws IOException {
    List<IndexRecord> records = new ArrayList<>();
    int generation = 0;
    long start = from;
    try {
      SessionLog.Head head = SessionLog.readHead(channel, path(session));
      generation = head.generation();
      start = Math.max(from, head.length());
    } catch (DamagedException e) {
      LOG.log(System.Logger.Level.WARNING, "the head of a log is damaged", e);
    }
    for (PlacedFrame placed : SessionLog.walk(channel, start)) {
      frames.add(placed);
      addRecords(session, generation, placed, records);
    }
    return withoutDeleted(records);
  }

  private static List<IndexRecord> withoutDeleted(List<IndexRecord> records) {
    Set<Key> deleted = new HashSet<>();
    List<IndexRecord> kept = new ArrayList<>();
    for (int i = records.size() - 1; i >= 0; i--) {
      IndexRecord record = records.get(i);
      Key id = record.location().id();
      if (record.kind() == IndexRecord.Kind.DELETED) {
        deleted.add(id);
        kept.add(record);
      } else if (!deleted.contains(id)) {
        kept.add(record);
      }
    }
    Collections.reverse(kept);
    return kept;
  }

  private void addRecords(
      Key session, int generation, PlacedFrame placed, List<IndexRecord> records) {
    int length = Math.toIntExact(placed.frame().length());
    int headLength = placed.frame().headLength();
    if (placed.frame().kind() == Frame.Kind.CHECKPOINT) {
      Key id = idKey(placed.frame().id());
      Location location =
          new Location(session, id, placed.frame().version(), placed.offset(), length, headLength);
      records.add(new IndexRecord(IndexRecord.Kind.STORED, generation, location));
    }
    for (String id : placed.deletedIds()) {
      Location location = new Location(session, idKey(id), 0, placed.offset(), length, headLength);
      records.add(new IndexRecord(IndexRecord.Kind.DELETED, generation, location));
    }
  }

  /** The sessions that have a log. Files that are no logs are passed over. */
  List<Key> all() throws IOException {
    List<Key> keys = new ArrayList<>();
    for (Path shard : shards()) {
      for (Path log : DurableFiles.list(shard)) {
        Key.find(log.getFileName().toString())
            .filter(key -> log.equals(path(key)))
            .ifPresent(keys::add);
      }
    }
    return keys;
  }

  private List<Path> shards() throws IOException {
    List<Path> shards = new ArrayList<>();
    for (Path entry : DurableFiles.list(directory)) {
      if (SHARD.matcher(entry.getFileName().toString()).matches()) {
        DurableFiles.requireDirectory(entry);
        shards.add(entry);
      }
    }
    return shards;
  }

  /** Removes what processes left that died while they were replacing a file. */
  void removeTemporaryFiles() throws IOException {
    List<Path> directories = new ArrayList<>(shards());
    directories.add(directory);
    for (Path each : directories) {
      for (Path file : DurableFiles.list(each)) {
        if (file.getFileName().toString().endsWith(DurableFiles.TEMPORARY_SUFFIX)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  Path path(Key session) {
    return shard(session).resolve(session + SessionLog.SUFFIX);
  }

  /** Sessions are spread over directories, so that none grows too large. */
  Path shard(Key session) {
    return directory.resolve(session.toString().substring(0, 2));
  }

  // No id holds a line feed, so different pairs are different texts.

  Key sessionKey(String sessionId) {
    return Key.of(namespace + "\n" + sessionId);
  }

  Key idKey(String id) {
    return Key.of(namespace + "\n" + id);
  }
}
