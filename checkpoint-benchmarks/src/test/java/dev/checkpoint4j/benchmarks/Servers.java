package dev.checkpoint4j.benchmarks;

import dev.checkpoint4j.benchmarks.media.Backend;
import dev.checkpoint4j.testsupport.CephRgwServer;
import dev.checkpoint4j.testsupport.MariaDbServer;
import dev.checkpoint4j.testsupport.PostgresServer;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The servers of a run, each started once for all forks. */
final class Servers implements AutoCloseable {

  private final List<AutoCloseable> running = new ArrayList<>();
  private final Map<String, String> properties = new LinkedHashMap<>();

  /** What a fork, and this JVM, needs to find them. */
  Map<String, String> properties() {
    return properties;
  }

  void start(Set<Backend> backends) {
    for (Backend backend : backends) {
      switch (backend) {
        case POSTGRESQL -> {
          PostgresServer server = PostgresServer.start();
          add(backend, server, server.url());
        }
        case MARIADB -> {
          MariaDbServer server = MariaDbServer.start();
          add(backend, server, server.url());
        }
        case S3MOCK -> addS3(backend, S3MockServer.startInMemory());
        case CEPH -> {
          // By which its starter knows that it was asked for.
          System.setProperty("checkpoint.s3.ceph", "true");
          addS3(backend, CephRgwServer.start());
        }
        default -> {}
      }
    }
    properties.forEach(System::setProperty);
  }

  private void addS3(Backend backend, S3Server server) {
    properties.putAll(S3Server.credentialProperties());
    add(backend, server, server.endpoint().toString());
  }

  private void add(Backend backend, AutoCloseable server, String url) {
    running.add(server);
    properties.put(backend.urlProperty(), url);
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable server : running) {
      server.close();
    }
  }
}
