package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageAccessDeniedException;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.store.file.SystemTools.Mount;
import dev.checkpoint4j.testsupport.ChildJvm;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** File systems that refuse, in each way that can be brought about. */
class FileSystemFaultsTest {

  private static final String NAMESPACE = Checkpoint.DEFAULT_NAMESPACE;
  private static final int PAGE_BYTES = 4096;

  /** For a shell whose $0 is a mount point of ext4: what makes it find an error. */
  private static final String TRIGGER =
      "/sys/fs/ext4/$(basename $(findmnt -no SOURCE $0))/trigger_fs_error";

  /** A line of strace, whole or the second half of one. */
  private static final Pattern TRACED =
      Pattern.compile("^\\d+ +(?:<\\.\\.\\. )?(\\w+)(?:\\(| resumed)");

  @TempDir Path temp;

  private Path store() {
    return temp.resolve("store");
  }

  private static FileBackendStorage open(Path store) {
    return FileBackendStorage.open(store, FileStores.codec());
  }

  private static void assertStored(FileBackendStorage storage, String session, long... versions) {
    for (long version : versions) {
      Checkpoint expected = checkpoint(session, version);
      assertThat(storage.get(NAMESPACE, expected.id()).map(Checkpoint::values))
          .as("%s", expected.id())
          .contains(expected.values());
    }
    assertThat(storage.getBySession(key(session)).map(Checkpoint::version))
        .as("latest of %s", session)
        .contains(versions[versions.length - 1]);
  }

  private static SessionKey key(String session) {
    return new SessionKey(NAMESPACE, session);
  }

  // No space

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void aFullDiskIsATypedErrorAndTheHandleGoesOnWhenThereIsSpace(int pagesLeft) throws Exception {
    try (Mount mount = Mount.tmpfs(temp.resolve("mount"), "1m")) {
      Path store = mount.path().resolve("store");
      Path filler = mount.path().resolve("filler");
      List<Checkpoint> acknowledged = new ArrayList<>();
      List<Checkpoint> failed = new ArrayList<>();
      try (FileBackendStorage storage = open(store)) {
        for (int version = 1; version <= 10; version++) {
          putInto(storage, large("s", version), acknowledged, failed);
        }
        putInto(storage, large("doomed", 1), acknowledged, failed);
        assertThat(failed).as("failed with space left").isEmpty();
        fill(filler, pagesLeft);
        for (int version = 11; version <= 40; version++) {
          putInto(storage, large("s", version), acknowledged, failed);
          putInto(storage, large("new-" + version, 1), acknowledged, failed);
        }
        assertThat(failed).as("failed without space").hasSizeGreaterThan(10);
        assertAll(storage, acknowledged);
        assertThat(storage.deleteBySession(key("doomed")))
            .as("deleted on a full disk")
            .isEqualTo(1);
        acknowledged.removeIf(each -> each.metadata().sessionId().equals("doomed"));
        Files.delete(filler);
        assertAll(storage, acknowledged);
        for (Checkpoint again : failed) {
          long latest =
              storage
                  .getBySession(key(again.metadata().sessionId()))
                  .map(Checkpoint::version)
                  .orElse(0L);
          if (latest < again.version()) {
            storage.put(again, Expectation.any());
            acknowledged.add(again);
          }
        }
        assertAll(storage, acknowledged);
      }
      try (FileBackendStorage storage = open(store)) {
        assertAll(storage, acknowledged);
        assertThat(storage.getBySession(key("doomed"))).as("the deleted session").isEmpty();
      }
    }
  }

  private static void putInto(
      FileBackendStorage storage,
      Checkpoint checkpoint,
      List<Checkpoint> acknowledged,
      List<Checkpoint> failed) {
    Throwable thrown = catchThrowable(() -> storage.put(checkpoint, Expectation.any()));
    if (thrown == null) {
      acknowledged.add(checkpoint);
      return;
    }
    assertThat(thrown)
        .as("what a put on a full disk says")
        .isInstanceOfAny(StorageLimitExceededException.class, OutcomeUnknownException.class);
    if (thrown instanceof StorageLimitExceededException) {
      assertThat(storage.get(NAMESPACE, checkpoint.id())).as("nothing was changed").isEmpty();
    }
    failed.add(checkpoint);
  }

