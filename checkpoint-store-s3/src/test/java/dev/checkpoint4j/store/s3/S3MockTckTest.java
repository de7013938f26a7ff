package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.tck.TckScope;
import dev.checkpoint4j.testsupport.S3MockServer;
import java.net.URI;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;

/** Takes long: the server answers one request after the other, and lists by reading every key. */
@Tag("soak")
class S3MockTckTest extends S3Tck {

  /** Tells a child JVM the server that its parent has started. */
  private static final String ENDPOINT = "checkpoint.test.s3mock.endpoint";

  private final Set<String> buckets = new HashSet<>();

  @Override
  URI endpoint() {
    return isChild()
        ? URI.create(System.getProperty(ENDPOINT))
        : S3MockServer.sharedInMemory().endpoint();
  }

  private static boolean isChild() {
    return System.getProperty(ENDPOINT) != null;
  }

  /** One of its own: the server looks at every key of a bucket to find those of a prefix. */
  @Override
  synchronized String bucket(TckScope scope) {
    String name = scope.name();
    if (!isChild() && buckets.add(name)) {
      S3MockServer.sharedInMemory().createBucket(name);
    }
    return name;
  }

  @Override
  protected synchronized void dispose(TckScope scope) {
    if (buckets.remove(scope.name())) {
      S3MockServer.sharedInMemory().removeBucket(scope.name());
    }
  }

  @Override
  protected Map<String, String> childProcessProperties(TckScope scope) {
    return Map.of(ENDPOINT, endpoint().toString());
  }
}
