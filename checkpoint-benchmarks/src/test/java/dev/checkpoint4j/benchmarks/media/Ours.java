package dev.checkpoint4j.benchmarks.media;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.core.CheckpointRepositoryBuilder;
import dev.checkpoint4j.core.Checkpoints;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/** A repository of the library, opened by its URL. */
final class Ours implements Medium {

  private final Place place;
  private final CheckpointRepository repository;

  private Ours(Place place, CheckpointRepository repository) {
    this.place = place;
    this.repository = repository;
  }

  static Ours open(Place place) {
    return new Ours(place, builder(place).build());
  }

  /** Of a file store, which does not force what it stores. */
  static Ours openUnforced(Place place) {
    return new Ours(
        place, Checkpoints.open("file:" + place.directory() + "?durability=process-crash"));
  }

  private static CheckpointRepositoryBuilder builder(Place place) {
    CheckpointRepositoryBuilder builder = Checkpoints.builder();
    return switch (place.backend()) {
      case JACKSON -> throw new IllegalArgumentException("there is no store of Jackson alone");
      case MEMORY -> builder.url("memory:");
      case FILE -> builder.url("file:" + place.directory());
      case H2, SQLITE -> builder.url(place.jdbcUrl());
      case POSTGRESQL, MARIADB ->
          builder
              .url(place.jdbcUrl())
              .option("tablePrefix", place.tablePrefix())
              .option("schemaMode", "create");
      case S3MOCK, CEPH -> {
        try (S3Client client = BareS3.client(place)) {
          BareS3.createBucket(client, place.bucket());
        }
        yield builder.url(S3Server.url(place.endpoint(), place.bucket(), "state"));
      }
    };
  }

  @Override
  public Object put(String session, long version, Map<String, @Nullable Object> values) {
    Checkpoint checkpoint = Checkpoint.builder(session).version(version).values(values).build();
    repository.put(checkpoint);
    return checkpoint;
  }

  @Override
  public Object latest(String session) {
    return repository.getBySession(session).orElseThrow();
  }

  @Override
  public long latestVersion(String session) {
    return repository.getBySession(session).map(Checkpoint::version).orElse(0L);
  }

  @Override
  public Object get(String session, String id) {
    return repository.get(id).orElseThrow();
  }

  @Override
  public List<String> ids(String session) {
    try (Stream<CheckpointHeader> headers = repository.streamHeaders(query(session).build())) {
      return headers.map(CheckpointHeader::id).toList();
    }
  }

  private CheckpointQuery.Builder query(String session) {
    return repository.query().sessionId(session).order(CheckpointQuery.Order.NEWEST_FIRST);
  }

  @Override
  public Object list(String session, @Nullable String cursor) {
    return repository.list(query(session).limit(PAGE).cursor(cursor).build());
  }

  @Override
  public Object listHeaders(String session) {
    return repository.listHeaders(query(session).limit(PAGE).build());
  }

  @Override
  public String cursorBehind(String session, int count) {
    String cursor = null;
    for (int behind = 0; behind < count; behind += PAGE) {
      Page<CheckpointHeader> page =
          repository.listHeaders(query(session).limit(PAGE).cursor(cursor).build());
      cursor = page.nextCursor().orElseThrow();
    }
    if (cursor == null) {
      throw new IllegalArgumentException("behind nothing");
    }
    return cursor;
  }

  @Override
  public Object save(String session, Map<String, @Nullable Object> values) {
    return repository.save(session, values);
  }

  @Override
  public Object deleteSession(String session) {
    return repository.deleteBySession(session);
  }

  @Override
  public long storedBytes() {
    return switch (place.backend()) {
      case JACKSON, MEMORY -> 0;
      case FILE, H2, SQLITE -> place.fileBytes();
      case POSTGRESQL, MARIADB -> BareJdbc.tableBytes(place);
      case S3MOCK, CEPH -> BareS3.objectBytes(place);
    };
  }

  @Override
  public void close() {
    repository.close();
  }

  /** As the documentation advises: what did not change is not passed again. */
  @Override
  public Chat chat(String session) {
    return new SharingChat(this, session);
  }
}
