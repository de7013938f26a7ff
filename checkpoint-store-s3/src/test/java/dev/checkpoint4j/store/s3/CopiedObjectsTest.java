package dev.checkpoint4j.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.store.s3.internal.layout.SlotKind;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;

/**
 * An object that was copied over another one, by hand or by a tool that went wrong, is never taken
 * for it: a read tells what was stored there, or that it is damaged.
 */
class CopiedObjectsTest {

  private static final int VERSIONS = 3;
  private static final boolean[] BOTH = {true, false};
  private static final boolean[] BY_SESSION = {false};
  private static final List<Checkpoint> OTHERS =
      List.of(
          checkpoint("default", "t", 1),
          checkpoint("default", "t", 2),
          checkpoint("other", "s", 1),
          checkpoint("other", "s", 2),
          checkpoint("other", "s", 3));

  private final String prefix = "copied-" + UUID.randomUUID();
  private final ObjectKeys keys = new ObjectKeys(prefix + "/");
  private final S3Client client = S3MockServer.sharedInMemory().newClient();
  private final S3BackendStorage store = open();

  private S3BackendStorage open() {
    return S3BackendStorage.builder().client(client).bucket(S3Server.BUCKET).prefix(prefix).open();
  }

  @AfterEach
  void close() {
    store.close();
    client.close();
  }

  private static Checkpoint checkpoint(String namespace, String session, long version) {
    return Samples.checkpoint(session, session + "-" + version, version).toBuilder()
        .namespace(namespace)
        .values(Map.of("of", namespace + "/" + session + "/" + version))
        .build();
  }

  private static Checkpoint target(long version) {
    return checkpoint("default", "s", version);
  }

  private static final SessionKey SESSION = new SessionKey("default", "s");

  @BeforeEach
  void fill() {
    stored().forEach(checkpoint -> store.put(checkpoint, Expectation.any()));
    OTHERS.forEach(checkpoint -> store.put(checkpoint, Expectation.any()));
    // What was deleted with its session, and by its id.
    store.put(checkpoint("default", "ended", 1), Expectation.any());
    store.deleteBySession(new SessionKey("default", "ended"));
    store.put(checkpoint("other", "dead", 1), Expectation.any());
    store.delete("other", List.of("dead-1"));
  }

  private String slot(String namespace, String session, long number) {
    return ObjectKeys.slot(keys.sessionPrefix(new SessionKey(namespace, session)), number);
  }

  private String document(String namespace, String session, long version) {
    return keys.namespace(namespace).checkpoint(new SlotClaim(session + "-" + version, 0));
  }

  private void copy(String from, String to) {
    client.copyObject(
        request ->
            request
                .sourceBucket(S3Server.BUCKET)
                .sourceKey(from)
                .destinationBucket(S3Server.BUCKET)
                .destinationKey(to));
  }

  /** The objects that are copied over others, by what they are. */
  private Map<String, String> sources() {
    Map<String, String> sources = new LinkedHashMap<>();
    // Of the same session, another one, another namespace; the last is alike but for that.
    sources.put("document of the session", document("default", "s", 1));
    sources.put("document of another session", document("default", "t", 2));
    sources.put("document of another namespace", document("other", "s", 3));
    sources.put("document of a session that was deleted", document("default", "ended", 1));
    sources.put("document that was deleted", document("other", "dead", 1));
    sources.put("slot of the session", slot("default", "s", 1));
    sources.put("slot of another session", slot("default", "t", 2));
    sources.put("slot of another namespace", slot("other", "s", 3));
    sources.put("slot of a session that was deleted", slot("default", "ended", 1));
    sources.put("end of a session that was deleted", slot("default", "ended", 2));
    sources.put("slot that was deleted", slot("other", "dead", 1));
    return sources;
  }

  /** A copy of the right kind only: slots and documents differ in their metadata anyway. */
  private static boolean isSlot(String key) {
    return key.contains("/sessions/");
  }

  /** What a read answers; empty for one that is told that something is damaged. */
  @CanIgnoreReturnValue
  private static <T> Optional<T> answer(Callable<T> read) throws Exception {
    try {
      return Optional.of(read.call());
    } catch (CorruptCheckpointException e) {
      assertThat(e).as("names the object").hasMessageContaining("/");
      return Optional.empty();
    }
  }

  /** The same by a handle that remembers the latest. */
  private void assertReadsOfLatest(SoftAssertions softly, S3BackendStorage by, String when)
      throws Exception {
    answer(() -> by.getBySession(SESSION))
        .ifPresent(found -> softly.assertThat(found).as("remembered, " + when).contains(target(3)));
  }

  private static List<Checkpoint> stored() {
    return List.of(target(1), target(2), target(3));
  }

