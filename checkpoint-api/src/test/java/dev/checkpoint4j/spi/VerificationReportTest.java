package dev.checkpoint4j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.Finding.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VerificationReportTest {

  private enum Kind {
    DUPLICATE_ID
  }

  private static final ErrorContext CONTEXT = ErrorContext.of("test", "verify");

  private static Checkpoint checkpoint(String session, long version) {
    return Checkpoint.builder(session).version(version).values(Map.of()).build();
  }

  private static Finding finding(Severity severity) {
    return Finding.of(Kind.DUPLICATE_ID, severity, CONTEXT, "row 1", "is there twice");
  }

  @Test
  void whatIsAddedIsCountedAndGivenToTheListener() {
    List<Object> received = new ArrayList<>();
    VerificationListener listener =
        new VerificationListener() {
          @Override
          public void onIntact(Checkpoint checkpoint) {
            received.add(checkpoint);
          }

          @Override
          public void onFinding(Finding finding) {
            received.add(finding);
          }
        };
    List<Checkpoint> stored = List.of(checkpoint("a", 1), checkpoint("a", 2), checkpoint("b", 1));
    VerificationReport.Builder builder =
        VerificationReport.builder(VerificationOptions.defaults().withListener(listener))
            .addNamespace()
            .addBytes(10)
            .addBytes(5)
            .addRemoved(2);
    stored.forEach(builder::addIntact);
    assertThat(builder.build().isSound()).as("sound without damage").isTrue();
    builder.add(finding(Severity.LEFTOVER)).add(finding(Severity.DAMAGE));

    VerificationReport report = builder.build();

    assertThat(report)
        .isEqualTo(
            new VerificationReport(
                1,
                2,
                3,
                15,
                1,
                1,
                2,
                List.of(finding(Severity.LEFTOVER), finding(Severity.DAMAGE))));
    assertThat(report.isSound()).isFalse();
    assertThat(received)
        .containsExactly(
            stored.get(0),
            stored.get(1),
            stored.get(2),
            finding(Severity.LEFTOVER),
            finding(Severity.DAMAGE));
  }

  @Test
  void theFirstFindingsAreKeptAndAllAreCounted() {
    VerificationReport.Builder builder = VerificationReport.builder(VerificationOptions.defaults());
    for (int i = 0; i < VerificationReport.MAX_FINDINGS + 5; i++) {
      builder.add(finding(Severity.DAMAGE));
    }
    VerificationReport report = builder.build();
    assertThat(report.findings()).hasSize(VerificationReport.MAX_FINDINGS);
    assertThat(report.damaged()).isEqualTo(VerificationReport.MAX_FINDINGS + 5);
  }

  @Test
  void aFindingIsPrintedOnOneLine() {
    Finding finding =
        Finding.of(Kind.DUPLICATE_ID, Severity.DAMAGE, CONTEXT, "a\nb", "is there twice");
    assertThat(finding.kind()).isEqualTo("duplicate-id");
    assertThat(finding)
        .hasToString("duplicate-id: a\\u000ab: is there twice [backend=test, operation=verify]");
  }

  @Test
  @SuppressWarnings("NullAway") // That it is refused is tested.
  void aListenerIsRequired() {
    assertThatNullPointerException()
        .isThrownBy(() -> VerificationOptions.defaults().withListener(null))
        .withMessage("newListener");
  }
}