  private static Checkpoint large(String session, long version) {
    return Checkpoint.builder(session)
        .id(session + "-" + version)
        .version(version)
        .ts(Instant.EPOCH)
        .values(Map.of("text", "x".repeat(3_000)))
        .build();
  }

  private static void assertAll(FileBackendStorage storage, List<Checkpoint> expected) {
    for (Checkpoint checkpoint : expected) {
      assertThat(storage.get(NAMESPACE, checkpoint.id())).contains(checkpoint);
    }
  }

  private static void fill(Path filler, int pagesLeft) throws IOException {
    FileStore disk = Files.getFileStore(filler.getParent());
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (disk.getUsableSpace() > (long) pagesLeft * PAGE_BYTES) {
        out.write(new byte[PAGE_BYTES]);
      }
    }
  }

  // Read-only

  @Test
  void aStoreThatIsMountedReadOnlyIsRefusedUntilItIsWritableAgain() throws Exception {
    try (Mount mount = Mount.tmpfs(temp.resolve("mount"), "4m")) {
      Path store = mount.path().resolve("store");
      try (FileBackendStorage storage = open(store)) {
        storage.put(checkpoint("s", 1), Expectation.any());
      }
      mount.remount("ro");
      assertThatThrownBy(() -> open(store).close())
          .isExactlyInstanceOf(StorageAccessDeniedException.class)
          .hasMessageContaining("ead-only file system");
      mount.remount("rw");
      try (FileBackendStorage storage = open(store)) {
        storage.put(checkpoint("s", 2), Expectation.any());
        assertStored(storage, "s", 1, 2);
      }
    }
  }

  @Test
  void aFileSystemThatTurnsReadOnlyCanStillBeReadOnTheSameHandle() throws Exception {
    SystemTools.require("mkfs.ext4", "findmnt");
    try (Mount mount = Mount.image(temp.resolve("mount"), "ext4", "loop,errors=remount-ro")) {
      Path store = mount.path().resolve("store");
      try (FileBackendStorage storage = open(store)) {
        storage.put(checkpoint("s", 1), Expectation.any());
        SystemTools.requireSuccess("sh", "-c", "test -w " + TRIGGER, mount.path().toString());
        // As after an error of the disk.
        SystemTools.run("sh", "-c", "echo 1 > " + TRIGGER, mount.path().toString());
        assertThatThrownBy(() -> storage.put(checkpoint("s", 2), Expectation.any()))
            .isExactlyInstanceOf(StorageAccessDeniedException.class);
        assertThatThrownBy(() -> storage.put(checkpoint("other", 1), Expectation.any()))
            .isExactlyInstanceOf(StorageAccessDeniedException.class);
        assertThatThrownBy(() -> storage.deleteBySession(key("s")))
            .isInstanceOf(CheckpointException.class);
        assertStored(storage, "s", 1);
      }
      mount.detach();
      mount.attach();
      try (FileBackendStorage storage = open(store)) {
        storage.put(checkpoint("s", 2), Expectation.any());
        assertStored(storage, "s", 1, 2);
      }
    }
  }

  @Test
  void filesThatMayNotBeChangedAreATypedErrorAndTheHandleGoesOnWhenTheyMay() throws Exception {
    SystemTools.require("mkfs.ext4", "chattr");
    try (Mount mount = Mount.image(temp.resolve("mount"), "ext4", "loop")) {
      Path store = mount.path().resolve("store");
      try (FileBackendStorage storage = open(store)) {
        storage.put(checkpoint("s", 1), Expectation.any());
        SystemTools.run("chattr", "-R", "+i", store.toString());
        try {
          assertThatThrownBy(() -> storage.put(checkpoint("s", 2), Expectation.any()))
              .isExactlyInstanceOf(StorageAccessDeniedException.class);
          assertThatThrownBy(() -> storage.put(checkpoint("other", 1), Expectation.any()))
              .isExactlyInstanceOf(StorageAccessDeniedException.class);
          assertThatThrownBy(() -> storage.deleteBySession(key("s")))
              .isInstanceOf(CheckpointException.class);
          assertStored(storage, "s", 1);
        } finally {
          SystemTools.run("chattr", "-R", "-i", store.toString());
        }
        storage.put(checkpoint("s", 2), Expectation.any());
        storage.put(checkpoint("other", 1), Expectation.any());
        assertStored(storage, "s", 1, 2);
      }
    }
  }

  // Gone

  @Test
  void aDirectoryThatIsMovedAwayIsATypedErrorAndTheHandleGoesOnWhenItIsBack() throws Exception {
    Path away = temp.resolve("away");
    try (FileBackendStorage storage = open(store())) {
      storage.put(checkpoint("s", 1), Expectation.any());
      Files.move(store(), away);
      assertUnavailable(storage);
      assertThat(store()).as("the directory").doesNotExist();
      Files.move(away, store());
      storage.put(checkpoint("s", 2), Expectation.any());
      assertStored(storage, "s", 1, 2);
    }
    try (FileBackendStorage storage = open(store())) {
      assertStored(storage, "s", 1, 2);
    }
  }

  @Test
  void aDirectoryThatIsRemovedIsATypedErrorUntilACopyIsOpenedAgain() throws Exception {
    Path copy = temp.resolve("copy");
    try (FileBackendStorage storage = open(store())) {
      storage.put(checkpoint("s", 1), Expectation.any());
      SystemTools.run("cp", "-a", store().toString(), copy.toString());
      SystemTools.run("rm", "-r", store().toString());
      assertUnavailable(storage);
      Files.move(copy, store());
      // Others lock another file now, so this handle must not write.
      assertThatThrownBy(() -> storage.put(checkpoint("s", 2), Expectation.any()))
          .isExactlyInstanceOf(StorageUnavailableException.class)
          .hasMessageContaining("open it again");
    }
    try (FileBackendStorage storage = open(store())) {
      storage.put(checkpoint("s", 2), Expectation.any());
      assertStored(storage, "s", 1, 2);
    }
  }

  private static void assertUnavailable(FileBackendStorage storage) {
    assertThatThrownBy(() -> storage.put(checkpoint("s", 2), Expectation.any()))
        .as("put")
        .isExactlyInstanceOf(StorageUnavailableException.class);
    assertThatThrownBy(() -> storage.put(checkpoint("other", 1), Expectation.any()))
        .as("put into a new session")
        .isExactlyInstanceOf(StorageUnavailableException.class);
    assertThatThrownBy(() -> storage.get(NAMESPACE, "s-1"))
        .as("get")
        .isExactlyInstanceOf(StorageUnavailableException.class);
    assertThatThrownBy(() -> storage.getBySession(key("s")))
        .as("latest")
        .isExactlyInstanceOf(StorageUnavailableException.class);
    assertThatThrownBy(() -> storage.deleteBySession(key("s")))
        .as("delete")
        .isExactlyInstanceOf(StorageUnavailableException.class);
  }

  // No descriptors

  @Test
  void aProcessThatMayOpenNoMoreFilesGetsATypedErrorAndGoesOnWhenItMay() throws Exception {
    List<String> commands = new ArrayList<>(List.of("put s 1", "put t 1", "exhaust"));
    commands.addAll(List.of("put s 2", "get s-1", "latest s", "put new 1", "deleteBySession t"));
    for (int free = 1; free <= 4; free++) {
      commands.addAll(List.of("release 1", "put s 3", "put new" + free + " 1"));
    }
    commands.addAll(
        List.of("release 1000", "latest t", "put s 4", "get s-1", "latest s", "put new 2"));
    List<String> said =
        probe(
            List.of("sh", "-c", "ulimit -n 64; exec \"$0\" \"$@\""),
            commands.toArray(String[]::new));
    assertThat(said)
        .as("while no file can be opened")
        .contains(
            "put s 2 -> StorageUnavailableException",
            "get s-1 -> StorageUnavailableException",
            "latest s -> StorageUnavailableException",
            "put new 1 -> StorageUnavailableException");
    assertThat(said.stream().filter(line -> line.endsWith("Exception")))
        .allMatch(
            line ->
                line.endsWith("-> StorageUnavailableException")
                    || line.endsWith("-> OutcomeUnknownException"));
    assertThat(said)
        .as("a session whose deletion failed: as it was, or gone")
        .containsAnyOf("latest t -> t-1", "latest t -> absent");
    assertThat(said)
        .as("when there are descriptors again")
        .endsWith("put s 4 -> ok", "get s-1 -> present", "latest s -> s-4", "put new 2 -> ok");
    try (FileBackendStorage storage = open(store())) {
      for (String line : said) {
        String[] words = line.split(" ", -1);
        if (words[0].equals("put") && !words[1].equals("t") && words[4].equals("ok")) {
          assertThat(storage.get(NAMESPACE, words[1] + "-" + words[2])).as(line).isPresent();
        }
      }
    }
  }

  // Errors of the disk

  @Test
  void aPutWhoseForceFailedIsWrittenAndForcedAgainBeforeItIsRead() throws Exception {
    Path log = storeWithOne();
    Path trace = temp.resolve("trace");
    List<String> said =
        probe(
            failing(log, trace, "fdatasync:error=EIO:when=1"),
            "put s 2",
            "get s-2",
            "latest s",
            "put s 2",
            "get s-2");
    assertThat(said)
        .containsExactly(
            "put s 2 -> OutcomeUnknownException",
            "get s-2 -> present",
            "latest s -> s-2",
            "put s 2 -> ok",
            "get s-2 -> present");
    // A force that failed may have dropped what it should have written: it is written again.
    assertThat(calls(trace)).containsSubsequence("fdatasync failed", "pwrite64", "fdatasync");
    try (FileBackendStorage storage = open(store())) {
      assertStored(storage, "s", 1, 2);
    }
  }

  @Test
  void aPutThatCouldNeverBeForcedIsNotStored() throws Exception {
    Path log = storeWithOne();
    List<String> failing = failing(log, temp.resolve("trace"), "fdatasync:error=EIO:when=1+");
    assertThat(probe(failing, "put s 2", "put s 2", "get s-2", "latest s"))
        .containsExactly(
            "put s 2 -> OutcomeUnknownException",
            "put s 2 -> OutcomeUnknownException",
            "get s-2 -> StorageUnavailableException",
            "latest s -> StorageUnavailableException");
    assertThat(probe(failing, "get s-2").get(0))
        .as("another process, which cannot force it either")
        .isIn("open -> StorageUnavailableException", "get s-2 -> absent");
    try (FileBackendStorage storage = open(store())) {
      storage.put(checkpoint("s", 3), Expectation.any());
      assertThat(storage.get(NAMESPACE, "s-1")).isPresent();
      assertThat(storage.getBySession(key("s")).map(Checkpoint::version)).contains(3L);
    }
  }

  @Test
  void whatAnotherProcessCouldNotForceIsWrittenAgainBeforeItIsTakenForStored() throws Exception {
    Path log = storeWithOne();
    assertThat(probe(failing(log, temp.resolve("trace"), "fdatasync:error=EIO:when=1+"), "put s 2"))
        .containsExactly("put s 2 -> OutcomeUnknownException");
    Path trace = temp.resolve("trace-of-the-next");
    List<String> said = probe(failing(log, trace, "fdatasync:error=EIO:when=1000"), "get s-2");
    if (said.equals(List.of("get s-2 -> present"))) {
      assertThat(calls(trace)).containsSubsequence("pwrite64", "fdatasync");
    } else {
      assertThat(said).containsExactly("get s-2 -> absent");
    }
  }

  @Test
  void aPutWhoseWriteFailedChangedNothing() throws Exception {
    Path log = storeWithOne();
    assertThat(
            probe(
                failing(log, temp.resolve("trace"), "write:error=EIO:when=1"),
                "put s 2",
                "get s-2",
                "put s 3",
                "put s 2"))
        .containsExactly(
            "put s 2 -> StorageUnavailableException",
            "get s-2 -> absent",
            "put s 3 -> ok",
            "put s 2 -> VersionConflictException"); // As if it had never been tried.
    try (FileBackendStorage storage = open(store())) {
      assertStored(storage, "s", 1, 3);
    }
  }

  @Test
  void aPutThatTheIndexWasNotToldOfIsStoredByItsRepetition() throws Exception {
    assertThat(storeWithOne()).exists();
    Path index = FileStores.index(store());
    assertThat(
            probe(
                failing(index, temp.resolve("trace"), "write:error=EIO:when=1"),
                "put s 2",
                "put s 2",
                "get s-2",
                "put t 1"))
        .containsExactly(
            "put s 2 -> OutcomeUnknownException",
            "put s 2 -> ok",
            "get s-2 -> present",
            "put t 1 -> ok");
    try (FileBackendStorage storage = open(store())) {
      assertStored(storage, "s", 1, 2);
      assertStored(storage, "t", 1);
    }
  }

  @Test
  void aRenameThatFailsLosesNothing() throws Exception {
    try (FileBackendStorage storage = open(store())) {
      for (int version = 1; version <= 40; version++) {
        storage.put(large("s", version), Expectation.any());
      }
    }
    List<String> failing = failing(temp.resolve("trace"), "rename:error=EIO:when=1+");
    String ids = String.join(",", IntStream.rangeClosed(1, 38).mapToObj(i -> "s-" + i).toList());
    assertThat(probe(failing, "delete " + ids, "get s-38", "get s-39", "latest s"))
        .as("the log is not rewritten")
        .containsExactly(
            "delete " + ids + " -> 38",
            "get s-38 -> absent",
            "get s-39 -> present",
            "latest s -> s-40");
    assertThat(calls(temp.resolve("trace"))).contains("rename failed");
    try (FileBackendStorage storage = open(store())) {
      assertAll(storage, List.of(large("s", 39), large("s", 40)));
      assertThat(storage.get(NAMESPACE, "s-38")).isEmpty();
    }
    List<String> said = probe(failing, "deleteBySession s", "latest s");
    try (FileBackendStorage storage = open(store())) {
      if (said.equals(List.of("deleteBySession s -> 2", "latest s -> absent"))) {
        assertThat(storage.getBySession(key("s"))).as("the deleted session").isEmpty();
      } else {
        assertThat(said.get(0)).isEqualTo("deleteBySession s -> OutcomeUnknownException");
        assertAll(storage, List.of(large("s", 39), large("s", 40)));
      }
    }
  }

  @Test
  void aStoreThatCannotBeMadeIsATypedErrorAndCanBeMadeLater() throws Exception {
    List<String> failing = failing(temp.resolve("trace"), "rename:error=EIO:when=1");
    assertThat(probe(failing, "put s 1")).containsExactly("open -> StorageUnavailableException");
    try (FileBackendStorage storage = open(store())) {
      storage.put(checkpoint("s", 1), Expectation.any());
      assertStored(storage, "s", 1);
    }
  }

  private Path storeWithOne() {
    try (FileBackendStorage storage = open(store())) {
      storage.put(checkpoint("s", 1), Expectation.any());
    }
    return FileStores.log(store());
  }

  /** A command before that of a JVM that makes calls on one file fail. */
  private static List<String> failing(Path file, Path trace, String injection) throws Exception {
    return failing(trace, injection, List.of("-P", file.toString()));
  }

  /** The same for calls on any file. */
  private static List<String> failing(Path trace, String injection) throws Exception {
    return failing(trace, injection, List.of());
  }

  private static List<String> failing(Path trace, String injection, List<String> options)
      throws Exception {
    SystemTools.require("strace");
    SystemTools.requireSuccess("strace", "-o", "/dev/null", "true");
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", trace.toString()));
    command.addAll(options);
    command.addAll(List.of("-e", "signal=none", "-e", "trace=fdatasync,pwrite64,write,rename"));
    command.addAll(List.of("-e", "inject=" + injection));
    return command;
  }

  /** The calls that were made, by name, in the order in which they ended. */
  private static List<String> calls(Path trace) throws IOException {
    List<String> calls = new ArrayList<>();
    for (String line : Files.readAllLines(trace)) {
      Matcher call = TRACED.matcher(line);
      if (call.find() && !line.endsWith("<unfinished ...>")) {
        calls.add(call.group(1) + (line.contains("EIO") ? " failed" : ""));
      }
    }
    return calls;
  }

  private List<String> probe(List<String> prefix, String... commands) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(store().toString()));
    arguments.addAll(List.of(commands));
    try (ChildJvm probe =
        ChildJvm.start(
            temp.resolve("probe.txt"),
            prefix,
            List.of("-Xmx64m"),
            FaultProbe.class,
            arguments.toArray(String[]::new))) {
      return probe.awaitSuccess();
    }
  }
}
