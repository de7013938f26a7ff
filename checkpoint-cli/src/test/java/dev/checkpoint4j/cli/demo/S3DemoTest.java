package dev.checkpoint4j.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.cli.CliRun;
import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.testsupport.CephRgwServer;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** With real worker processes; surefire gives them the credentials by the environment. */
@Timeout(180)
@Tag("soak")
class S3DemoTest {

  @Test
  void nothingIsLostOnS3MockInTenCrashes() {
    assertNothingIsLost(10, S3MockServer.shared(), "ten");
  }

  @Test
  @EnabledIfSystemProperty(
      named = "checkpoint.s3.ceph",
      matches = "true",
      disabledReason = "Ceph is installed and started only if asked for")
  void nothingIsLostOnCephInTenCrashes() {
    assertNothingIsLost(10, CephRgwServer.shared(), "ten");
  }

  private static void assertNothingIsLost(int crashes, S3Server server, String prefix) {
    CrashingDemo.assertNothingIsLost(crashes, List.of("--store", server.url(prefix)), List.of());
    CliRun verify = CliRun.of("verify", "--store", server.url(prefix));
    assertThat(verify.exitCode()).as("%s%s", verify.out(), verify.err()).isEqualTo(ExitCode.OK);
  }
}
