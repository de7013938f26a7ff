package dev.checkpoint4j.benchmarks.media;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Encodes and decodes, and stores nothing but the last document of each session. */
final class JacksonAlone extends ChatOnly {

  private final ConcurrentHashMap<String, byte[]> latest = new ConcurrentHashMap<>();

  @Override
  public Object put(String session, long version, Map<String, @Nullable Object> values) {
    byte[] document = Documents.encode(session, version, values);
    latest.put(session, document);
    return document;
  }

  @Override
  public Object latest(String session) {
    return Documents.decode(Objects.requireNonNull(latest.get(session)));
  }

  @Override
  public Object deleteSession(String session) {
    return Optional.ofNullable(latest.remove(session));
  }

  @Override
  public void close() {}

  @Override
  public Chat chat(String session) {
    return new WholeChat(this, session);
  }
}
