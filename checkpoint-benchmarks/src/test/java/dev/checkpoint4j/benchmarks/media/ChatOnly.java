package dev.checkpoint4j.benchmarks.media;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A medium of which only what a chat needs is measured. */
public abstract class ChatOnly implements Medium {

  private static UnsupportedOperationException notMeasured() {
    return new UnsupportedOperationException("not measured");
  }

  @Override
  public long latestVersion(String session) {
    throw notMeasured();
  }

  @Override
  public Object get(String session, String id) {
    throw notMeasured();
  }

  @Override
  public List<String> ids(String session) {
    throw notMeasured();
  }

  @Override
  public Object list(String session, @Nullable String cursor) {
    throw notMeasured();
  }

  @Override
  public Object listHeaders(String session) {
    throw notMeasured();
  }

  @Override
  public String cursorBehind(String session, int count) {
    throw notMeasured();
  }

  @Override
  public Object save(String session, Map<String, @Nullable Object> values) {
    throw notMeasured();
  }

  @Override
  public long storedBytes() {
    throw notMeasured();
  }

  /** What was handed over stays as it is: the next state is in new maps and lists. */
  @Override
  public Chat chat(String session) {
    return new CopyingChat(this, session);
  }
}
