package dev.checkpoint4j.benchmarks.media;

import java.util.Locale;

/** What the stores of the library keep checkpoints in, and the encoding by itself. */
public enum Backend {
  JACKSON("nothing is stored"),
  MEMORY("none: lost with the process"),
  FILE("forced to the disk (fdatasync) before a put returns"),
  H2("written to the file before a put returns, not forced (WRITE_DELAY=0)"),
  SQLITE("forced to the disk (journal_mode=WAL, synchronous=FULL)"),
  POSTGRESQL("forced to the disk (fsync=on, synchronous_commit=on)"),
  MARIADB("forced to the disk (innodb_flush_log_at_trx_commit=1)"),
  S3MOCK("written to files, not forced; the keys of a bucket are in memory"),
  CEPH("that of Ceph's bluestore");

  private final String durability;

  Backend(String durability) {
    this.durability = durability;
  }

  public static Backend of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** What an acknowledged put survives, here and in the bare medium. */
  public String durability() {
    return durability;
  }

  /** Whether another process reads what one has stored. */
  public boolean outlivesProcesses() {
    return this != JACKSON && this != MEMORY;
  }

  public boolean isS3() {
    return this == S3MOCK || this == CEPH;
  }

  public boolean isJdbc() {
    return this == H2 || this == SQLITE || this == POSTGRESQL || this == MARIADB;
  }

  /** The property that tells a fork where the server is. */
  public String urlProperty() {
    return "checkpoint.benchmarks." + this;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
