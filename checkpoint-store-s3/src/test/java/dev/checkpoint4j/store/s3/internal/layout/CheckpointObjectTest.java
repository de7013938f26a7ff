package dev.checkpoint4j.store.s3.internal.layout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Stored;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Tombstone;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class CheckpointObjectTest {

  @Test
  void isReadWhateverTheDigitsOfTheLanguageOfItsWriter() {
    Stored stored = Stored.of(ObjectKeys.slot("sessions/s/", 1), 12, 0, new byte[0]);
    Tombstone tombstone = new Tombstone(3, "owner");
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertThat(stored.metadata().get("checkpoint")).contains(" version=12 ");
      assertThat(tombstone.metadata().get("checkpoint")).isEqualTo("next=3 owner=owner end");
    } finally {
      Locale.setDefault(before);
    }
  }
}
