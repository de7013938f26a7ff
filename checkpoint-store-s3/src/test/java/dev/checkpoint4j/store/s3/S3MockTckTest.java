package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.store.s3.servers.S3MockServer;
import dev.checkpoint4j.tck.TckScope;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** Takes long: the server answers one request after the other, and slowly where it lists. */
@Tag("soak")
class S3MockTckTest extends S3Tck {

  /** Tells a child JVM the server that its parent has started. */
  private static final String ENDPOINT = "checkpoint.test.s3mock.endpoint";

  @Override
  URI endpoint() {
    String ofParent = System.getProperty(ENDPOINT);
    return ofParent == null ? S3MockServer.shared().endpoint() : URI.create(ofParent);
  }

  @Override
  protected Map<String, String> childProcessProperties(TckScope scope) {
    return Map.of(ENDPOINT, endpoint().toString());
  }
}
