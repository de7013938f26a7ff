package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.spi.CodecException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TestCodecTest {

  private final TestCodec codec = new TestCodec();
  private final Random random = new Random(7);
  private final RandomValues values = new RandomValues(random);

  private Checkpoint randomCheckpoint() {
    return Checkpoint.builder(
            CheckpointMetadata.builder("session")
                .taskId(random.nextBoolean() ? "task" : null)
                .attributes(values.map(3))
                .build())
        .version(1 + random.nextInt(100))
        .parentId(random.nextBoolean() ? "parent" : null)
        .values(values.map(4))
        .build();
  }

  @Test
  void readsBackWhatItWrote() {
    for (int i = 0; i < 500; i++) {
      Checkpoint checkpoint = randomCheckpoint();
      byte[] document = codec.encode(checkpoint);
      assertThat(Differences.first(checkpoint, codec.decode(document)))
          .as("difference of what was read from what was written")
          .isEmpty();
      assertThat(codec.decodeHeader(document)).as("header").isEqualTo(checkpoint.header());
    }
  }

  @Test
  void headerNeedsTheFrontOnly() {
    Checkpoint checkpoint = randomCheckpoint();
    byte[] values = codec.encode(Checkpoint.builder(checkpoint.header()).build());
    int emptyValues = 1 + Integer.BYTES;
    byte[] front = Arrays.copyOf(values, values.length - emptyValues);
    assertThat(codec.decodeHeader(front)).as("header").isEqualTo(checkpoint.header());
    assertThatThrownBy(() -> codec.decode(front)).isInstanceOf(CodecException.class);
  }

  @Test
  void damageIsRefusedOrReadAsSomethingElse() {
    byte[] document = codec.encode(randomCheckpoint());
    for (int i = 0; i < document.length; i++) {
      byte[] damaged = document.clone();
      damaged[i] ^= (byte) (1 + random.nextInt(255));
      assertThat(catchThrowable(() -> assertThat(codec.decode(damaged)).isNotNull()))
          .as("failure to read a document with another byte at %d, if it fails", i)
          .satisfiesAnyOf(
              failure -> assertThat(failure).isNull(),
              failure -> assertThat(failure).isInstanceOf(CodecException.class));
      byte[] cutOff = Arrays.copyOf(document, i);
      assertThatThrownBy(() -> codec.decode(cutOff))
          .as("first %d bytes of a document", i)
          .isInstanceOf(CodecException.class);
    }
    assertThatThrownBy(() -> codec.decode(Arrays.copyOf(document, document.length + 1)))
        .as("document with a byte behind it")
        .isInstanceOf(CodecException.class);
  }
}
