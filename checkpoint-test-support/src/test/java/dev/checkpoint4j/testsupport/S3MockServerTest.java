package dev.checkpoint4j.testsupport;

import org.junit.jupiter.api.Tag;

/** The server that the other tests rely on. */
@Tag("soak")
class S3MockServerTest extends DurableS3ServerContract {

  @Override
  S3Server server() {
    return S3MockServer.shared();
  }

  @Override
  S3Server start() {
    return S3MockServer.start();
  }
}
