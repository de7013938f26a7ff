package dev.checkpoint4j.testsupport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.testsupport.FaultProxy.Fault;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/** What the store relies on, asked of a server with the client of the SDK alone. */
abstract class S3ServerContract {

  private static final int ROUNDS = 20;
  private static final int RACERS = 50;

  abstract S3Server server();

  private S3Client client;
  private String bucket;

  @BeforeEach
  void connect() {
    S3Server server = server();
    client = server.newClient();
    bucket = server.newBucket();
  }

  @AfterEach
  void disconnect() {
    if (client != null) {
      client.close();
    }
  }

  @Test
  void letsOneOfManyRacingWritersCreateAnObject() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(RACERS);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        String key = "race/" + round;
        List<Callable<Integer>> racers = new ArrayList<>();
        for (int racer = 0; racer < RACERS; racer++) {
          String body = "of " + racer;
          racers.add(() -> statusOfCreate(key, body));
        }
        List<Integer> statuses = new ArrayList<>();
        List<Future<Integer>> answers = threads.invokeAll(racers);
        for (Future<Integer> answer : answers) {
          statuses.add(answer.get());
        }
        assertThat(statuses).as("winners").containsOnlyOnce(200);
        assertThat(statuses).as("answers").isSubsetOf(200, 409, 412);
        assertThat(get(key).asUtf8String())
            .as("what the winner wrote")
            .isEqualTo("of " + statuses.indexOf(200));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void keepsAnObjectThatIsThereFromAConditionalWrite() {
    assertThat(statusOfCreate("slot", "first")).isEqualTo(200);
    assertThat(statusOfCreate("slot", "second")).isEqualTo(412);
    assertThat(get("slot").asUtf8String()).isEqualTo("first");
    client.deleteObject(request -> request.bucket(bucket).key("slot"));
    assertThat(statusOfCreate("slot", "third")).as("after a deletion").isEqualTo(200);
  }

