package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.StorageLimitExceededException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** LARGE: sizes that overflow what a backend may have thought large enough. */
abstract class LargeValueRules extends ValueRules {

  private static final int MEGABYTE = 1 << 20;

  /** More characters than Jackson reads by default. */
  private static final int VERY_LONG = 20_500_000;

  /** More than two bytes can count. */
  private static final int MANY = 70_000;

  /** An encoding may take this many bytes for one of a {@link Binary} or an ASCII string. */
  private static final int MAX_BYTES_PER_BYTE = 2;

  /** More than an encoding needs for what is not the value. */
  private static final int SMALL_DOCUMENT_BYTES = 1 << 10;

  private static final int MAX_ID_BYTES = 255;
  private static final int MAX_SESSION_BYTES = 512;

  /** More than a document needs for the longest ids. */
  private static final int LONG_IDS_BYTES = 16 << 10;

  private static final int FEW_LETTERS = 1_000;

  /** An encoding may need more bytes for the length of a text the longer it is. */
  private static final int MAX_ATTEMPTS = 3;

  private void requireDocumentsOf(long bytes) {
    long limit = storage().descriptor().maxDocumentBytes();
    if (limit / MAX_BYTES_PER_BYTE < bytes) {
      throw notApplicable(
          "the backend declares that a document has at most %d bytes".formatted(limit));
    }
  }

  /** Text that cannot be compressed to nothing. */
  private String randomText(int length) {
    StringBuilder text = new StringBuilder(length);
    while (text.length() < length) {
      text.append((char) ('!' + random().nextInt(90)));
    }
    return text.toString();
  }

  /** Text that no encoding has to escape. */
  private String randomLetters(int length) {
    StringBuilder text = new StringBuilder(length);
    while (text.length() < length) {
      text.append((char) ('a' + random().nextInt(26)));
    }
    return text.toString();
  }

  private Binary randomBinary(int size) {
    byte[] bytes = new byte[size];
    random().nextBytes(bytes);
    return Binary.copyOf(bytes);
  }

  @Rule(id = "LARGE-01", level = Level.MUST)
  protected final void oneMegabyteIsKept() {
    requireDocumentsOf(3L * MEGABYTE);
    assertReadBack(
        Map.of(
            "text",
            randomText(MEGABYTE),
            "wide",
            "\u65e5\ud83d\ude00".repeat(MEGABYTE / 10),
            "binary",
            randomBinary(MEGABYTE)));
  }

  @Rule(id = "LARGE-02", level = Level.MUST)
  protected final void stringOf16MegabytesIsKept() {
    requireDocumentsOf(16L * MEGABYTE);
    Checkpoint large = put(draft("s", 1).values(Map.of("text", randomText(16 * MEGABYTE))).build());
    assertLatest("with a string of 16 MB", openHandle(), large);
    if (storage().descriptor().maxDocumentBytes() > 2L * VERY_LONG) {
      // Some parsers take no more unless told to, and tell nobody when it is stored.
      Checkpoint larger =
          put(draft("s", 2).values(Map.of("text", "long text ".repeat(VERY_LONG / 10))).build());
      assertLatest("with a string of %d characters".formatted(VERY_LONG), openHandle(), larger);
    }
  }

  @Rule(id = "LARGE-03", level = Level.MUST)
  protected final void binaryOf16MegabytesIsKept() {
    requireDocumentsOf(16L * MEGABYTE);
    Checkpoint large =
        put(draft("s", 1).values(Map.of("binary", randomBinary(16 * MEGABYTE))).build());
    assertStored("with 16 MB of bytes", openHandle(), large);
  }

  @Rule(id = "LARGE-04", level = Level.MUST)
  protected final void manyEntriesAreKept() {
    requireDocumentsOf(4L * MEGABYTE);
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (int i = 0; i < MANY; i++) {
      values.put("key " + i, i % 2 == 0 ? i : List.of("element", i));
    }
    values.put("list", IntStream.range(0, MANY).boxed().toList());
    values.put("k".repeat(MANY) + 1, 1);
    values.put("k".repeat(MANY) + 2, 2);
    assertReadBack(values);
  }

  @Rule(id = "LARGE-05", level = Level.MUST)
  protected final void largeAttributesAreKept() {
    requireDocumentsOf(MEGABYTE);
    CheckpointMetadata.Builder metadata =
        CheckpointMetadata.builder("s")
            .attribute("large", randomText(100_000))
            .attribute("small", 1);
    for (int i = 0; i < 1_000; i++) {
      metadata.attribute("attribute " + i, i);
    }
    assertReadBack(draft(metadata.build(), 1).build());
  }

  @Rule(id = "LARGE-06", level = Level.MUST)
  protected final void smallNeighboursOfLargeOnesAreKept() {
    requireDocumentsOf(MEGABYTE);
    Checkpoint before = put("s", 1);
    Checkpoint large = put(draft("s", 2).values(Map.of("text", randomText(MEGABYTE))).build());
    Checkpoint after = put("s", 3);
    assertHolds("with a large one between", openHandle(), List.of(before, large, after));
  }

