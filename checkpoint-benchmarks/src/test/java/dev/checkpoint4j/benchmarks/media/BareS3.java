package dev.checkpoint4j.benchmarks.media;

import dev.checkpoint4j.testsupport.S3Server;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketAlreadyExistsException;
import software.amazon.awssdk.services.s3.model.BucketAlreadyOwnedByYouException;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Object;

/** An object for each checkpoint, whose key the caller knows: one request for each operation. */
final class BareS3 implements Medium {

  private static final int MAX_KEYS = 1000;

  private final Place place;
  private final S3Client client;
  private final ConcurrentHashMap<String, Long> versions = new ConcurrentHashMap<>();

  BareS3(Place place) {
    this.place = place;
    client = client(place);
    createBucket(client, place.bucket());
  }

  static S3Client client(Place place) {
    return S3Server.clientBuilder(place.endpoint()).build();
  }

  static void createBucket(S3Client client, String bucket) {
    try {
      client.createBucket(request -> request.bucket(bucket));
    } catch (BucketAlreadyOwnedByYouException | BucketAlreadyExistsException e) {
      // Of a process before this one.
    }
  }

  private static String key(String session, long version) {
    return "%s/%019d".formatted(session, version);
  }

  @Override
  public Object put(String session, long version, Map<String, @Nullable Object> values) {
    byte[] document = Documents.encode(session, version, values);
    client.putObject(
        request -> request.bucket(place.bucket()).key(key(session, version)),
        RequestBody.fromBytes(document));
    versions.put(session, version);
    return document;
  }

  @Override
  public Object latest(String session) {
    return read(key(session, latestVersion(session)));
  }

  private Map<?, ?> read(String key) {
    return Documents.decode(
        client
            .getObjectAsBytes(request -> request.bucket(place.bucket()).key(key))
            .asByteArrayUnsafe());
  }

  @Override
  public long latestVersion(String session) {
    return versions.computeIfAbsent(
        session,
        name ->
            client
                .listObjectsV2Paginator(
                    request -> request.bucket(place.bucket()).prefix(name + "/"))
                .contents()
                .stream()
                .map(S3Object::key)
                .mapToLong(key -> Long.parseLong(key.substring(name.length() + 1)))
                .max()
                .orElse(0));
  }

  @Override
  public Object get(String session, String id) {
    return read(id);
  }

  @Override
  public List<String> ids(String session) {
    return LongStream.rangeClosed(1, latestVersion(session))
        .mapToObj(version -> key(session, version))
        .toList();
  }

  /** The keys of a page by one request, and one for each document. */
  @Override
  public Object list(String session, @Nullable String cursor) {
    long behind = cursor == null ? latestVersion(session) + 1 : Long.parseLong(cursor);
    List<String> keys =
        client
            .listObjectsV2(
                request ->
                    request
                        .bucket(place.bucket())
                        .prefix(session + "/")
                        .startAfter(key(session, behind - PAGE - 1))
                        .maxKeys(PAGE))
            .contents()
            .stream()
            .map(S3Object::key)
            .toList();
    List<Object> page = new ArrayList<>();
    keys.forEach(key -> page.add(read(key)));
    return page;
  }

  @Override
  public Object listHeaders(String session) {
    return list(session, null);
  }

  @Override
  public String cursorBehind(String session, int count) {
    return Long.toString(latestVersion(session) - count + 1);
  }

  @Override
  public Object save(String session, Map<String, @Nullable Object> values) {
    Object latest = latest(session);
    return put(session, Documents.version((Map<?, ?>) latest) + 1, values);
  }

  @Override
  public Object deleteSession(String session) {
    List<String> keys = ids(session);
    for (int from = 0; from < keys.size(); from += MAX_KEYS) {
      List<ObjectIdentifier> some =
          keys.subList(from, Math.min(keys.size(), from + MAX_KEYS)).stream()
              .map(key -> ObjectIdentifier.builder().key(key).build())
              .toList();
      client.deleteObjects(
          request ->
              request
                  .bucket(place.bucket())
                  .delete(Delete.builder().objects(some).quiet(true).build()));
    }
    versions.remove(session);
    return keys;
  }

  @Override
  public long storedBytes() {
    return objectBytes(place);
  }

  static long objectBytes(Place place) {
    try (S3Client client = client(place)) {
      return client
          .listObjectsV2Paginator(request -> request.bucket(place.bucket()))
          .contents()
          .stream()
          .mapToLong(S3Object::size)
          .sum();
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
