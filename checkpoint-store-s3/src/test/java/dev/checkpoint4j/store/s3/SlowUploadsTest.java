package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.SESSION;
import static dev.checkpoint4j.store.s3.Samples.assertSound;
import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.testsupport.FaultProxy;
import dev.checkpoint4j.testsupport.FaultProxy.Fault;
import dev.checkpoint4j.testsupport.HttpRequest;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Writers of one session, with a handle of their own each, whose documents take longer to upload
 * than anybody waits for a writer that says nothing. They get on, and do not upload in vain.
 */
@Timeout(300)
class SlowUploadsTest {

  private static final Duration UPLOAD = Duration.ofMillis(500);
  private static final int WRITERS = 3;
  private static final int EACH = 4;

  /** More than others wait for a writer that states no time. */
  private static final int LOOKS = 6;

  private final String prefix = "slow-" + UUID.randomUUID();
  private final FaultProxy proxy = FaultProxy.to(S3MockServer.sharedInMemory().endpoint());
  private final S3Client client = S3Server.clientBuilder(proxy.endpoint()).build();
  private final AtomicLong versions = new AtomicLong();
  private final ExecutorService writers = Executors.newFixedThreadPool(WRITERS);

  @AfterEach
  void close() {
    writers.shutdownNow();
    client.close();
    proxy.close();
    assertSound(prefix);
  }

  private S3BackendStorage open() {
    return S3BackendStorage.builder().client(client).bucket(S3Server.BUCKET).prefix(prefix).open();
  }

  /** Of a document; what gives one up is a byte. */
  private static boolean isUpload(HttpRequest request) {
    return request.isCreate()
        && String.valueOf(request.header("x-amz-meta-checkpoint")).contains("version=");
  }

  /** Stores some checkpoints, each with a version that is new, as often as it takes. */
  private Callable<Integer> writer(int number) {
    return () -> {
      int stored = 0;
      try (S3BackendStorage store = open()) {
        while (stored < EACH) {
          long version = versions.incrementAndGet();
          try {
            store.put(checkpoint("s", "w" + number + "-" + version, version), Expectation.any());
            stored++;
          } catch (VersionConflictException e) {
            // Another one was faster.
          }
        }
      }
      return stored;
    };
  }

  @Test
  void aSlowWriterIsWaitedForAsLongAsItSaysThatItIsSlow() throws Exception {
    try (S3BackendStorage slow = open();
        S3BackendStorage other = open()) {
      FaultProxy.Armed delay = proxy.arm(SlowUploadsTest::isUpload, Fault.delay(UPLOAD));
      slow.put(checkpoint(1), Expectation.any());
      delay.disarm();
      // The document of the next one is held back until others have requested it often enough.
      CountDownLatch looks = new CountDownLatch(LOOKS);
      String name = new SlotClaim("id-2", 0).objectName();
      FaultProxy.Armed held =
          proxy.arm(
              request -> isUpload(request) && request.path().endsWith(name),
              Fault.before(() -> await(looks)));
      proxy.arm(
          request -> request.method().equals("GET") && request.path().endsWith(name),
          Fault.before(looks::countDown));
      CountDownLatch claimed = new CountDownLatch(1);
      proxy.arm(
          request -> request.isCreate() && request.path().contains("/default/sessions/"),
          Fault.beforeAnswer(claimed::countDown));
      Future<?> put = writers.submit(() -> slow.put(checkpoint(2), Expectation.any()));
      claimed.await();
      held.awaitHit();
      try {
        other.put(checkpoint(3), Expectation.any());
      } finally {
        LongStream.range(0, LOOKS).forEach(i -> looks.countDown());
      }
      put.get();
      assertThat(held.hits()).as("uploads").isEqualTo(1);
      assertThat(other.list(CheckpointQuery.builder(SESSION).build()).items())
          .extracting(Checkpoint::version)
          .containsExactly(3L, 2L, 1L);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  @Tag("soak")
  void writersGetOnAndDoNotUploadInVain() throws Exception {
    FaultProxy.Armed uploads = proxy.arm(SlowUploadsTest::isUpload, Fault.delay(UPLOAD));
    List<Future<Integer>> all = new ArrayList<>();
    for (int number = 0; number < WRITERS; number++) {
      all.add(writers.submit(writer(number)));
    }
    for (Future<Integer> one : all) {
      assertThat(one.get()).as("stored by one writer").isEqualTo(EACH);
    }
    proxy.disarmAll();
    try (S3BackendStorage store = open()) {
      assertThat(store.list(CheckpointQuery.builder(SESSION).build()).items())
          .extracting(Checkpoint::version)
          .hasSize(WRITERS * EACH)
          .doesNotHaveDuplicates();
    }
    assertThat(uploads.hits()).as("uploads").isLessThanOrEqualTo(2 * WRITERS * EACH);
  }
}
