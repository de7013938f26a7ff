package dev.checkpoint4j.benchmarks.media;

import dev.checkpoint4j.Values;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A map that has an immutable reference for each session; a put freezes the values. */
final class BareMemory implements Medium {

  /** No history: the version is that of the caller. */
  private record Entry(long version, Map<String, @Nullable Object> values) {}

  private final ConcurrentHashMap<String, Entry> latest = new ConcurrentHashMap<>();
  private List<Entry> page = List.of();

  @Override
  public Object put(String session, long version, Map<String, @Nullable Object> values) {
    Entry entry = new Entry(version, Values.freeze(values));
    latest.put(session, entry);
    return entry;
  }

  @Override
  public Object latest(String session) {
    return Objects.requireNonNull(latest.get(session));
  }

  @Override
  public long latestVersion(String session) {
    Entry entry = latest.get(session);
    return entry == null ? 0 : entry.version();
  }

  @Override
  public Object get(String session, String id) {
    return latest(session);
  }

  @Override
  public List<String> ids(String session) {
    return List.of(session);
  }

  /** A copy of references, which is the least that a page can be. */
  @Override
  public Object list(String session, @Nullable String cursor) {
    if (page.isEmpty()) {
      page = Collections.nCopies(PAGE, Objects.requireNonNull(latest.get(session)));
    }
    return new ArrayList<>(page);
  }

  @Override
  public Object listHeaders(String session) {
    return list(session, null);
  }

  @Override
  public String cursorBehind(String session, int count) {
    return session;
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
    return 0;
  }

  @Override
  public void close() {}

  @Override
  public Chat chat(String session) {
    return new SharingChat(this, session);
  }
}
