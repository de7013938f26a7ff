package dev.checkpoint4j.benchmarks.media;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Where checkpoints are: a directory, tables or a bucket of its own.
 *
 * @param name lower-case letters, digits and underscores
 */
public record Place(Backend backend, String name) {

  /** The property that tells a fork the directory of all files. */
  public static final String DIRECTORY_PROPERTY = "checkpoint.benchmarks.directory";

  public Medium open(Side side) {
    return switch (side) {
      case OURS -> backend == Backend.JACKSON ? new CodecAlone() : Ours.open(this);
      case BARE -> openBare();
    };
  }

  /** The same without forcing what is stored, to fill it, where that can be left out. */
  public Medium openToFill(Side side) {
    if (backend != Backend.FILE) {
      return open(side);
    }
    return side == Side.OURS ? Ours.openUnforced(this) : new BareFile(directory(), false);
  }

  private Medium openBare() {
    return switch (backend) {
      case JACKSON -> new JacksonAlone();
      case MEMORY -> new BareMemory();
      case FILE -> new BareFile(directory(), true);
      case H2, SQLITE, POSTGRESQL, MARIADB -> new BareJdbc(this);
      case S3MOCK, CEPH -> new BareS3(this);
    };
  }

  /** Of the backends that keep files. */
  public Path directory() {
    Path directory =
        Path.of(Objects.requireNonNull(System.getProperty(DIRECTORY_PROPERTY), DIRECTORY_PROPERTY))
            .resolve(backend.toString())
            .resolve(name);
    try {
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of the backends that are servers. */
  public String serverUrl() {
    return Objects.requireNonNull(System.getProperty(backend.urlProperty()), backend.urlProperty());
  }

  URI endpoint() {
    return URI.create(serverUrl());
  }

  String bucket() {
    return name.replace('_', '-');
  }

  /** Of the backends that are SQL databases; with what the store itself adds to them. */
  String jdbcUrl() {
    return switch (backend) {
      case H2 ->
          "jdbc:h2:async:"
              + directory().resolve("db")
              + ";WRITE_DELAY=0;MAX_LENGTH_INPLACE_LOB=4096";
      case SQLITE -> "jdbc:sqlite:" + directory().resolve("db");
      default -> serverUrl();
    };
  }

  String tablePrefix() {
    return name + "_";
  }

  long fileBytes() {
    try (Stream<Path> files = Files.walk(directory())) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deletes what was stored there; buckets stay until their server is stopped. */
  public void delete() {
    switch (backend) {
      case FILE, H2, SQLITE -> Trees.delete(directory());
      case POSTGRESQL, MARIADB -> BareJdbc.dropTables(this);
      default -> {}
    }
  }
}
