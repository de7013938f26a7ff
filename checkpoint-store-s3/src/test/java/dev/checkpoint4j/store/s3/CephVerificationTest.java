package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.testsupport.CephRgwServer;
import dev.checkpoint4j.testsupport.S3Server;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@Tag("soak")
@EnabledIfSystemProperty(
    named = "checkpoint.s3.ceph",
    matches = "true",
    disabledReason = "Ceph is installed and started only if asked for")
class CephVerificationTest extends S3StoreVerificationTest {

  @Override
  S3Server server() {
    return CephRgwServer.shared();
  }
}
