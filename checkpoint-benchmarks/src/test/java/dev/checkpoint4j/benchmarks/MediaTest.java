package dev.checkpoint4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.benchmarks.media.Backend;
import dev.checkpoint4j.benchmarks.media.Medium;
import dev.checkpoint4j.benchmarks.media.Payloads;
import dev.checkpoint4j.benchmarks.media.Place;
import dev.checkpoint4j.benchmarks.media.Side;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That the two sides do the same, on the media that need no server. */
class MediaTest {

  private static final int HISTORY = 50;

  @TempDir Path directory;

  @BeforeEach
  void tellTheDirectory() {
    System.setProperty(Place.DIRECTORY_PROPERTY, directory.toString());
  }

  @AfterEach
  void forgetTheDirectory() {
    System.clearProperty(Place.DIRECTORY_PROPERTY);
  }

  @ParameterizedTest
  @CsvSource({"FILE,OURS", "FILE,BARE", "H2,OURS", "H2,BARE", "SQLITE,OURS", "SQLITE,BARE"})
  void everySideAnswersEveryOperation(Backend backend, Side side) {
    Place place = new Place(backend, "test_" + side);
    Map<String, @Nullable Object> values = Payloads.create("1KB");
    try (Medium medium = place.open(side)) {
      for (int version = 1; version <= HISTORY; version++) {
        assertThat(medium.put("s", version, values)).isNotNull();
      }
      assertThat(medium.latestVersion("s")).as("version").isEqualTo(HISTORY);
      List<String> ids = medium.ids("s");
      assertThat(ids).as("ids").hasSize(HISTORY).doesNotHaveDuplicates();
      assertThat(medium.get("s", ids.get(7))).isNotNull();
      assertThat(medium.list("s", medium.cursorBehind("s", Medium.PAGE))).isNotNull();
      assertThat(medium.listHeaders("s")).isNotNull();
      assertThat(medium.save("s", values)).isNotNull();
      assertThat(medium.latestVersion("s")).as("after a save").isEqualTo(HISTORY + 1);
      assertThat(medium.storedBytes()).as("bytes").isGreaterThan(HISTORY * 1_000L);
    }
    try (Medium again = place.open(side)) {
      assertThat(again.latestVersion("s")).as("when opened again").isEqualTo(HISTORY + 1);
      assertThat(again.deleteSession("s")).isNotNull();
      assertThat(again.latestVersion("s")).as("after the deletion").isZero();
    }
    place.delete();
  }
}