  /** Every way to read that tells of the session; each answers rightly or not at all. */
  private void assertReads(SoftAssertions softly, S3BackendStorage by, String when)
      throws Exception {
    for (long version = 2; version <= VERSIONS; version++) {
      Checkpoint expected = target(version);
      answer(() -> by.get("default", expected.id()))
          .ifPresent(found -> softly.assertThat(found).as("get, " + when).contains(expected));
    }
    answer(() -> by.getBySession(SESSION))
        .ifPresent(
            found -> softly.assertThat(found).as("getBySession, " + when).contains(target(3)));
    for (Order order : Order.values()) {
      CheckpointQuery ofSession = CheckpointQuery.builder(SESSION).order(order).build();
      answer(() -> by.list(ofSession))
          .ifPresent(
              page ->
                  softly
                      .assertThat(page.items())
                      .as("list, " + when)
                      .containsExactlyInAnyOrderElementsOf(stored()));
      answer(() -> by.listHeaders(ofSession))
          .ifPresent(
              page ->
                  softly
                      .assertThat(page.items())
                      .as("listHeaders, " + when)
                      .containsExactlyInAnyOrderElementsOf(headers(stored())));
    }
    CheckpointQuery ofNamespace = CheckpointQuery.builder("default").build();
    answer(() -> by.list(ofNamespace))
        .ifPresent(
            page ->
                softly
                    .assertThat(page.items())
                    .as("list of the namespace, " + when)
                    .filteredOn(it -> it.sessionKey().equals(SESSION))
                    .containsExactlyInAnyOrderElementsOf(stored()));
    softly
        .assertThat(by.listSessions("default", 10, Optional.empty()).items())
        .as("listSessions, " + when)
        .contains(SESSION);
    for (Checkpoint again : List.of(target(3), target(2))) {
      try {
        answer(
            () -> {
              by.put(again, Expectation.any());
              return again;
            });
      } catch (DuplicateCheckpointException e) {
        softly.fail("put again, " + when, e);
      }
    }
  }

  private static List<CheckpointHeader> headers(List<Checkpoint> checkpoints) {
    return checkpoints.stream().map(Checkpoint::header).toList();
  }

  /** Targets of a copy: the latest, and an older one if that is another case. */
  private List<String> targets(Map.Entry<String, String> source) {
    boolean isSlot = isSlot(source.getValue());
    List<String> targets = new ArrayList<>();
    targets.add(isSlot ? slot("default", "s", 3) : document("default", "s", 3));
    if (source.getKey().endsWith("of the session")) {
      targets.add(isSlot ? slot("default", "s", 2) : document("default", "s", 2));
    }
    return targets;
  }

  private VerificationReport verify() {
    return S3BackendStorage.builder()
        .client(client)
        .bucket(S3Server.BUCKET)
        .prefix(prefix)
        .verify(VerificationOptions.defaults(), RecordingListener.NO_MIN_AGE);
  }

  @Test
  void isNotTakenForWhatWasThere() throws Exception {
    SoftAssertions softly = new SoftAssertions();
    String saved = prefix + "-saved";
    for (Map.Entry<String, String> source : sources().entrySet()) {
      for (String target : targets(source)) {
        copy(target, saved);
        try (S3BackendStorage remembering = open();
            S3BackendStorage forgetful = open()) {
          assertThat(remembering.getBySession(SESSION)).contains(target(3));
          copy(source.getValue(), target);
          String when = source.getKey() + " over " + target.substring(prefix.length());
          assertReadsOfLatest(softly, remembering, when);
          assertReads(softly, forgetful, when);
          softly.assertThat(verify().isSound()).as("sound, " + when).isFalse();
          copy(saved, target);
        }
      }
    }
    softly.assertAll();
    assertThat(verify().isSound()).as("sound in the end").isTrue();
  }

  @Test
  void isNotTakenForASlotThatNobodyHas() throws Exception {
    SoftAssertions softly = new SoftAssertions();
    String target = slot("default", "s", VERSIONS + 1);
    for (Map.Entry<String, String> source : sources().entrySet()) {
      if (isSlot(source.getValue())) {
        try (S3BackendStorage remembering = open();
            S3BackendStorage forgetful = open()) {
          assertThat(remembering.getBySession(SESSION)).contains(target(3));
          copy(source.getValue(), target);
          assertReadsOfLatest(softly, remembering, source.getKey() + " behind the newest slot");
          assertReads(softly, forgetful, source.getKey() + " behind the newest slot");
          client.deleteObject(request -> request.bucket(S3Server.BUCKET).key(target));
        }
      }
    }
    softly.assertAll();
  }

