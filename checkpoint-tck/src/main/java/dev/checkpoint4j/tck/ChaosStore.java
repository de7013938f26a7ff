package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.util.List;
import java.util.Optional;

/**
 * A store for a {@link ChaosSuite}. For its form with child processes the class needs a constructor
 * that takes one {@link String}, which may be private; an instance created by it in another process
 * opens the same store.
 */
public interface ChaosStore {

  /**
   * Opens a handle on the store, which holds nothing before the first one is opened. Called for
   * several handles at once, by several threads, and to open the store again after all of them were
   * closed.
   *
   * @param codec the codec to use, which fails now and then; a store that keeps no documents leaves
   *     it alone
   */
  BackendStorage open(CheckpointCodec codec);

  /**
   * What the store's own verification finds wrong, none of it if the list is empty. Called while no
   * handle is open. {@link Optional#empty()}, which is the default, says that there is no
   * verification.
   *
   * @throws Exception is a finding as well
   */
  default Optional<List<String>> verify() throws Exception {
    return Optional.empty();
  }
}