  @Rule(id = "LARGE-07", level = Level.MUST)
  protected final void declaredLimitIsKept() {
    long limit = storage().descriptor().maxDocumentBytes();
    if (limit > 64L * MEGABYTE) {
      throw notApplicable("the backend declares no limit that could be tried");
    }
    Checkpoint stored = put("s", 1);
    Checkpoint tooLarge =
        draft("large", 1).values(Map.of("binary", randomBinary((int) limit + 1))).build();
    // Four bytes a character, which is two chars, in UTF-8 and in UTF-16.
    String wide = "\ud83d\ude00".repeat((int) limit / 4 + 1);
    CheckpointMetadata attribute =
        CheckpointMetadata.builder("large")
            .attribute("secret", secret())
            .attribute("text", randomText((int) limit + 1))
            .build();
    for (Checkpoint refused :
        List.of(
            tooLarge,
            draft("large", 1).values(Map.of("text", wide)).build(),
            draft(attribute, 1).build())) {
      StorageLimitExceededException failure =
          assertFails(
              "put of a checkpoint over the declared limit of %d bytes".formatted(limit),
              StorageLimitExceededException.class,
              () -> storage().put(refused, Expectation.any()));
      assertThat(failure.mayHaveBeenApplied()).as("mayHaveBeenApplied() of the refusal").isFalse();
      assertHolds("after a put over the limit", storage(), List.of(stored));
      assertThat(listSessions(storage(), namespace(), 10))
          .as("sessions after a put over the limit was refused for a new one")
          .containsExactly(stored.sessionKey());
    }
    int legal = (int) (limit / MAX_BYTES_PER_BYTE - SMALL_DOCUMENT_BYTES);
    Map<String, Binary> half = Map.of("binary", randomBinary(Math.max(0, legal)));
    Checkpoint large = put(tooLarge.toBuilder().values(half).build());
    assertLatest("with about half the bytes of the declared limit", openHandle(), large);
    if (scope().isCodecUsed() && limit > LONG_IDS_BYTES) {
      assertLimitIsThatOfTheDocument(limit);
    }
  }

  /** Documents up to the limit are kept; those with one letter more are refused. */
  private void assertLimitIsThatOfTheDocument(long limit) {
    List<UnaryOperator<Checkpoint.Builder>> kinds =
        List.of(
            checkpoint -> checkpoint,
            checkpoint -> checkpoint.version(2),
            checkpoint ->
                checkpoint
                    .metadata(
                        CheckpointMetadata.builder("s".repeat(MAX_SESSION_BYTES))
                            .taskId("t".repeat(MAX_SESSION_BYTES))
                            .attribute("text", randomLetters((int) limit / 2 / MAX_BYTES_PER_BYTE))
                            .attribute("secret", secret())
                            .build())
                    .parentId("p".repeat(MAX_ID_BYTES)));
    boolean isSmall = limit <= 4L * MEGABYTE;
    int only = random().nextInt(kinds.size());
    for (UnaryOperator<Checkpoint.Builder> kind : isSmall ? kinds : List.of(kinds.get(only))) {
      Checkpoint empty =
          kind.apply(draft("limit-" + kinds.indexOf(kind), 1).values(Map.of())).build();
      if (empty.version() > 1) {
        put(empty.metadata().sessionId(), 1);
      }
      int letters = lettersUpTo(limit, empty);
      assertFails(
          "put of a document with one letter more than the declared limit of %d bytes permits"
              .formatted(limit),
          StorageLimitExceededException.class,
          () -> storage().put(withLetters(empty, letters + 1), Expectation.any()));
      Checkpoint full = put(withLetters(empty, letters));
      assertLatest("with a document of the declared limit", openHandle(), full);
    }
  }

  /** How many letters a checkpoint may have for its document to keep the limit. */
  private int lettersUpTo(long limit, Checkpoint empty) {
    long others = documentBytes(withLetters(empty, 0));
    long bytesPerLetter =
        Math.max(1, (documentBytes(withLetters(empty, FEW_LETTERS)) - others) / FEW_LETTERS);
    int letters = 0;
    long missing = (limit - others) / bytesPerLetter;
    for (int attempt = 0; missing != 0 && attempt < MAX_ATTEMPTS; attempt++) {
      letters += (int) missing;
      missing = Math.floorDiv(limit - documentBytes(withLetters(empty, letters)), bytesPerLetter);
    }
    assertThat(missing)
        .as("letters that a document with %d of them lacks to the limit", letters)
        .isZero();
    return letters;
  }

  private static Checkpoint withLetters(Checkpoint checkpoint, int letters) {
    return checkpoint.toBuilder().values(Map.of("letters", "x".repeat(letters))).build();
  }

  private long documentBytes(Checkpoint checkpoint) {
    return scope().codec().encode(checkpoint).length;
  }
}