  @Test
  void bodyOfAnotherCheckpointIsNotReturned() throws Exception {
    SoftAssertions softly = new SoftAssertions();
    List<String> others =
        List.of(
            document("default", "s", 1), document("default", "t", 2), document("other", "s", 3));
    String target = document("default", "s", 3);
    Map<String, String> metadata =
        client.headObject(request -> request.bucket(S3Server.BUCKET).key(target)).metadata();
    for (String other : others) {
      byte[] body =
          client
              .getObjectAsBytes(request -> request.bucket(S3Server.BUCKET).key(other))
              .asByteArray();
      client.putObject(
          request -> request.bucket(S3Server.BUCKET).key(target).metadata(metadata),
          RequestBody.fromBytes(body));
      try (S3BackendStorage forgetful = open()) {
        assertReadsButPut(softly, store, "body of " + other);
        assertReadsButPut(softly, forgetful, "body of " + other);
      }
      softly.assertThat(verify().isSound()).as("sound, body of " + other).isFalse();
    }
    softly.assertAll();
  }

  /** What is read of the checkpoint is damaged, and nothing else. */
  private void assertReadsButPut(SoftAssertions softly, S3BackendStorage by, String when)
      throws Exception {
    assertReads(softly, by, when);
    softly.assertThat(answer(() -> by.get("default", "s-3"))).as("get, " + when).isEmpty();
    softly.assertThat(answer(() -> by.getBySession(SESSION))).as("latest, " + when).isEmpty();
  }

  @Test
  void isNotInTheWayOfADeletion() throws Exception {
    SoftAssertions softly = new SoftAssertions();
    for (Map.Entry<String, String> each : sources().entrySet()) {
      for (boolean isById : each.getKey().contains("another") ? BOTH : BY_SESSION) {
        String source = each.getValue();
        String when = each.getKey() + (isById ? ", by id" : ", by session");
        copy(source, isSlot(source) ? slot("default", "s", 2) : document("default", "s", 2));
        try (S3BackendStorage forgetful = open()) {
          if (isById) {
            forgetful.delete("default", List.of("s-1", "s-2", "s-3"));
          } else {
            forgetful.deleteBySession(SESSION);
          }
          softly.assertThat(forgetful.getBySession(SESSION)).as(when).isEmpty();
          for (long version = 1; version <= VERSIONS; version++) {
            softly.assertThat(forgetful.get("default", "s-" + version)).as(when).isEmpty();
          }
          assertOthersAreThere(softly, forgetful, when);
        }
        restore();
      }
    }
    softly.assertAll();
  }

  private void assertOthersAreThere(SoftAssertions softly, S3BackendStorage by, String when) {
    for (Checkpoint other : OTHERS) {
      softly.assertThat(by.get(other.namespace(), other.id())).as(when).contains(other);
    }
  }

  /** The session is as it was, without a trace of what became of it. */
  private void restore() {
    // How many slots the deletions have closed depends on their order.
    String slots = keys.sessionPrefix(SESSION);
    List<String> traces = new ArrayList<>();
    client
        .listObjectsV2(request -> request.bucket(S3Server.BUCKET).prefix(slots))
        .contents()
        .forEach(object -> traces.add(object.key()));
    for (long number = 1; number <= VERSIONS + 1; number++) {
      for (int generation = 0; generation <= 2; generation++) {
        traces.add(keys.namespace("default").checkpoint(new SlotClaim("s-" + number, generation)));
      }
    }
    client.deleteObjects(
        request ->
            request
                .bucket(S3Server.BUCKET)
                .delete(
                    delete ->
                        delete.objects(
                            traces.stream()
                                .map(key -> ObjectIdentifier.builder().key(key).build())
                                .toList())));
    try (S3BackendStorage forgetful = open()) {
      for (long version = 1; version <= VERSIONS; version++) {
        forgetful.put(target(version), Expectation.any());
      }
    }
  }

  @Test
  void anEndOfASessionIsNotTheEndOfTheOneItWasCopiedTo() throws Exception {
    copy(slot("default", "ended", 2), slot("default", "s", VERSIONS + 1));
    try (S3BackendStorage forgetful = open()) {
      assertThat(forgetful.deleteBySession(SESSION)).as("deleted").isEqualTo(VERSIONS);
    }
    byte[] end =
        client
            .getObjectAsBytes(
                request -> request.bucket(S3Server.BUCKET).key(slot("default", "s", VERSIONS + 2)))
            .asByteArray();
    assertThat(SlotKind.ofSize(end.length)).isEqualTo(SlotKind.SESSION_TOMBSTONE);
  }

  @Test
  void oneThatIsDamagedIsInNobodysWay() {
    String target = document("default", "s", 2);
    client.putObject(
        request -> request.bucket(S3Server.BUCKET).key(target), RequestBody.fromString("?"));
    try (S3BackendStorage forgetful = open()) {
      assertThat(forgetful.getBySession(SESSION)).contains(target(3));
      assertThat(forgetful.get("default", "s-1")).contains(target(1));
      forgetful.put(target(4), Expectation.any());
      Page<Checkpoint> others =
          forgetful.list(CheckpointQuery.builder(new SessionKey("default", "t")).build());
      assertThat(others.items()).hasSize(2);
      assertThat(forgetful.deleteBySession(SESSION)).as("deleted").isEqualTo(4);
      assertThat(forgetful.get("default", "s-2")).isEmpty();
    }
  }
}
