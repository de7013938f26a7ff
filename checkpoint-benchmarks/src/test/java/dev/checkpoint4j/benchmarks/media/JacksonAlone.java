package dev.checkpoint4j.benchmarks.media;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Encodes and decodes, and stores nothing but the last document of each session. */
final class JacksonAlone implements Medium {

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
  public long latestVersion(String session) {
    byte[] document = latest.get(session);
    return document == null ? 0 : Documents.version(Documents.decode(document));
  }

  @Override
  public Object get(String session, String id) {
    return latest(session);
  }

  @Override
  public List<String> ids(String session) {
    return List.of(session);
  }

  @Override
  public Object list(String session, @Nullable String cursor) {
    throw new UnsupportedOperationException("list");
  }

  @Override
  public Object listHeaders(String session) {
    throw new UnsupportedOperationException("listHeaders");
  }

  @Override
  public String cursorBehind(String session, int count) {
    throw new UnsupportedOperationException("cursorBehind");
  }

  @Override
  public Object save(String session, Map<String, @Nullable Object> values) {
    return put(session, latestVersion(session) + 1, values);
  }

  @Override
  public Object deleteSession(String session) {
    return Optional.ofNullable(latest.remove(session));
  }

  @Override
  public long storedBytes() {
    return latest.values().stream().mapToLong(document -> document.length).sum();
  }

  @Override
  public void close() {}
}
