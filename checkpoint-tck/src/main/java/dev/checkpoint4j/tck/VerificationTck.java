package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.VerificationListener;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.spi.VerifyingProvider;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What every {@link VerifyingProvider} must do, whatever its medium. Extend it in a test of the
 * backend; each test uses a new instance, hence a store of its own.
 *
 * <pre>{@code
 * class JournalVerificationTest extends VerificationTck {
 *   @TempDir Path directory;
 *
 *   @Override protected VerifyingProvider provider() { return new JournalProvider(); }
 *   @Override protected BackendConfig config() {
 *     return BackendConfig.parse(provider(), "journal:" + directory.resolve("store"), Map.of());
 *   }
 *   @Override protected void damage(Checkpoint stored) { flipAByteOf(stored); }
 *   @Override protected Object content() { return bytesByFile(directory); }
 * }
 * }</pre>
 */
public abstract class VerificationTck {

  private final CheckpointCodec codec = TckScope.findCodec();
  private final List<Checkpoint> intact = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  /** The provider under test. */
  protected abstract VerifyingProvider provider();

  /** Names a store that does not exist until it is opened; the same one during a test. */
  protected abstract BackendConfig config();

  /**
   * Damages what the medium holds of a stored checkpoint, so that its document cannot be read any
   * more. No handle is open.
   */
  protected abstract void damage(Checkpoint stored) throws Exception;

  /**
   * Everything that the medium holds at the place of the store, in a form that is equal if nothing
   * was changed: the bytes of files, the rows of tables, the keys and tags of objects.
   */
  protected abstract Object content() throws Exception;

  private BackendStorage open() {
    return provider().open(config(), codec);
  }

  /** Runs for each intact checkpoint. */
  private Runnable onIntact = () -> {};

  private VerificationReport verify(VerificationOptions options) {
    intact.clear();
    findings.clear();
    VerificationReport report =
        provider()
            .verify(
                config(),
                codec,
                options.withListener(
                    new VerificationListener() {
                      @Override
                      public void onIntact(Checkpoint checkpoint) {
                        intact.add(checkpoint);
                        onIntact.run();
                      }

                      @Override
                      public void onFinding(Finding finding) {
                        findings.add(finding);
                      }
                    }));
    assertThat(report.findings()).as("the findings of the report").isEqualTo(findings);
    assertThat(report.checkpoints())
        .as("the counted checkpoints, of which the listener received %s", intact)
        .isEqualTo(intact.size());
    assertThat(report.damaged())
        .as("the counted damage, of %s", findings)
        .isEqualTo(findings.stream().filter(Finding::isDamage).count());
    assertThat(report.leftovers() + report.damaged())
        .as("the counted findings")
        .isEqualTo(findings.size());
    return report;
  }

  private VerificationReport verify() {
    return verify(VerificationOptions.defaults());
  }

  private static Checkpoint checkpoint(String namespace, String session, long version) {
    return Checkpoint.builder(session)
        .namespace(namespace)
        .id(session + "-" + version)
        .version(version)
        .ts(Instant.ofEpochSecond(1_700_000_000 + version))
        .parentId(version == 1 ? null : session + "-" + (version - 1))
        .values(Map.of("step", version, "text", "x".repeat(200)))
        .build();
  }

  /** Two sessions in one namespace, one of them with three versions, and one in another. */
  private static List<Checkpoint> samples() {
    return List.of(
        checkpoint("default", "a", 1),
        checkpoint("default", "a", 2),
        checkpoint("default", "a", 3),
        checkpoint("default", "b", 1),
        checkpoint("other", "a/ä", 1));
  }

  private void store() {
    try (BackendStorage storage = open()) {
      samples().forEach(checkpoint -> storage.put(checkpoint, Expectation.any()));
    }
  }

  /** A sound store is counted, and every checkpoint reaches the listener. */
  @Test
  protected final void aSoundStoreHasNoFindings() {
    store();

    VerificationReport report = verify();

    assertThat(report.findings()).as("the findings in a sound store").isEmpty();
    assertThat(report.isSound()).as("sound").isTrue();
    assertThat(report.namespaces()).as("namespaces").isEqualTo(2);
    assertThat(report.sessions()).as("sessions").isEqualTo(3);
    assertThat(report.bytes()).as("bytes").isGreaterThan(5 * 200);
    assertThat(report.removed()).as("removed").isZero();
    assertThat(intact).as("the intact checkpoints").containsExactlyInAnyOrderElementsOf(samples());
    assertThat(intact)
        .filteredOn(checkpoint -> checkpoint.id().startsWith("a-"))
        .as("those of a session, in the order of versions")
        .isEqualTo(samples().subList(0, 3));
  }

