package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import org.junit.jupiter.api.Tag;

@Tag("soak")
class S3MockRaceTest extends ProcessesRace {

  @Override
  S3Server server() {
    return S3MockServer.shared();
  }
}
