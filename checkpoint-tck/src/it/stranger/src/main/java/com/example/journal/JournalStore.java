package com.example.journal;

import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageAccessDeniedException;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the handles of one store share: the journal, and in memory the header of every checkpoint
 * with the place of its document. A process opens a directory once, however many handles it has.
 * Guarded by its own lock.
 */
final class JournalStore {

  static final String FILE_NAME = "checkpoints.journal";
  static final byte PUT = 'P';
  private static final byte DELETE = 'D';

  /** Opens a journal; a test opens one that fails. */
  interface Opener {
    Journal open(Path file) throws IOException;
  }

  /** One checkpoint: the header, which is enough to list, and where the document is. */
  record Stored(CheckpointHeader header, Journal.Slot slot) {}

  private record Name(String namespace, String id) {}

  /** The stores of this process that are open. Guarded by itself. */
  private static final Map<Path, JournalStore> OPEN = new HashMap<>();

  private final Path directory;
  private final Journal journal;
  private final Map<Name, Stored> ids = new HashMap<>();
  private final NavigableMap<String, NavigableMap<String, NavigableMap<Long, Stored>>> sessions =
      new TreeMap<>();
  private int handles;

  private JournalStore(Path directory, Journal journal) {
    this.directory = directory;
    this.journal = journal;
  }

  // ---- opening and closing

  /** The store of a directory, which is made if it is not there. */
  static JournalStore open(Path directory, CheckpointCodec codec, Opener opener) {
    ErrorContext context = ErrorContext.of(JournalBackend.ID, "open");
    synchronized (OPEN) {
      try {
        if (!Files.isDirectory(directory)) {
          Files.createDirectories(directory);
        }
        // Two paths of one directory are one store.
        Path key = directory.toRealPath();
        JournalStore store = OPEN.get(key);
        if (store == null) {
          store = replayed(key, codec, opener);
          OPEN.put(key, store);
        }
        store.handles++;
        return store;
      } catch (FileAlreadyExistsException e) {
        throw new BackendConfigurationException(
            JournalBackend.ID, List.of(directory + " is a file; name a directory"), e);
      } catch (IOException e) {
        throw failure(e, context);
      }
    }
  }

  private static JournalStore replayed(Path directory, CheckpointCodec codec, Opener opener)
      throws IOException {
    Journal journal = opener.open(directory.resolve(FILE_NAME));
    JournalStore store = new JournalStore(directory, journal);
    boolean isReplayed = false;
    try {
      journal.replay((kind, slot, body) -> store.replay(kind, slot, body, codec));
      isReplayed = true;
      return store;
    } finally {
      // After an error as well: an open file keeps everyone out of the directory.
      if (!isReplayed) {
        journal.close();
      }
    }
  }

