package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileLock;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A store that several processes share: one file of changes, locked during each call. A handle
 * replays what others have appended before it answers.
 */
final class SharedLogStore extends ForwardingBackendStorage {

  private static final Object ONE_OF_THIS_PROCESS = new Object();
  private static final byte PUT = 0;
  private static final byte DELETE = 1;
  private static final byte DELETE_SESSION = 2;

  private interface Content {
    void write(DataOutputStream out) throws IOException;
  }

  private final CheckpointCodec codec;
  private final RandomAccessFile file;
  private long replayed;

  private SharedLogStore(TckScope scope, RandomAccessFile file) {
    super(new ReferenceBackend());
    this.codec = scope.codec();
    this.file = file;
  }

  /** A store with a fault. */
  static Mutant mutant(String name, UnaryOperator<BackendStorage> fault, String... killers) {
    return new Mutant(
        name,
        () ->
            new Mutant.Store() {
              @Override
              public BackendStorage open(TckScope scope) {
                return fault.apply(SharedLogStore.open(scope));
              }

              @Override
              public Durability durability() {
                return Durability.PROCESS_CRASH;
              }
            },
        Set.of(killers),
        false);
  }

  private static BackendStorage open(TckScope scope) {
    try {
      String path = scope.location().resolve("shared.log").toString();
      return new SharedLogStore(scope, new RandomAccessFile(path, "rw"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private <T> T locked(Supplier<T> call) {
    // Locks of files are those of a process.
    synchronized (ONE_OF_THIS_PROCESS) {
      if (!file.getChannel().isOpen()) {
        return call.get();
      }
      try (FileLock unused = file.getChannel().lock()) {
        replay();
        return call.get();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void replay() throws IOException {
    file.seek(replayed);
    while (file.length() - replayed >= Integer.BYTES) {
      int length = file.readInt();
      if (file.length() - file.getFilePointer() < length) {
        // A process was killed in the middle of it.
        file.setLength(replayed);
        return;
      }
      byte[] change = new byte[length];
      file.readFully(change);
      apply(new DataInputStream(new ByteArrayInputStream(change)));
      replayed = file.getFilePointer();
    }
    file.setLength(replayed);
  }

  private void apply(DataInputStream change) throws IOException {
    byte kind = change.readByte();
    if (kind == PUT) {
      delegate().put(codec.decode(change.readAllBytes()), Expectation.any());
    } else if (kind == DELETE) {
      long unused = delegate().delete(change.readUTF(), List.of(change.readUTF()));
    } else {
      long unused = delegate().deleteBySession(new SessionKey(change.readUTF(), change.readUTF()));
    }
  }

  private void append(byte kind, Content content) {
    try {
      ByteArrayOutputStream change = new ByteArrayOutputStream();
      try (DataOutputStream out = new DataOutputStream(change)) {
        out.writeByte(kind);
        content.write(out);
      }
      file.seek(replayed);
      file.writeInt(change.size());
      file.write(change.toByteArray());
      replayed = file.getFilePointer();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public BackendDescriptor descriptor() {
    BackendDescriptor reference = super.descriptor();
    return BackendDescriptor.builder("shared-log", Durability.PROCESS_CRASH)
        .capabilities(reference.capabilities())
        .build();
  }

  @Override
  public void put(Checkpoint checkpoint, Expectation expectation) {
    boolean unused =
        locked(
            () -> {
              super.put(checkpoint, expectation);
              append(PUT, out -> out.write(codec.encode(checkpoint)));
              return true;
            });
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    return locked(() -> super.get(namespace, id));
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    return locked(() -> super.getBySession(session));
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return locked(() -> super.list(query));
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return locked(() -> super.listHeaders(query));
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    return locked(() -> super.listSessions(namespace, limit, cursor));
  }

  @Override
  public Page<String> listNamespaces(int limit, Optional<String> cursor) {
    return locked(() -> super.listNamespaces(limit, cursor));
  }

  @Override
  public long delete(String namespace, Collection<String> ids) {
    return locked(
        () -> {
          long deleted = super.delete(namespace, ids);
          for (String id : ids) {
            append(
                DELETE,
                out -> {
                  out.writeUTF(namespace);
                  out.writeUTF(id);
                });
          }
          return deleted;
        });
  }

  @Override
  public long deleteBySession(SessionKey session) {
    return locked(
        () -> {
          long deleted = super.deleteBySession(session);
          append(
              DELETE_SESSION,
              out -> {
                out.writeUTF(session.namespace());
                out.writeUTF(session.sessionId());
              });
          return deleted;
        });
  }

  @Override
  public void close() {
    super.close();
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
