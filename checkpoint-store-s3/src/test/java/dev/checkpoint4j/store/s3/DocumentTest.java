package dev.checkpoint4j.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class DocumentTest {

  @Test
  void isReadWhateverTheDigitsOfTheLanguageOfItsWriter() {
    Document stored = Document.of(Keys.slot("sessions/s/", 1), 12, new byte[0]);
    Document givenUp = Document.givenUp(3, "owner");
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertThat(stored.metadata().get("checkpoint")).contains(" version=12 ");
      assertThat(givenUp.metadata().get("checkpoint")).isEqualTo("next=3 owner=owner end");
    } finally {
      Locale.setDefault(before);
    }
  }
}
