package dev.checkpoint4j.testsupport;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/** A server that speaks S3, with a bucket; all of them take the same credentials. */
public abstract class S3Server extends LocalServer {

  /** There from the first start on. */
  public static final String BUCKET = "checkpoints";

  static final String ACCESS_KEY = "checkpoint";
  static final String SECRET_KEY = "checkpoint-secret";

  private static final int ANSWER_MILLIS = 2_000;

  private final AtomicInteger buckets = new AtomicInteger();

  S3Server(String name) {
    super(name);
  }

  S3Server(String name, Path directory) {
    super(name, directory);
  }

  /** Called once, after the constructor. */
  final void startWithBucket() {
    startFirst();
    createBucket(BUCKET);
  }

  public final URI endpoint() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /** The store of a prefix in {@link #BUCKET}; the credentials are not in it. */
  public final String url(String prefix) {
    return url(endpoint(), BUCKET, prefix);
  }

  /** The same for another bucket, or by way of a proxy. */
  public static String url(URI endpoint, String bucket, String prefix) {
    return "s3://%s/%s?region=us-east-1&endpoint=%s&pathStyle=true"
        .formatted(bucket, prefix, endpoint);
  }

  public static AwsCredentialsProvider credentials() {
    return StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY));
  }

  /** System properties that give the credentials to this JVM or a child of it. */
  public static Map<String, String> credentialProperties() {
    return Map.of("aws.accessKeyId", ACCESS_KEY, "aws.secretAccessKey", SECRET_KEY);
  }

  /** A client as every one of the servers understands it; the caller closes it. */
  public final S3Client newClient() {
    return clientBuilder(endpoint()).build();
  }

  /** For a client with an interceptor, or by way of a proxy. */
  public static S3ClientBuilder clientBuilder(URI endpoint) {
    return S3Client.builder()
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .endpointOverride(endpoint)
        .region(Region.US_EAST_1)
        .credentialsProvider(credentials())
        .forcePathStyle(true)
        .serviceConfiguration(S3Configuration.builder().chunkedEncodingEnabled(false).build())
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
  }

  /** The name of a new bucket, for a test that must find nothing in it. */
  public final String newBucket() {
    String name = BUCKET + "-" + buckets.incrementAndGet();
    createBucket(name);
    return name;
  }

  /** Creates a bucket, which must not exist. */
  public final void createBucket(String name) {
    try (S3Client client = newClient()) {
      client.createBucket(request -> request.bucket(name));
    }
  }

  /** Whether it answers to someone unknown, as all of them do at this address. */
  final boolean answers() {
    try {
      HttpURLConnection connection = (HttpURLConnection) endpoint().toURL().openConnection();
      connection.setConnectTimeout(ANSWER_MILLIS);
      connection.setReadTimeout(ANSWER_MILLIS);
      return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    } catch (IOException e) {
      return false;
    }
  }
}