  @Test
  void tagsASmallObjectWithTheMd5OfItsBody() throws Exception {
    String body = "a state";
    String md5 =
        HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(body.getBytes(UTF_8)));
    PutObjectResponse put = put("tagged", body);
    assertThat(unquoted(put.eTag())).as("of the put").isEqualTo(md5);
    assertThat(unquoted(get("tagged").response().eTag())).as("of the get").isEqualTo(md5);
    assertThat(list("tagged", 1).contents())
        .extracting(object -> unquoted(object.eTag()))
        .as("in the list")
        .containsExactly(md5);
  }

  @Test
  void keepsUserMetadata() {
    Map<String, String> metadata = Map.of("token", "a1b2", "kind", "x-y");
    client.putObject(
        request -> request.bucket(bucket).key("known").metadata(metadata),
        RequestBody.fromString("body"));
    assertThat(get("known").response().metadata()).isEqualTo(metadata);
    assertThat(client.headObject(request -> request.bucket(bucket).key("known")).metadata())
        .isEqualTo(metadata);
  }

  @Test
  void keepsAnEmptyObject() {
    put("empty", "");
    assertThat(get("empty").asByteArray()).isEmpty();
  }

  @Test
  void listsKeysByTheirBytes() {
    List<String> keys =
        List.of("!", "-", ".", "/0", "0", "9", "A", "Z", "_", "a", "a-", "a/", "z", "~");
    keys.forEach(key -> put("k" + key, "x"));
    assertThat(list("k", 1000).contents())
        .extracting(S3Object::key)
        .containsExactlyElementsOf(keys.stream().map(key -> "k" + key).toList());
  }

  @Test
  void listsFromAKeyOnAndByDirectories() {
    for (String key : List.of("s/a/1", "s/a/2", "s/b/1", "s/c", "t/1")) {
      put(key, "x");
    }
    ListObjectsV2Response first = list("s/", 2);
    assertThat(first.contents()).extracting(S3Object::key).containsExactly("s/a/1", "s/a/2");
    assertThat(first.isTruncated()).as("whether there is more").isTrue();
    ListObjectsV2Response rest =
        client.listObjectsV2(
            request -> request.bucket(bucket).prefix("s/").startAfter("s/a/2").maxKeys(2));
    assertThat(rest.contents()).extracting(S3Object::key).containsExactly("s/b/1", "s/c");
    assertThat(rest.isTruncated()).as("whether there is more").isFalse();
    ListObjectsV2Response continued =
        client.listObjectsV2(
            request ->
                request
                    .bucket(bucket)
                    .prefix("s/")
                    .continuationToken(first.nextContinuationToken()));
    assertThat(continued.contents()).extracting(S3Object::key).containsExactly("s/b/1", "s/c");
    ListObjectsV2Response directories =
        client.listObjectsV2(request -> request.bucket(bucket).prefix("s/").delimiter("/"));
    assertThat(directories.commonPrefixes())
        .extracting(CommonPrefix::prefix)
        .containsExactly("s/a/", "s/b/");
    assertThat(directories.contents()).extracting(S3Object::key).containsExactly("s/c");
  }

  @Test
  void deletesAThousandObjectsAtOnce() {
    List<String> keys = IntStream.range(0, 1000).mapToObj("d/%04d"::formatted).toList();
    keys.parallelStream().forEach(key -> put(key, ""));
    assertThat(list("d/", 1000).contents()).hasSize(1000);
    Delete delete =
        Delete.builder()
            .objects(keys.stream().map(key -> ObjectIdentifier.builder().key(key).build()).toList())
            .quiet(true)
            .build();
    assertThat(client.deleteObjects(request -> request.bucket(bucket).delete(delete)).errors())
        .isEmpty();
    assertThat(list("d/", 1000).contents()).isEmpty();
  }

  @Test
  void readsPartOfAnObject() {
    String body = IntStream.range(0, 10_000).mapToObj(Integer::toString).collect(joining(","));
    put("large", body);
    ResponseBytes<GetObjectResponse> head =
        client.getObjectAsBytes(request -> request.bucket(bucket).key("large").range("bytes=0-99"));
    assertThat(head.asUtf8String()).isEqualTo(body.substring(0, 100));
    assertThat(head.response().contentRange()).isEqualTo("bytes 0-99/" + body.length());
    assertThat(get("large").asUtf8String()).isEqualTo(body);
  }

  @Test
  void takesRequestsThatAreSignedForAProxy() {
    RequestCounter counter = new RequestCounter();
    try (FaultProxy proxy = FaultProxy.to(server().endpoint());
        S3Client through = throughProxy(proxy, counter)) {
      PutObjectRequest create =
          PutObjectRequest.builder().bucket(bucket).key("slot").ifNoneMatch("*").build();
      FaultProxy.Armed lost = proxy.armNth(1, HttpRequest::isCreate, Fault.loseAnswer());
      assertThatExceptionOfType(S3Exception.class)
          .as("the second attempt of the SDK finds its first one")
          .isThrownBy(() -> through.putObject(create, RequestBody.fromString("mine")))
          .returns(412, S3Exception::statusCode);
      assertThat(lost.hits()).isEqualTo(1);
      assertThat(counter.sent()).hasToString("PutObject 2");
      assertThat(proxy.requests()).as("requests that the HTTP client sent").isEqualTo(2);
      assertThat(
              through
                  .getObjectAsBytes(request -> request.bucket(bucket).key("slot"))
                  .asUtf8String())
          .isEqualTo("mine");
    }
  }

  private static S3Client throughProxy(FaultProxy proxy, RequestCounter counter) {
    return S3Server.clientBuilder(proxy.endpoint())
        .overrideConfiguration(configuration -> configuration.addExecutionInterceptor(counter))
        .build();
  }

  final int statusOfCreate(String key, String body) {
    PutObjectRequest create =
        PutObjectRequest.builder().bucket(bucket).key(key).ifNoneMatch("*").build();
    try {
      return client.putObject(create, RequestBody.fromString(body)).sdkHttpResponse().statusCode();
    } catch (S3Exception e) {
      return e.statusCode();
    }
  }

  final PutObjectResponse put(String key, String body) {
    return client.putObject(
        request -> request.bucket(bucket).key(key), RequestBody.fromString(body));
  }

  final ResponseBytes<GetObjectResponse> get(String key) {
    return client.getObjectAsBytes(request -> request.bucket(bucket).key(key));
  }

  final ListObjectsV2Response list(String prefix, int maxKeys) {
    return client.listObjectsV2(request -> request.bucket(bucket).prefix(prefix).maxKeys(maxKeys));
  }

  /** Servers differ in whether they quote it. */
  private static String unquoted(String eTag) {
    return eTag.replace("\"", "");
  }
}
