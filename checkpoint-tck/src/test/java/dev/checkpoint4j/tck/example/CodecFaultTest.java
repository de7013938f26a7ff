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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults that only a backend with documents can have. */
class CodecFaultTest {

  static class CorruptAsEmpty extends BackendStorageTck {
    private final ExampleMedium medium = new ExampleMedium();

    @Override
    protected BackendStorage open(TckScope scope) {
      return new ForwardingBackendStorage(new ExampleBackend(medium, scope.codec())) {
        @Override
        public Optional<Checkpoint> get(String namespace, String id) {
          try {
            return super.get(namespace, id);
          } catch (CorruptCheckpointException e) {
            return Optional.empty();
          }
        }

        @Override
        public Optional<Checkpoint> getBySession(SessionKey session) {
          try {
            return super.getBySession(session);
          } catch (CorruptCheckpointException e) {
            return Optional.empty();
          }
        }
      };
    }

    @Override
    protected Set<Capability> expectedCapabilities() {
      return Set.of(Capability.ATTRIBUTE_QUERY);
    }
  }

  static class HeadersByDecoding extends BackendStorageTck {
    private final ExampleMedium medium = new ExampleMedium();

    @Override
    protected BackendStorage open(TckScope scope) {
      return new ForwardingBackendStorage(new ExampleBackend(medium, scope.codec())) {
        @Override
        public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
          return super.list(query).map(Checkpoint::header);
        }
      };
    }

    @Override
    protected Set<Capability> expectedCapabilities() {
      return Set.of(Capability.ATTRIBUTE_QUERY);
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
