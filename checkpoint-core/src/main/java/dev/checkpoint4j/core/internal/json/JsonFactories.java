package dev.checkpoint4j.core.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Jackson's factories with the settings of the document format. Safe for use by several threads.
 */
final class JsonFactories {

  private static final int POOLED_BUFFERS = 64;

  private static final int MAX_DOCUMENTS_OF_A_FACTORY = 16;

  private static final JsonFactoryBuilder SETTINGS =
      new JsonFactoryBuilder()
          // Keys come from users: interning them would fill a table that all of the JVM shares, and
          // unlucky ones are no reason to refuse a document.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
          // Not for speed: Double.toString gives other digits before Java 19.
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
          // Threads may be virtual: a pool of buffers per thread would never be used twice.
          .recyclerPool(new BufferPool(POOLED_BUFFERS))
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DocumentFormat.MAX_JSON_LEVELS)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .build())
          .streamWriteConstraints(
              StreamWriteConstraints.builder()
                  .maxNestingDepth(DocumentFormat.MAX_JSON_LEVELS)
                  .build());

  private static final JsonFactory GENERATORS = SETTINGS.build();

  private static volatile Parsers parsers = new Parsers();

  private JsonFactories() {}

  /** The factory of generators. */
  static JsonFactory generators() {
    return GENERATORS;
  }

  /** The factory of the next parser. */
  static JsonFactory parsers() {
    Parsers current = parsers;
    if (current.left.getAndDecrement() <= 0) {
      current = new Parsers();
      parsers = current;
    }
    return current.factory;
  }

  /**
   * A factory for some documents. Its parsers share a table of names, which saves work where
   * documents have the same keys; but each parser copies the table before it adds a name, so that
   * the table must not grow without limit where keys differ (ids, say).
   */
  private static final class Parsers {
    private final JsonFactory factory = SETTINGS.build();
    private final AtomicInteger left = new AtomicInteger(MAX_DOCUMENTS_OF_A_FACTORY);
  }
}
