package dev.checkpoint4j.cli;

import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.cli.support.StoreAddress;
import dev.checkpoint4j.cli.support.StoreCommand;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.store.jdbc.JdbcBackendProvider;
import dev.checkpoint4j.store.jdbc.JdbcUrl;
import picocli.CommandLine.Command;

/** Prints the script that creates the tables of a store. */
@Command(
    name = "schema",
    description = {
      "Prints the SQL script that creates the tables of a JDBC store. Run it as a user who may create"
          + " tables, or copy it into a migration of Flyway or Liquibase.",
      "Does not connect to the database: its URL only names the kind of database."
    },
    footer = {
      "",
      "For example:",
      "  checkpoint schema --store jdbc:postgresql://host/db --option schema=app > tables.sql"
    })
final class SchemaCommand extends StoreCommand {

  @Override
  public Integer call() {
    StoreAddress store = store();
    if (!JdbcUrl.isOne(store.url())) {
      throw wrongUsage(
          "only JDBC stores have a schema; their URLs start with jdbc:, for example"
              + " jdbc:postgresql://host/db");
    }
    JdbcBackendProvider provider = new JdbcBackendProvider();
    out().print(provider.schemaScript(BackendConfig.parse(provider, store.url(), store.options())));
    return ExitCode.OK;
  }
}
