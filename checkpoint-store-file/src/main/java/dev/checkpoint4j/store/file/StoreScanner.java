package dev.checkpoint4j.store.file;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One verification of a store, in one thread. Reads the directories, has every log scanned to its
 * end, and compares them with the index. Takes no lock.
 *
 * <p>All content is read from the logs. The index says in addition which checkpoints were
 * acknowledged; each of them must be in its log. What a log holds and the index does not know, no
 * reader sees; the next writer of the session publishes it. In a copy of a store, whose indexes may
 * be newer than its logs, and where an index is missing or damaged, the logs alone count.
 *
 * <p><b>Memory.</b> One checkpoint at a time, the ids that the current log says are deleted, and at
 * most 32 MiB to find ids that are stored twice; a namespace of more than some million checkpoints
 * is read several times for that.
 */
final class StoreScanner {

  /** The store can build the files whose name starts so again, whatever they hold. */
  private static final String INDEX_PREFIX = NamespaceIndex.FILE_NAME;

  private final CheckpointCodec codec;
  private final Findings findings;

  private StoreScanner(CheckpointCodec codec, VerificationOptions options) {
    this.codec = codec;
    this.findings = new Findings(options);
  }

  /** Verifies the store of a directory. */
  static VerificationReport verify(
      Path directory, CheckpointCodec codec, VerificationOptions options) {
    Objects.requireNonNull(codec, "codec");
    options.requireReadOnly(FileBackendStorage.ID);
    return IoErrors.run(Findings.CONTEXT, () -> new StoreScanner(codec, options).scan(directory));
  }

