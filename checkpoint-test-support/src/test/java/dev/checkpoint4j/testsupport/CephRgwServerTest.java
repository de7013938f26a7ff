package dev.checkpoint4j.testsupport;

class CephRgwServerTest extends DurableS3ServerContract {

  @Override
  S3Server server() {
    return CephRgwServer.shared();
  }

  @Override
  S3Server start() {
    return CephRgwServer.start();
  }
}
