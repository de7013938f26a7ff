package dev.checkpoint4j.tck.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import dev.checkpoint4j.tck.BackendStorageTck;
import dev.checkpoint4j.tck.TckRunner;
import dev.checkpoint4j.tck.TckScope;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults that only a backend with documents can have. */
class CodecFaultTest {

  abstract static class FaultyExample extends BackendStorageTck {
    private final ExampleMedium medium = new ExampleMedium();

    abstract BackendStorage withFault(BackendStorage storage);

    @Override
    protected BackendStorage open(TckScope scope) {
      return withFault(new ExampleBackend(medium, scope.codec()));
    }

    @Override
    protected Set<Capability> expectedCapabilities() {
      return Set.of(Capability.ATTRIBUTE_QUERY);
    }
  }

  static class CorruptAsEmpty extends FaultyExample {
    @Override
    BackendStorage withFault(BackendStorage storage) {
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

  static class HeadersByDecoding extends FaultyExample {
    @Override
    BackendStorage withFault(BackendStorage storage) {
      return new ForwardingBackendStorage(storage) {
        @Override
        public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
          return super.list(query).map(Checkpoint::header);
        }
      };
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