  private VerificationReport scan(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw refused("there is no store: no directory '" + directory + "'");
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
        } else if (name.equals(StoreDirectory.MARKER)
            || name.equals(StoreDirectory.LOCKS)
            || name.equals(HomeFile.NAME)
            || name.equals(DurabilityFile.NAME)) {
          isFile(entry);
        } else {
          foreignUnlessTemporary(entry);
        }
      }
    }
    boolean isCopy = HomeFile.isCopy(root);
    for (Path namespace : found) {
      findings.addNamespace();
      try (NamespaceIndex index = NamespaceIndex.forReading(namespace)) {
        scanNamespace(namespace, isCopy ? null : index);
      }
    }
    return findings.report();
  }

  /** Whether this version can read the store. */
  private boolean readMarker(Path root, List<Path> entries) throws IOException {
    Path marker = root.resolve(StoreDirectory.MARKER);
    if (!Files.exists(marker, LinkOption.NOFOLLOW_LINKS)) {
      if (entries.stream().noneMatch(entry -> Key.PATTERN.matcher(name(entry)).matches())) {
        throw refused("there is no store: '" + root + "' holds none");
      }
      findings.problem(
          marker, FindingKind.MARKER, "is missing; it should say '" + markerText() + "'");
      return true;
    }
    if (attributes(marker) == null) {
      return true;
    }
    String text;
    try {
      text = PlainFiles.readText(marker, StoreDirectory.MAX_TEXT_BYTES);
    } catch (WrongFileTypeException e) {
      // Reported with the entries of the directory.
      return true;
    } catch (IOException e) {
      findings.unreadable(marker, e);
      return true;
    }
    Matcher matcher = StoreDirectory.MARKER_PATTERN.matcher(text);
    if (text.equals(StoreDirectory.MARKER_TEXT)) {
      return true;
    }
    if (matcher.matches()) {
      findings.problem(
          marker,
          FindingKind.MARKER,
          "says that the store is of format "
              + matcher.group(1)
              + ", while this version reads format "
              + StoreDirectory.FORMAT
              + "; nothing else was checked. Upgrade checkpoint-store-file");
      return false;
    }
    findings.problem(
        marker, FindingKind.MARKER, "is damaged; it should say '" + markerText() + "'");
    return true;
  }

  private static String markerText() {
    return StoreDirectory.MARKER_TEXT.strip();
  }

  private void scanNamespace(Path directory, @Nullable NamespaceIndex index) throws IOException {
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
      findings.problem(
          directory.resolve(FileNamespace.NAME_FILE),
          FindingKind.NAMESPACE_NAME,
          "is missing" + HEAL);
    }
    RepeatedIds ids = new RepeatedIds();
    for (Path log : logs) {
      scanLog(
          directory,
          log,
          /* reporting= */ true,
          index,
          (file, offset, frame, payload) -> ids.add(key(frame)));
    }
    if (index != null) {
      reportMissingLogs(directory, index, logs);
    }
    while (ids.startNextRound()) {
      scanAll(directory, logs, (log, offset, frame, payload) -> ids.add(key(frame)));
    }
    if (!ids.repeated().isEmpty()) {
      reportRepeated(directory, logs, ids.repeated());
    }
  }

  private static final String HEAL =
      "; write the name of the namespace into it, which is the second last word of the head of each"
          + " log there";

  /** Reports the sessions that hold a checkpoint according to the index, and have no log. */
  private void reportMissingLogs(Path directory, NamespaceIndex index, List<Path> logs)
      throws IOException {
    Set<String> found = logs.stream().map(StoreScanner::name).collect(Collectors.toSet());
    for (Key session : sessions(index, null)) {
      Path log = SessionLogs.path(directory, session);
      if (!found.contains(name(log)) && attributes(log) == null) {
        int live =
            IndexedSession.read(index, session).map(indexed -> indexed.live().size()).orElse(0);
        if (live > 0 && attributes(log) == null) {
          findings.problem(
              log,
              FindingKind.LOST_CHECKPOINT,
              "is missing; the index says that it holds %d checkpoints".formatted(live));
        }
      }
    }
  }

  private List<Key> sessions(NamespaceIndex index, @Nullable Key after) throws IOException {
    try {
      return index.read(state -> state.sessions(after, Integer.MAX_VALUE)).orElse(List.of());
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      // Without the index, the logs alone count.
      return List.of();
    }
  }

  private void scanAll(Path directory, List<Path> logs, LogScanner.Visitor visitor)
      throws IOException {
    for (Path log : logs) {
      scanLog(directory, log, /* reporting= */ false, null, visitor);
    }
  }

  /** Reads the logs again: it is no problem if an id was deleted or has moved since. */
  private void reportRepeated(Path directory, List<Path> logs, Set<Long> candidates)
      throws IOException {
    Map<String, String> first = new HashMap<>();
    scanAll(
        directory,
        logs,
        (log, offset, frame, payload) -> {
          if (candidates.contains(key(frame))) {
            String place = "byte " + offset + " of " + log;
            String before = first.putIfAbsent(frame.id(), place);
            if (before != null) {
              findings.problem(
                  log,
                  offset,
                  FindingKind.DUPLICATE_ID,
                  Findings.context(null, frame),
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
      String text = PlainFiles.readText(file, StoreDirectory.MAX_TEXT_BYTES);
      if (Key.of(Frame.unescape(text.strip())).toString().equals(name(directory))) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // Reported below.
    } catch (IOException e) {
      findings.unreadable(file, e);
      return;
    }
    findings.problem(
        file, FindingKind.NAMESPACE_NAME, "does not say the name of the namespace there" + HEAL);
  }

  private void addLogs(Path shard, List<Path> logs) throws IOException {
    for (Path entry : list(shard)) {
      String name = name(entry);
      String key = name.substring(0, name.length() - Math.min(name.length(), 4));
      if (!name.endsWith(LogFormat.SUFFIX) || !Key.PATTERN.matcher(key).matches()) {
        foreignUnlessTemporary(entry);
      } else if (!name.startsWith(name(shard))) {
        findings.problem(
            entry, FindingKind.FOREIGN_FILE, "belongs into the directory " + name.substring(0, 2));
      } else if (isFile(entry)) {
        logs.add(entry);
      }
    }
  }

  private void scanLog(
      Path directory,
      Path log,
      boolean reporting,
      @Nullable NamespaceIndex index,
      LogScanner.Visitor visitor)
      throws IOException {
    try (FileChannel channel = LogFormat.openForReading(log)) {
      LogScanner scanner =
          new LogScanner(directory, log, channel, codec, findings, reporting, visitor);
      if (index == null) {
        scanner.scan();
      } else {
        scanner.scanAndCompareWith(index);
      }
    } catch (NoSuchFileException e) {
      // Deleted since it was listed.
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      if (reporting) {
        findings.unreadable(log, e);
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
      findings.unreadable(directory, e);
      return List.of();
    }
  }

  private static List<Path> sorted(Path directory) throws IOException {
    return PlainFiles.list(directory).stream().sorted().toList();
  }

  static String name(Path path) {
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
      findings.problem(
          path,
          FindingKind.FILE_TYPE,
          "is " + WrongFileTypeException.describe(found) + ", which the store does not create");
    } else if (found.isDirectory() || !name(path).endsWith(DurableFiles.TEMPORARY_SUFFIX)) {
      findings.problem(path, FindingKind.FOREIGN_FILE, "is not of the store; move it away");
    }
  }

  private void wrongType(Path path, BasicFileAttributes found, String expected) {
    findings.problem(
        path, FindingKind.FILE_TYPE, new WrongFileTypeException(path, found, expected).getReason());
  }

  /** Null if the file does not exist, or if its attributes cannot be read, which is reported. */
  private @Nullable BasicFileAttributes attributes(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      findings.unreadable(path, e);
      return null;
    }
  }

  private static BackendConfigurationException refused(String problem) {
    return new BackendConfigurationException(FileBackendStorage.ID, problem);
  }
}
