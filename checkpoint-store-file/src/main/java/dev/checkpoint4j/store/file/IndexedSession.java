package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the index says of a session at some moment.
 *
 * @param generation of its log
 * @param live where its checkpoints are
 * @param end where its log ends
 */
record IndexedSession(int generation, Set<FramePosition> live, long end) {

  /**
   * Reads what the index says of a session; of an unknown one, that it holds nothing.
   *
   * @return empty if the index is missing or damaged
   */
  static Optional<IndexedSession> read(NamespaceIndex index, Key session) throws IOException {
    return index.read(
        state -> {
          @Nullable SessionState known = state.session(session).orElse(null);
          return known == null
              ? new IndexedSession(0, Set.of(), Long.MAX_VALUE)
              : new IndexedSession(
                  known.generation,
                  new LinkedHashSet<>(known.positions(0, known.size())),
                  known.end());
        });
  }
}
