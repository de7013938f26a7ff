package dev.checkpoint4j.testsupport;

import java.io.File;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What S3Mock reads and writes its JSON files with when it runs as {@link
 * S3MockServer#sharedInMemory}; loaded in its JVM, not in that of the tests.
 *
 * <p>S3Mock keeps the keys of a bucket in one file, which it parses two to four times a request and
 * writes with each object: a put takes 240 ms of the processor at 20,000 keys, and 1 ms without
 * them. Here a file of a bucket is read and written the first time only, one of an object is
 * written each time; from then on what is read is what was read or written last. Nothing else of
 * S3Mock changes.
 */
final class RememberingMapper extends JsonMapper {

  private static final long serialVersionUID = 1;

  private static final String OF_BUCKETS = "bucketMetadata.json";

  /** The files of as many objects are remembered: more than any test has in a bucket. */
  private static final int MAX_OBJECTS = 50_000;

  private final transient Map<File, Object> ofBuckets = new HashMap<>();

  private final transient Map<File, Object> ofObjects =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<File, Object> eldest) {
          return size() > MAX_OBJECTS;
        }
      };

  /** Called by S3Mock. */
  RememberingMapper(JsonMapper.Builder settings) {
    super(settings);
  }

  private Map<File, Object> remembered(File file) {
    return file.getName().equals(OF_BUCKETS) ? ofBuckets : ofObjects;
  }

  @Override
  public synchronized <T> T readValue(File file, Class<T> type) {
    @Nullable Object known = remembered(file).get(file);
    if (type.isInstance(known)) {
      return type.cast(known);
    }
    T read = super.readValue(file, type);
    remembered(file).put(file, read);
    return read;
  }

  @Override
  public synchronized void writeValue(File file, Object value) {
    // S3Mock takes a bucket for one that is there if its file is.
    if (!ofBuckets.containsKey(file) || !file.exists()) {
      super.writeValue(file, value);
    }
    remembered(file).put(file, value);
  }
}
