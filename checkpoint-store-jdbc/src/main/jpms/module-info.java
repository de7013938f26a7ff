module dev.checkpoint4j.store.jdbc {
  requires transitive dev.checkpoint4j;
  requires transitive java.sql;
  requires static transitive org.jspecify;
  requires static com.zaxxer.hikari;
  requires org.jdbi.v3.core;
  // Jdbi is an automatic module, which does not name what it needs.
  requires io.leangen.geantyref;
  requires org.slf4j;

  exports dev.checkpoint4j.store.jdbc;

  uses java.sql.Driver;

  provides dev.checkpoint4j.spi.BackendProvider with
      dev.checkpoint4j.store.jdbc.JdbcBackendProvider;
}
