package dev.checkpoint4j.store.jdbc;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names of a store's tables, as they stand in its statements. The names of tables are never
 * quoted, so that a database folds them as those of a statement that a person writes; no reserved
 * word ends like one of them.
 *
 * @param schema the schema (of MariaDB and MySQL: the database) that they are in: for a script, as
 *     it was given, or {@code null} for that of the connection that runs it; for the statements of
 *     a store, as the database keeps the name
 * @param qualifier what stands before the names
 * @param prefix what their names begin with
 */
record Tables(@Nullable String schema, String qualifier, String prefix) {

  static final String DEFAULT_PREFIX = "checkpoint_";

  private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9_]{0,29}");
  private static final Pattern SCHEMA = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");

  /** The names of a script. */
  static Tables ofScript(SchemaDialect dialect, @Nullable String schema, String prefix) {
    return new Tables(
        schema,
        schema == null ? "" : dialect.quoted(dialect.foldedByDefault(schema)) + ".",
        prefix);
  }

  /** What is wrong with the names: these are the only texts that become part of a statement. */
  static void check(@Nullable String schema, String prefix, List<String> problems) {
    if (!PREFIX.matcher(prefix).matches()) {
      problems.add(
          "the table prefix '"
              + prefix
              + "' is not a lower-case letter followed by at most 29 lower-case letters, digits and"
              + " underscores");
    }
    if (schema != null && !SCHEMA.matcher(schema).matches()) {
      problems.add(
          "the schema '"
              + schema
              + "' is not a letter or underscore followed by at most 62 letters, digits and"
              + " underscores");
    }
  }

  /** One row a session: its latest version, and the id of that. */
  String session() {
    return qualified("session");
  }

  /** One row a checkpoint. */
  String history() {
    return qualified("history");
  }

  /** One row a migration that was run. */
  String migration() {
    return qualified("migration");
  }

  /** The name of an index, which is in the schema of its table. */
  String index(String name) {
    return prefix + name;
  }

  private String qualified(String name) {
    return inSchema(prefix + name);
  }

  /** A name in the schema. */
  String inSchema(String name) {
    return qualifier + name;
  }
}