  /** A damaged record is named, and costs no other one. */
  @Test
  protected final void aDamagedRecordIsAFindingThatNamesIt() throws Exception {
    store();
    Checkpoint damaged = samples().get(1);
    damage(damaged);

    VerificationReport report = verify();

    assertThat(report.isSound()).as("sound").isFalse();
    assertThat(findings)
        .as("a finding that is damage and has the id of %s", damaged.id())
        .anySatisfy(
            finding -> {
              assertThat(finding.isDamage()).isTrue();
              assertThat(finding.context().checkpointId()).isEqualTo(damaged.id());
              assertThat(finding.context().backendId()).isEqualTo(provider().id());
              assertThat(finding.location()).isNotBlank();
              assertThat(finding.message()).doesNotContain("x".repeat(200));
            });
    assertThat(intact)
        .as("the other checkpoints")
        .containsExactlyInAnyOrderElementsOf(
            samples().stream().filter(checkpoint -> !checkpoint.equals(damaged)).toList());
  }

  /** Neither a sound nor a damaged store is changed. */
  @Test
  protected final void readingChangesNothing() throws Exception {
    store();
    Object before = content();
    assertThat(verify().isSound()).isTrue();
    assertThat(content()).as("the content after a verification").isEqualTo(before);

    damage(samples().get(1));
    Object damaged = content();
    assertThat(damaged).as("content() shows what damage() does").isNotEqualTo(before);
    assertThat(verify().isSound()).isFalse();
    assertThat(content()).as("the content after damage was found").isEqualTo(damaged);
  }

  /** A store that is in use is verified, and stays in use. */
  @Test
  protected final void aStoreInUseCanBeVerified() {
    try (BackendStorage storage = open()) {
      samples().forEach(checkpoint -> storage.put(checkpoint, Expectation.any()));
      assertThat(verify().findings()).as("the findings in a store in use").isEmpty();
      Checkpoint next = checkpoint("default", "a", 4);
      storage.put(next, Expectation.any());
      assertThat(storage.getBySession(next.sessionKey())).contains(next);
      assertThat(verify().checkpoints()).isEqualTo(samples().size() + 1);
    }
  }

  /** What the store deleted is neither damage nor a checkpoint. */
  @Test
  protected final void whatWasDeletedIsNoDamage() {
    store();
    try (BackendStorage storage = open()) {
      assertThat(storage.delete("default", List.of("a-2"))).isOne();
      assertThat(storage.deleteBySession(samples().get(4).sessionKey())).isOne();
    }
    assertThat(verify().isSound()).as("sound; found: %s", findings).isTrue();
    assertThat(intact).extracting(Checkpoint::id).containsExactlyInAnyOrder("a-1", "a-3", "b-1");
  }

  /** Where there is no store, verification says so and creates none. */
  @Test
  protected final void aStoreThatDoesNotExistIsNotCreated() throws Exception {
    Object before = content();
    assertThatExceptionOfType(BackendConfigurationException.class)
        .as("the verification of a store that does not exist")
        .isThrownBy(this::verify);
    assertThat(content()).as("the content of the place").isEqualTo(before);
  }

  /** Leftovers are removed without loss, or the removal is refused. */
  @Test
  protected final void theRemovalOfLeftoversKeepsCheckpointsOrIsRefused() throws Exception {
    store();
    Object before = content();
    try {
      assertThat(verify(VerificationOptions.defaults().withRemovalOfLeftovers()).isSound())
          .as("sound; found: %s", findings)
          .isTrue();
    } catch (UnsupportedOperationException e) {
      assertThat(content()).as("the content after a refusal").isEqualTo(before);
    }
    assertThat(verify().checkpoints()).as("checkpoints").isEqualTo(samples().size());
  }

  /** An interrupt ends a verification, before it starts and in the middle; the flag stays set. */
  @Test
  protected final void anInterruptEndsIt() {
    store();
    onIntact = Thread.currentThread()::interrupt;
    assertIsInterrupted("in the middle");
    onIntact = () -> {};
    Thread.currentThread().interrupt();
    assertIsInterrupted("before it starts");
    assertThat(verify().isSound()).as("sound after interrupts").isTrue();
  }

  private void assertIsInterrupted(String when) {
    try {
      assertThatExceptionOfType(StorageUnavailableException.class)
          .as("interrupted %s", when)
          .isThrownBy(this::verify);
    } finally {
      assertThat(Thread.interrupted()).as("the flag, interrupted %s", when).isTrue();
    }
  }
}
