package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.SESSION;
import static dev.checkpoint4j.store.s3.Samples.assertSound;
import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * An object that another tool has written, or whose metadata a copy has left out: reads report it
 * as damaged, and it can be deleted.
 */
class DamagedObjectsTest {

  private static final int VERSIONS = 3;
  private static final Checkpoint OTHER = checkpoint("t", "other", 1);

  private final String prefix = "damaged-" + UUID.randomUUID();
  private final ObjectKeys keys = new ObjectKeys(prefix + "/");
  private final S3Client client = S3MockServer.sharedInMemory().newClient();
  private final S3BackendStorage store =
      S3BackendStorage.builder().client(client).bucket(S3Server.BUCKET).prefix(prefix).open();

  private enum Damage {
    DOCUMENT_WITHOUT_METADATA {
      @Override
      void inflict(DamagedObjectsTest test, long version) {
        test.strip(test.document(version));
      }
    },
    SLOT_WITHOUT_METADATA {
      @Override
      void inflict(DamagedObjectsTest test, long version) {
        test.strip(test.slot(version));
      }
    },
    SLOT_WITHOUT_CLAIM {
      @Override
      void inflict(DamagedObjectsTest test, long version) {
        String key = test.slot(version);
        // As long as a claim may be.
        test.write(key, test.read(key).response().metadata(), RequestBody.fromString("????"));
      }
    };

    abstract void inflict(DamagedObjectsTest test, long version);
  }

  static Stream<Arguments> damages() {
    return Stream.of(Damage.values())
        .flatMap(
            damage ->
                LongStream.rangeClosed(2, VERSIONS)
                    .mapToObj(version -> Arguments.of(damage, version)));
  }

  @BeforeEach
  void fill() {
    store.put(OTHER, Expectation.any());
    for (long version = 1; version <= VERSIONS; version++) {
      store.put(checkpoint(version), Expectation.any());
    }
  }

  @AfterEach
  void close() {
    store.close();
    client.close();
  }

  private String slot(long number) {
    return ObjectKeys.slot(keys.sessionPrefix(SESSION), number);
  }

  private String document(long version) {
    return keys.namespace("default").checkpoint(new SlotClaim("id-" + version, 0));
  }

  private ResponseBytes<GetObjectResponse> read(String key) {
    return client.getObjectAsBytes(request -> request.bucket(S3Server.BUCKET).key(key));
  }

  private void strip(String key) {
    write(key, Map.of(), RequestBody.fromBytes(read(key).asByteArray()));
  }

  private void write(String key, Map<String, String> metadata, RequestBody body) {
    client.putObject(request -> request.bucket(S3Server.BUCKET).key(key).metadata(metadata), body);
  }

  private void assertCorrupt(long version) {
    assertThatThrownBy(() -> store.get("default", "id-" + version))
        .as("get")
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining(prefix);
  }

  private void assertGone(long version) {
    assertThat(store.get("default", "id-" + version)).as("version %d", version).isEmpty();
  }

  /** Nothing else is gone, and the ids that were deleted can be stored again. */
  private void assertSoundAndUsable(Checkpoint next) {
    assertThat(store.get("default", OTHER.id())).as("of another session").contains(OTHER);
    store.put(next, Expectation.any());
    assertThat(store.getBySession(SESSION)).as("the latest").contains(next);
    assertThat(store.get("default", next.id())).as("an id that was deleted").contains(next);
    assertSound(prefix);
  }

  @ParameterizedTest(name = "{0} of version {1}")
  @MethodSource("damages")
  void isDeletedByItsId(Damage damage, long version) {
    damage.inflict(this, version);
    assertCorrupt(version);
    assertThat(store.delete("default", List.of("id-" + version, "id-1"))).isEqualTo(2);
    assertGone(version);
    assertGone(1);
    long left = version == 2 ? 3 : 2;
    assertThat(store.getBySession(SESSION)).as("the latest left").contains(checkpoint(left));
    assertSoundAndUsable(checkpoint(version).toBuilder().version(VERSIONS + 1).build());
  }

  @ParameterizedTest(name = "{0} of version {1}")
  @MethodSource("damages")
  void isDeletedWithItsSession(Damage damage, long version) {
    damage.inflict(this, version);
    assertCorrupt(version);
    assertThat(store.deleteBySession(SESSION)).isEqualTo(VERSIONS);
    LongStream.rangeClosed(1, VERSIONS).forEach(this::assertGone);
    assertThat(store.getBySession(SESSION)).as("the latest").isEmpty();
    assertThat(store.listSessions("default", 10, Optional.empty()).items())
        .as("sessions")
        .containsExactly(OTHER.sessionKey());
    assertSoundAndUsable(checkpoint(version));
  }
}
