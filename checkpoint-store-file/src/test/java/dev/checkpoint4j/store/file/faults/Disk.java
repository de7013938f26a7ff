package dev.checkpoint4j.store.file.faults;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is certainly on a disk after some operations, and what may or may not be there.
 *
 * <p>The model, which allows whatever ext4 (in any data mode) and xfs do, and more:
 *
 * <ul>
 *   <li>The bytes of a file are written back in sectors of {@value #SECTOR} bytes, each at any time
 *       and independently of the others, in the state it has then. So a sector shows the changes to
 *       it up to some point, and two sectors of one write need not agree.
 *   <li>The size is metadata that is written back independently as well; what lies below it and was
 *       not written back reads as zeros.
 *   <li>A force of a file makes all that was changed of it so far durable, but not its name.
 *   <li>After a force that failed, what it should have made durable may be dropped: it can be read
 *       until the crash, but no later force writes it. (A recording may also keep it as not
 *       forced.)
 *   <li>A new name, a rename and an unlink are each atomic. They become durable by a force of the
 *       directory that holds the name, and before that in their order (a journal) or each for
 *       itself.
 * </ul>
 *
 * <p>After a force of a directory that failed its changes are still not forced, and a later force
 * makes them durable: file systems with a journal stop when they cannot write it.
 */
final class Disk {

  static final int SECTOR = 512;

  /** What a crash leaves of the changes that were not forced. */
  interface Survivors {

    /** Up to which of {@code changes} of a file its size, or a sector, is on the disk. */
    int upTo(int file, int sector, int changes);

    /** Whether a change of a name, the how many-th of those that are not forced, is. */
    boolean hasName(int index);
  }

  /** Stands for the size of a file where a sector is asked for. */
  static final int SIZE = -1;

  private final Map<Integer, byte[]> files = new HashMap<>();
  private final Map<Integer, List<Op>> changes = new TreeMap<>();
  private final Map<Integer, Map<String, Integer>> directories = new HashMap<>();
  private final List<Op> names = new ArrayList<>();

  Disk() {
    directories.put(Recording.ROOT, new TreeMap<>());
  }

  /** Puts a file, or a directory if there are no bytes, on the disk. */
  void place(int directory, String name, int node, Optional<ByteBuffer> bytes) {
    entries(directory).put(name, node);
    if (bytes.isEmpty()) {
      directories.put(node, new TreeMap<>());
    } else {
      byte[] content = new byte[bytes.get().remaining()];
      bytes.get().duplicate().get(content);
      files.put(node, content);
    }
  }

  private Map<String, Integer> entries(int directory) {
    return directories.computeIfAbsent(directory, node -> new TreeMap<>());
  }

  void apply(Op op) {
    if (op instanceof Op.Write write) {
      changes(write.file()).addAll(bySector(write));
    } else if (op instanceof Op.Truncate truncate) {
      changes(truncate.file()).add(truncate);
    } else if (op instanceof Op.Force force) {
      files.put(force.file(), content(force.file(), everything()));
      changes.remove(force.file());
    } else if (op instanceof Op.DropUnforced drop) {
      changes.remove(drop.file());
    } else if (op instanceof Op.ForceDirectory force) {
      for (Op change : List.copyOf(names)) {
        if (directoryOf(change) == force.directory()) {
          rename(directories, change);
          names.remove(change);
        }
      }
    } else {
      if (op instanceof Op.Link link && link.isDirectory()) {
        directories.put(link.node(), new TreeMap<>());
      } else if (op instanceof Op.Link link) {
        files.putIfAbsent(link.node(), new byte[0]);
      }
      names.add(op);
    }
  }

  private List<Op> changes(int file) {
    return changes.computeIfAbsent(file, node -> new ArrayList<>());
  }

  private static List<Op.Write> bySector(Op.Write write) {
    List<Op.Write> parts = new ArrayList<>();
    int from = 0;
    while (from < write.bytes().length) {
      long offset = write.offset() + from;
      int to = (int) Math.min(write.bytes().length, from + SECTOR - offset % SECTOR);
      parts.add(
          new Op.Write(
              write.file(), offset, ByteBuffer.wrap(Arrays.copyOfRange(write.bytes(), from, to))));
      from = to;
    }
    return parts;
  }

  private static int directoryOf(Op name) {
    if (name instanceof Op.Link link) {
      return link.directory();
    }
    return name instanceof Op.Rename rename ? rename.directory() : ((Op.Unlink) name).directory();
  }

  private static void rename(Map<Integer, Map<String, Integer>> directories, Op change) {
    Map<String, Integer> entries =
        directories.computeIfAbsent(directoryOf(change), node -> new TreeMap<>());
    if (change instanceof Op.Link link) {
      entries.put(link.name(), link.node());
    } else if (change instanceof Op.Rename rename) {
      entries.remove(rename.from());
      entries.put(rename.to(), rename.node());
    } else if (change instanceof Op.Unlink unlink) {
      entries.remove(unlink.name());
    }
  }

  /** How many changes of names are not forced. */
  int pendingNames() {
    return names.size();
  }

  /** The files with changes that are not forced. */
  List<Integer> pendingFiles() {
    return List.copyOf(changes.keySet());
  }

  static Survivors everything() {
    return new Survivors() {
      @Override
      public int upTo(int file, int sector, int changes) {
        return changes;
      }

      @Override
      public boolean hasName(int index) {
        return true;
      }
    };
  }

  private byte[] content(int file, Survivors survivors) {
    byte[] durable = files.getOrDefault(file, new byte[0]);
    List<Op> pending = changes.getOrDefault(file, List.of());
    if (pending.isEmpty()) {
      return durable;
    }
    long size = durable.length;
    long greatest = size;
    int sizeUpTo = survivors.upTo(file, SIZE, pending.size());
    for (int i = 0; i < pending.size(); i++) {
      long after = sizeAfter(pending.get(i), i < sizeUpTo ? size : greatest);
      greatest = Math.max(greatest, after);
      if (i < sizeUpTo) {
        size = after;
      }
    }
    byte[] bytes = Arrays.copyOf(durable, Math.toIntExact(greatest));
    Map<Integer, Integer> sectorUpTo = new HashMap<>();
    for (int i = 0; i < pending.size(); i++) {
      int change = i;
      if (pending.get(i) instanceof Op.Write write) {
        int sector = (int) (write.offset() / SECTOR);
        if (i < upTo(sectorUpTo, survivors, file, sector, pending.size())) {
          System.arraycopy(write.bytes(), 0, bytes, (int) write.offset(), write.bytes().length);
        }
      } else if (pending.get(i) instanceof Op.Truncate truncate) {
        for (int at = (int) truncate.size(); at < bytes.length; ) {
          int sector = at / SECTOR;
          int end = Math.min(bytes.length, (sector + 1) * SECTOR);
          if (change < upTo(sectorUpTo, survivors, file, sector, pending.size())) {
            Arrays.fill(bytes, at, end, (byte) 0);
          }
          at = end;
        }
      }
    }
    return Arrays.copyOf(bytes, Math.toIntExact(size));
  }

  private static int upTo(
      Map<Integer, Integer> known, Survivors survivors, int file, int sector, int changes) {
    return known.computeIfAbsent(sector, s -> survivors.upTo(file, s, changes));
  }

  private static long sizeAfter(Op change, long size) {
    return change instanceof Op.Write write
        ? Math.max(size, write.offset() + write.bytes().length)
        : Math.min(size, ((Op.Truncate) change).size());
  }

  /**
   * What is found after a crash.
   *
   * @return the files, and the directories with no bytes (and a slash at the end of the name)
   */
  Map<String, byte[]> crash(Survivors survivors) {
    Map<Integer, Map<String, Integer>> found = new HashMap<>();
    directories.forEach((node, entries) -> found.put(node, new TreeMap<>(entries)));
    for (int i = 0; i < names.size(); i++) {
      if (survivors.hasName(i)) {
        rename(found, names.get(i));
      }
    }
    Map<String, byte[]> tree = new TreeMap<>();
    collect(Recording.ROOT, "", found, survivors, tree);
    return tree;
  }

  private void collect(
      int directory,
      String prefix,
      Map<Integer, Map<String, Integer>> found,
      Survivors survivors,
      Map<String, byte[]> tree) {
    for (Map.Entry<String, Integer> entry : found.getOrDefault(directory, Map.of()).entrySet()) {
      String path = prefix + entry.getKey();
      if (directories.containsKey(entry.getValue())) {
        tree.put(path + "/", new byte[0]);
        collect(entry.getValue(), path + "/", found, survivors, tree);
      } else {
        tree.put(path, content(entry.getValue(), survivors));
      }
    }
  }

  /** Makes the files of {@link #crash}; a directory comes before what is in it. */
  static void write(Map<String, byte[]> tree, Path root) throws IOException {
    Files.createDirectories(root);
    for (Map.Entry<String, byte[]> entry : tree.entrySet()) {
      Path path = root.resolve(entry.getKey());
      if (entry.getKey().endsWith("/")) {
        Files.createDirectory(path);
      } else {
        Files.write(path, entry.getValue());
      }
    }
  }

  /** Tells trees apart. */
  static Object key(Map<String, byte[]> tree) {
    Map<String, ByteBuffer> key = new TreeMap<>();
    tree.forEach((path, bytes) -> key.put(path, ByteBuffer.wrap(bytes)));
    return key;
  }
}
