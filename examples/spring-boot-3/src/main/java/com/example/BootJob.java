package com.example;

import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.core.Checkpoints;
import dev.checkpoint4j.store.jdbc.JdbcBackendStorage;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** A job of ten steps in two stores: a directory, and the database of the application. */
@SpringBootApplication
public class BootJob {

  public static void main(String[] args) {
    SpringApplication.run(BootJob.class, "--spring.datasource.url=jdbc:h2:./db;WRITE_DELAY=0");
  }

  /** Spring closes the repository. */
  @Bean
  CheckpointRepository inFiles() {
    return Checkpoints.open("file:./state");
  }

  /** The pool stays Spring's. */
  @Bean
  CheckpointRepository inDatabase(DataSource dataSource) {
    return Checkpoints.builder()
        .storage(JdbcBackendStorage.builder().dataSource(dataSource).open())
        .build();
  }

  @Bean
  CommandLineRunner job(Map<String, CheckpointRepository> repositories) {
    return args ->
        repositories.forEach(
            (name, repo) -> {
              int done =
                  repo.getBySession("nightly-job")
                      .flatMap(latest -> latest.value("done", Integer.class))
                      .orElse(0);
              System.out.println(name + " resuming after step " + done);
              for (int step = done + 1; step <= 10; step++) {
                repo.save("nightly-job", Map.of("done", step));
              }
            });
  }
}
