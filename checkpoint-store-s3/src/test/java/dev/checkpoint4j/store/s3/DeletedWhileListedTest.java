package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.SESSION;
import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Stored;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.services.s3.S3Client;

/** A listing reads some documents twice; another handle may delete a checkpoint in between. */
class DeletedWhileListedTest {

  private final AtomicReference<Runnable> afterFirstRead = new AtomicReference<>(() -> {});
  private final S3Client client = S3MockServer.sharedInMemory().newClient();
  private final S3Client observed =
      S3Server.clientBuilder(S3MockServer.sharedInMemory().endpoint())
          .overrideConfiguration(
              configuration -> configuration.addExecutionInterceptor(new FirstRead()))
          .build();
  private final String prefix = "listed-" + UUID.randomUUID();
  private final S3BackendStorage store = open(client);
  private final S3BackendStorage listing = open(observed);

  /** Runs something once, after the answer to the first read of a checkpoint object. */
  private final class FirstRead implements ExecutionInterceptor {
    @Override
    public void afterTransmission(
        Context.AfterTransmission context, ExecutionAttributes attributes) {
      if (context.httpRequest().method() == SdkHttpMethod.GET
          && context.httpRequest().encodedPath().contains("/checkpoints/")) {
        afterFirstRead.getAndSet(() -> {}).run();
      }
    }
  }

  private S3BackendStorage open(S3Client used) {
    return S3BackendStorage.builder().client(used).bucket(S3Server.BUCKET).prefix(prefix).open();
  }

  @AfterEach
  void close() {
    store.close();
    listing.close();
    client.close();
    observed.close();
  }

  private static Checkpoint wide(String id, long version) {
    return Checkpoint.builder(
            CheckpointMetadata.builder("s")
                .attribute("note", "x".repeat(3 * ObjectPart.START_BYTES))
                .build())
        .id(id)
        .version(version)
        .ts(Instant.EPOCH)
        .build();
  }

  @Test
  void aCheckpointWithALargeHeaderIsLeftOut() {
    store.put(wide("kept", 1), Expectation.any());
    store.put(wide("deleted", 2), Expectation.any());
    afterFirstRead.set(() -> assertThat(store.delete("default", List.of("deleted"))).isOne());
    assertThat(listing.listHeaders(CheckpointQuery.builder(SESSION).limit(1).build()).items())
        .containsExactly(wide("kept", 1).header());
  }

  @Test
  void aSessionWithALongIdIsListedWhileItHasACheckpoint() {
    SessionKey session = new SessionKey("default", "ä".repeat(200));
    store.put(checkpoint(session.sessionId(), "kept", 1), Expectation.any());
    store.put(checkpoint(session.sessionId(), "deleted", 2), Expectation.any());
    afterFirstRead.set(() -> assertThat(store.delete("default", List.of("deleted"))).isOne());
    assertThat(listing.listSessions("default", 10, Optional.empty()).items())
        .containsExactly(session);
    afterFirstRead.set(() -> assertThat(store.delete("default", List.of("kept"))).isOne());
    assertThat(listing.listSessions("default", 10, Optional.empty()).items()).isEmpty();
  }

  @Test
  void aDamagedDocumentAsLongAsTheFirstPartIsReadTwiceOnly() {
    store.put(checkpoint(1), Expectation.any());
    ObjectKeys keys = new ObjectKeys(prefix + "/");
    String key = keys.namespace("default").checkpoint(new SlotClaim("id-1", 0));
    Stored stored =
        Stored.of(
            ObjectKeys.slot(keys.sessionPrefix(SESSION), 1),
            1,
            0,
            new byte[ObjectPart.START_BYTES]);
    Map<String, String> metadata = new HashMap<>(stored.metadata());
    metadata.put("key", key.substring(prefix.length() + 1));
    client.putObject(
        request -> request.bucket(S3Server.BUCKET).key(key).metadata(metadata),
        RequestBody.fromBytes(stored.body()));
    CheckpointQuery query = CheckpointQuery.builder(SESSION).build();
    assertThatThrownBy(() -> listing.listHeaders(query))
        .isInstanceOf(CorruptCheckpointException.class);
  }
}
