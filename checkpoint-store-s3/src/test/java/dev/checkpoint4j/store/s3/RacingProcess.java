package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.testsupport.S3Server;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import software.amazon.awssdk.services.s3.S3Client;

/** A process that races with others for the versions of a session, and prints those it wins. */
final class RacingProcess {

  static final SessionKey SESSION = new SessionKey("default", "raced");

  private RacingProcess() {}

  /** The arguments are the endpoint, the prefix, a name of its own, and the last version. */
  public static void main(String[] args) {
    long last = Long.parseLong(args[3]);
    try (S3Client client = S3Server.clientBuilder(URI.create(args[0])).build();
        BackendStorage store = open(client, args[1])) {
      long version = 0;
      while (version < last) {
        try {
          version = store.getBySession(SESSION).map(Checkpoint::version).orElse(0L);
          if (version < last && isWon(store, checkpoint(args[2], version + 1))) {
            System.out.println(version + 1);
          }
        } catch (CheckpointException e) {
          // It says that nothing was changed: on to whatever is next.
          System.err.println(e);
        }
      }
    }
  }

  /** Behind a faulty network that may fail as well. */
  private static BackendStorage open(S3Client client, String prefix) {
    while (true) {
      try {
        return S3BackendStorage.builder()
            .client(client)
            .bucket(S3Server.BUCKET)
            .prefix(prefix)
            .open();
      } catch (StorageUnavailableException e) {
        System.err.println(e);
      }
    }
  }

  static Checkpoint checkpoint(String name, long version) {
    return Checkpoint.builder(SESSION.sessionId())
        .id(name + "-" + version)
        .version(version)
        .ts(Instant.EPOCH)
        .values(Map.of("winner", name))
        .build();
  }

  private static boolean isWon(BackendStorage store, Checkpoint checkpoint) {
    while (true) {
      try {
        store.put(checkpoint, Expectation.any());
        return true;
      } catch (VersionConflictException e) {
        return false;
      } catch (OutcomeUnknownException e) {
        // The same put again tells.
        System.err.println(e);
      }
    }
  }
}
