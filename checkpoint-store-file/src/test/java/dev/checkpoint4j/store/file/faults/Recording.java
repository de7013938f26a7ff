package dev.checkpoint4j.store.file.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything that was done below a directory, in order. What is there when it begins counts as
 * being on the disk.
 */
final class Recording {

  static final int ROOT = 0;

  /** A file, or a directory if there are no bytes, that was there before. */
  private record Placed(int directory, String name, int node, Optional<ByteBuffer> bytes) {}

  private final Path root;
  private final List<Op> ops = new ArrayList<>();
  private final Map<Path, Integer> nodes = new HashMap<>();
  private final List<Placed> initially = new ArrayList<>();
  private int lastNode = ROOT;

  Recording(Path root) {
    this.root = root;
    nodes.put(root, ROOT);
    try (Stream<Path> found = Files.walk(root)) {
      for (Path path : found.filter(path -> !path.equals(root)).sorted().toList()) {
        nodes.put(path, ++lastNode);
        initially.add(
            new Placed(
                node(path.getParent()),
                path.getFileName().toString(),
                lastNode,
                Files.isDirectory(path)
                    ? Optional.empty()
                    : Optional.of(ByteBuffer.wrap(Files.readAllBytes(path)))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The disk as it was when this began. */
  Disk disk() {
    Disk disk = new Disk();
    for (Placed placed : initially) {
      disk.place(placed.directory(), placed.name(), placed.node(), placed.bytes());
    }
    return disk;
  }

  synchronized int size() {
    return ops.size();
  }

  synchronized List<Op> ops() {
    return List.copyOf(ops);
  }

  synchronized int node(Path path) {
    Integer node = nodes.get(path);
    if (node == null) {
      throw new IllegalStateException(path + " was made behind the back of the recording");
    }
    return node;
  }

  synchronized void add(Op op) {
    ops.add(op);
  }

  synchronized void created(Path path, boolean isDirectory) {
    nodes.put(path, ++lastNode);
    ops.add(
        new Op.Link(node(path.getParent()), path.getFileName().toString(), lastNode, isDirectory));
  }

  /** Takes in what was made below the directory by others than the recorded file system. */
  synchronized void adopt() throws IOException {
    try (Stream<Path> found = Files.walk(root)) {
      for (Path path : found.sorted().toList()) {
        if (!nodes.containsKey(path)) {
          created(path, Files.isDirectory(path));
        }
      }
    }
  }

  synchronized void renamed(Path from, Path to) {
    if (!from.getParent().equals(to.getParent())) {
      throw new UnsupportedOperationException("renamed to another directory: " + from + ", " + to);
    }
    int node = node(from);
    nodes.remove(from);
    nodes.put(to, node);
    ops.add(
        new Op.Rename(
            node(from.getParent()),
            from.getFileName().toString(),
            to.getFileName().toString(),
            node));
  }

  synchronized void linked(Path link, Path existing) {
    int node = node(existing);
    nodes.put(link, node);
    ops.add(new Op.Link(node(link.getParent()), link.getFileName().toString(), node, false));
  }

  synchronized void deleted(Path path) {
    nodes.remove(path);
    ops.add(new Op.Unlink(node(path.getParent()), path.getFileName().toString()));
  }
}
