package dev.checkpoint4j.core;

import dev.checkpoint4j.IdGenerator;
import dev.checkpoint4j.VersionPolicy;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * What the repositories of one store share.
 *
 * @param storage the decorated backend
 * @param codec the codec of the backend
 * @param clock gives new checkpoints their time
 * @param ids gives new checkpoints their id
 * @param versions gives new checkpoints their version
 * @param callTimeout how long the storage work of one call may take
 * @param conflicts repeats a compare-and-set that another writer won
 * @param runner runs what is asynchronous, and knows whether the store is open
 */
record RepositoryContext(
    BackendStorage storage,
    Supplier<CheckpointCodec> codec,
    Clock clock,
    IdGenerator ids,
    VersionPolicy versions,
    Duration callTimeout,
    Retrier conflicts,
    AsyncRunner runner) {

  /** The storage, unless it is closed. */
  BackendStorage openStorage() {
    runner.checkOpen();
    return storage;
  }

  void close() {
    if (runner.close()) {
      storage.close();
    }
  }
}
