package com.example.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import dev.checkpoint4j.tck.TckRunner;
import dev.checkpoint4j.tck.TckScope;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults that only a backend with documents can have. */
class CodecFaultTest {

  abstract static class FaultyJournalBackend extends JournalBackendTest {

    abstract BackendStorage withFault(BackendStorage storage, CheckpointCodec codec);

    @Override
    protected final BackendStorage open(TckScope scope) {
      return withFault(super.open(scope), scope.codec());
    }
  }

  static class CorruptAsEmpty extends FaultyJournalBackend {
    @Override
    BackendStorage withFault(BackendStorage storage, CheckpointCodec codec) {
      return new ForwardingBackendStorage(storage) {
        @Override
        public Optional<Checkpoint> get(String namespace, String id) {
          return emptyIfCorrupt(() -> super.get(namespace, id));
        }

        @Override
        public Optional<Checkpoint> getBySession(SessionKey session) {
          return emptyIfCorrupt(() -> super.getBySession(session));
        }
      };
    }

    private static Optional<Checkpoint> emptyIfCorrupt(Supplier<Optional<Checkpoint>> read) {
      try {
        return read.get();
      } catch (CorruptCheckpointException e) {
        return Optional.empty();
      }
    }
  }

  static class HeadersByDecoding extends FaultyJournalBackend {
    @Override
    BackendStorage withFault(BackendStorage storage, CheckpointCodec codec) {
      return new ForwardingBackendStorage(storage) {
        @Override
        public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
          return super.listHeaders(query).map(header -> decoded(header, codec));
        }
      };
    }

    private static CheckpointHeader decoded(CheckpointHeader header, CheckpointCodec codec) {
      return codec.decode(codec.encode(Checkpoint.builder(header).build())).header();
    }
  }

  @Test
  void corruptAsEmptyIsKilled(@TempDir Path reports) {
    TckRunner.Outcome outcome = TckRunner.run(reports, selectClass(CorruptAsEmpty.class));
    assertThat(outcome.failed().keySet())
        .as("rules that fail")
        .containsExactlyInAnyOrder("FAIL-01", "FAIL-02");
  }

  @Test
  void recommendationNotMetIsShownAndStillConforms(@TempDir Path reports) {
    TckRunner.Outcome outcome = TckRunner.run(reports, selectClass(HeadersByDecoding.class));
    assertThat(outcome.failed()).as("rules that fail").isEmpty();
    assertThat(outcome.skipped().get("LIST-13"))
        .as("reason why LIST-13 is skipped")
        .startsWith("[LIST-13 SHOULD]");
    assertThat(outcome.json())
        .as("report")
        .contains(
            "\"verdict\": \"CONFORMANT\"",
            "\"id\": \"LIST-13\", \"level\": \"SHOULD\", \"status\": \"FAIL\"");
  }
}