  private void replay(byte kind, Journal.Slot slot, byte[] body, CheckpointCodec codec)
      throws IOException {
    switch (kind) {
      case PUT -> index(new Stored(header(slot, body, codec), slot));
      case DELETE -> {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(body));
        String namespace = in.readUTF();
        for (int left = in.readInt(); left > 0; left--) {
          unindex(namespace, in.readUTF());
        }
      }
      default ->
          throw new Journal.DamagedException(
              "the record at byte %d of %s is of a kind this version does not know"
                  .formatted(slot.position(), directory.resolve(FILE_NAME)));
    }
  }

  private CheckpointHeader header(Journal.Slot slot, byte[] document, CheckpointCodec codec)
      throws IOException {
    try {
      return codec.decodeHeader(document);
    } catch (CodecException e) {
      throw new Journal.DamagedException(
          "the document at byte %d of %s cannot be decoded: %s"
              .formatted(slot.position(), directory.resolve(FILE_NAME), e.getMessage()));
    }
  }

  /** Ends the use by one handle, and that of the file with the last. */
  void release() {
    synchronized (OPEN) {
      handles--;
      if (handles == 0) {
        OPEN.remove(directory);
        try {
          journal.close();
        } catch (IOException e) {
          throw failure(e, ErrorContext.of(JournalBackend.ID, "close"));
        }
      }
    }
  }

  // ---- looking, under the lock

  Optional<Stored> byId(String namespace, String id) {
    return Optional.ofNullable(ids.get(new Name(namespace, id)));
  }

  /** The versions of a session, the smallest first. */
  NavigableMap<Long, Stored> versions(SessionKey session) {
    return sessions(session.namespace())
        .getOrDefault(session.sessionId(), Collections.emptyNavigableMap());
  }

  /** The sessions of a namespace, in an order that never changes. */
  NavigableMap<String, NavigableMap<Long, Stored>> sessions(String namespace) {
    return sessions.getOrDefault(namespace, Collections.emptyNavigableMap());
  }

  /** The namespaces that hold a checkpoint, in an order that never changes. */
  NavigableSet<String> namespaces() {
    return sessions.navigableKeySet();
  }

  byte[] document(Stored stored, ErrorContext context) {
    try {
      return journal.body(stored.slot());
    } catch (IOException e) {
      throw failure(e, context);
    }
  }

  // ---- changing, under the lock: first the journal, then, if that succeeded, the memory

  void add(CheckpointHeader header, byte[] document, ErrorContext context) {
    index(new Stored(header, append(PUT, document, context)));
  }

  /** Deletes what is there of these, at once. */
  long remove(String namespace, Collection<String> candidates, ErrorContext context) {
    List<String> doomed = new ArrayList<>(candidates);
    doomed.removeIf(id -> byId(namespace, id).isEmpty());
    if (!doomed.isEmpty()) {
      append(DELETE, deletion(namespace, doomed), context);
      doomed.forEach(id -> unindex(namespace, id));
    }
    return doomed.size();
  }

  private static byte[] deletion(String namespace, List<String> doomed) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(namespace);
      out.writeInt(doomed.size());
      for (String id : doomed) {
        out.writeUTF(id);
      }
    } catch (IOException e) {
      throw new IllegalStateException("an array does no I/O", e);
    }
    return bytes.toByteArray();
  }

  private Journal.Slot append(byte kind, byte[] body, ErrorContext context) {
    try {
      return journal.append(kind, body);
    } catch (IOException e) {
      throw failure(e, context);
    }
  }

  /** Makes certain what the journal holds, if a failed append has left that open. */
  void settle(ErrorContext context) {
    try {
      journal.settle();
    } catch (IOException e) {
      throw failure(e, context);
    }
  }

  private void index(Stored stored) {
    CheckpointHeader header = stored.header();
    ids.put(new Name(header.namespace(), header.id()), stored);
    sessions
        .computeIfAbsent(header.namespace(), namespace -> new TreeMap<>())
        .computeIfAbsent(header.metadata().sessionId(), session -> new TreeMap<>())
        .put(header.version(), stored);
  }

  private void unindex(String namespace, String id) {
    Stored stored = ids.remove(new Name(namespace, id));
    if (stored != null) {
      NavigableMap<Long, Stored> versions = versions(stored.header().sessionKey());
      versions.remove(stored.header().version());
      if (versions.isEmpty()) {
        sessions(namespace).remove(stored.header().metadata().sessionId());
        sessions.computeIfPresent(namespace, (name, left) -> left.isEmpty() ? null : left);
      }
    }
  }

  // ---- errors

  /** What an error of the file means to the caller. */
  private static CheckpointException failure(IOException e, ErrorContext context) {
    if (e instanceof Journal.DamagedException) {
      return new CorruptCheckpointException(
          e.getMessage() + "; restore the file from a backup", context, e);
    }
    String reason = e.getClass().getSimpleName() + ": " + e.getMessage();
    if (e instanceof Journal.UnsettledException) {
      return new OutcomeUnknownException(
          "the journal did not confirm the write (%s); check the disk and repeat the call"
              .formatted(reason),
          context,
          e);
    }
    if (reason.contains("Permission denied") || reason.contains("Read-only file system")) {
      return new StorageAccessDeniedException(
          "the journal may not be used (%s); check the owner and permissions of its directory"
              .formatted(reason),
          context,
          e);
    }
    if (reason.contains("No space left") || reason.contains("Disk quota exceeded")) {
      return new StorageLimitExceededException(
          "the disk is full (%s); nothing was changed, make space".formatted(reason), context, e);
    }
    return new StorageUnavailableException(
        "the file of the journal failed (%s); nothing was changed, check the disk"
            .formatted(reason),
        context,
        e);
  }
}
