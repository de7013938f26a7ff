package dev.checkpoint4j.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DemoReportTest {

  @Test
  void percentilesAreValuesThatWereSeen() {
    long[] hundred = LongStream.rangeClosed(1, 100).toArray();

    assertThat(DemoReport.percentile(hundred, 50)).isEqualTo(50);
    assertThat(DemoReport.percentile(hundred, 99)).isEqualTo(99);
    assertThat(DemoReport.percentile(new long[] {7}, 50)).isEqualTo(7);
    assertThat(DemoReport.percentile(new long[] {7}, 99)).isEqualTo(7);
    assertThat(DemoReport.percentile(new long[] {1, 2, 3}, 50)).isEqualTo(2);
    assertThat(DemoReport.percentile(new long[] {1, 2, 3}, 99)).isEqualTo(3);
  }

  @Test
  void jsonHasExactlyTheDocumentedFields() {
    assertThat(new DemoReport(1, 2, 3, 4, 5, 6, 7, 8, 9).toJson())
        .isEqualTo(
            "{\"sessions\":1,\"checkpoints\":2,\"acknowledged\":3,\"crashes\":4,\"lost\":5,"
                + "\"mismatched\":6,\"putMicrosP50\":7,\"putMicrosP99\":8,\"bytesStored\":9}");
  }
}
