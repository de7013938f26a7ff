package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.tck.TckScope;
import dev.checkpoint4j.testsupport.CephRgwServer;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A server that production runs, which answers many requests at once. */
@Tag("soak")
@EnabledIfSystemProperty(
    named = "checkpoint.s3.ceph",
    matches = "true",
    disabledReason = "Ceph is installed and started only if asked for")
class CephTckTest extends S3Tck {

  /** Tells a child JVM the server that its parent has started. */
  private static final String ENDPOINT = "checkpoint.test.ceph.endpoint";

  @Override
  URI endpoint() {
    String ofParent = System.getProperty(ENDPOINT);
    return ofParent == null ? CephRgwServer.shared().endpoint() : URI.create(ofParent);
  }

  @Override
  protected Map<String, String> childProcessProperties(TckScope scope) {
    return Map.of(ENDPOINT, endpoint().toString());
  }
}
