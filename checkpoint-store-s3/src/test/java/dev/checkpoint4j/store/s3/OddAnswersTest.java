package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.SESSION;
import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.testsupport.FaultProxy;
import dev.checkpoint4j.testsupport.FaultProxy.Fault;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;

/** Answers that no server should give: no exception but those of the SPI comes of them. */
class OddAnswersTest {

  private final String prefix = "odd-" + UUID.randomUUID();
  private final FaultProxy proxy = FaultProxy.to(S3MockServer.sharedInMemory().endpoint());
  private final S3Client client =
      S3Server.clientBuilder(proxy.endpoint())
          .overrideConfiguration(
              configuration -> configuration.retryStrategy(DefaultRetryStrategy.doNotRetry()))
          .build();
  private final S3BackendStorage store = open();

  private S3BackendStorage open() {
    return S3BackendStorage.builder().client(client).bucket(S3Server.BUCKET).prefix(prefix).open();
  }

  @AfterEach
  void close() {
    store.close();
    client.close();
    proxy.close();
  }

  private static Arguments edit(String name, String what, String by) {
    UnaryOperator<String> edit = text -> text.replaceAll("(?i)" + what, by);
    return Arguments.of(name, edit);
  }

  static Stream<Arguments> edits() {
    return Stream.of(
        edit("date", "\r\nDate: [^\r]*", "\r\nDate: yesterday"),
        edit("no date", "\r\nDate: [^\r]*", ""),
        edit("last modified", "\r\nLast-Modified: [^\r]*", "\r\nLast-Modified: long ago"),
        edit("last modified in a list", "<LastModified>[^<]*<", "<LastModified>never<"),
        edit("no last modified in a list", "<LastModified>[^<]*</LastModified>", ""),
        edit("etag", "\r\nETag: [^\r]*", ""),
        edit("etag in a list", "<ETag>[^<]*</ETag>", ""),
        edit("strange etag in a list", "<ETag>[^<]*</ETag>", "<ETag>../../a%00b</ETag>"),
        edit("size in a list", "<Size>[^<]*</Size>", "<Size>many</Size>"),
        edit("negative size in a list", "<Size>[^<]*</Size>", "<Size>-1</Size>"),
        edit("no size in a list", "<Size>[^<]*</Size>", ""),
        edit("no key in a list", "<Key>[^<]*</Key>", ""),
        edit("another key in a list", "<Key>[^<]*</Key>", "<Key>a</Key>"),
        edit("more, and nothing", "<Contents>.*</Contents>", "<IsTruncated>true</IsTruncated>"),
        edit("no xml", "<ListBucketResult", "<<"),
        edit("version", " version=\\d+ ", " version=99999999999999999999 "),
        edit("generation", " generation=\\d+ ", " generation=99999999999 "),
        edit("metadata", "\r\nx-amz-meta-checkpoint: [^\r]*", "\r\nx-amz-meta-checkpoint: ?"),
        edit("range", "\r\nContent-Range: [^\r]*", "\r\nContent-Range: all"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("edits")
  void areFailuresOfTheSpi(String name, UnaryOperator<String> edit) {
    store.put(checkpoint(1), Expectation.any());
    proxy.arm(request -> true, Fault.editAnswer(edit));
    CheckpointQuery query = CheckpointQuery.builder(SESSION).build();
    Map<String, ThrowingCallable> calls =
        Map.of(
            "open", () -> open().close(),
            "put", () -> store.put(checkpoint(2), Expectation.any()),
            "get", () -> store.get("default", "id-1"),
            "getBySession", () -> open().getBySession(SESSION),
            "list", () -> store.list(query),
            "listHeaders", () -> store.listHeaders(query),
            "listSessions", () -> store.listSessions("default", 1, Optional.empty()),
            "delete", () -> store.delete("default", List.of("id-2")),
            "deleteBySession", () -> store.deleteBySession(SESSION),
            "verify",
                () ->
                    S3BackendStorage.builder()
                        .client(client)
                        .bucket(S3Server.BUCKET)
                        .prefix(prefix)
                        .verify(VerificationOptions.defaults()));
    calls.forEach(
        (call, action) -> {
          Throwable thrown = catchThrowable(action);
          if (thrown != null) {
            assertThat(thrown).as(call).isInstanceOf(CheckpointException.class);
          }
        });
  }

  @Test
  void aDateThatIsNoneIsInNobodysWay() {
    store.put(checkpoint(1), Expectation.any());
    UnaryOperator<String> edit = text -> text.replaceAll("\r\nDate: [^\r]*", "\r\nDate: today");
    proxy.arm(request -> true, Fault.editAnswer(edit));
    assertThat(open().getBySession(SESSION)).contains(checkpoint(1));
    assertThat(store.deleteBySession(SESSION)).isOne();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s",
        "s3/",
        "s3/s\u0000",
        "s3/a/b",
        "s3/ä",
        "s3/_zz",
        "\u0000",
        "s3/s.abc",
        "../s"
      })
  void aForgedCursorIsRefusedBeforeAnythingIsSent(String session) {
    store.put(checkpoint(1), Expectation.any());
    int before = proxy.requests();
    String ofCheckpoints = new ListCursor(session, 7).encode();
    String ofSessions = new ListCursor(session, 0).encode();
    CheckpointQuery.Builder namespace = CheckpointQuery.builder("default");
    CheckpointQuery.Builder one = CheckpointQuery.builder(SESSION);
    List<ThrowingCallable> calls =
        List.of(
            () -> store.list(namespace.cursor(ofCheckpoints).build()),
            () -> store.list(one.cursor(ofCheckpoints).build()),
            () -> store.listHeaders(one.cursor(ofCheckpoints).build()),
            () -> store.list(one.cursor(ofSessions).build()),
            () -> store.listSessions("default", 1, Optional.of(ofSessions)),
            () -> store.listSessions("default", 1, Optional.of(ofCheckpoints)));
    calls.forEach(call -> assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class));
    assertThat(proxy.requests()).as("requests").isEqualTo(before);
  }

  @Test
  void namesOfForeignObjectsArePrintable() {
    store.put(checkpoint(1), Expectation.any());
    String key = prefix + "/default/sessions/s/notes";
    client.putObject(
        request -> request.bucket(S3Server.BUCKET).key(key), RequestBody.fromString("?"));
    // The server of these tests does not list such keys.
    UnaryOperator<String> edit =
        text ->
            text.replace("/notes<", "/a%0Ab%1B%5B31m<")
                .replaceAll("<EncodingType>[^<]*</EncodingType>", "")
                .replace("<IsTruncated>", "<EncodingType>url</EncodingType><IsTruncated>");
    proxy.arm(request -> request.query().contains("list-type"), Fault.editAnswer(edit));
    RecordingListener found = new RecordingListener();
    assertThat(
            S3BackendStorage.builder()
                .client(client)
                .bucket(S3Server.BUCKET)
                .prefix(prefix)
                .verify(found.options())
                .findings())
        .isEqualTo(found.found);
    assertThat(found.keys()).containsExactly(prefix + "/default/sessions/s/a\nb\u001b[31m");
    assertThat(found.found)
        .allSatisfy(problem -> assertThat(problem.toString()).contains("a\\u000ab\\u001b[31m"));
    assertThat(open().getBySession(SESSION)).contains(checkpoint(1));
  }
}
