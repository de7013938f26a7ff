package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.tck.BackendStorageTck;
import dev.checkpoint4j.tck.FaultInjector;
import dev.checkpoint4j.tck.TckScope;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** The TCK on a database, with tables of their own for each test. */
abstract class JdbcTck extends BackendStorageTck {

  private final JdbcDialect dialect;
  private final Durability durability;

  JdbcTck(JdbcDialect dialect, Durability durability) {
    this.dialect = dialect;
    this.durability = durability;
  }

  /** The database of a test. */
  abstract String url(TckScope scope);

  /** Changes how the store is opened. */
  void configure(JdbcBackendStorageBuilder builder) {}

  private JdbcBackendStorageBuilder builder(TckScope scope) {
    return JdbcBackendStorage.builder()
        .url(FaultyDriver.url(scope.name(), url(scope)))
        .dialect(dialect)
        .tablePrefix(scope.name() + "_")
        .schemaMode(SchemaMode.CREATE)
        .codec(scope.codec());
  }

  @Override
  protected BackendStorage open(TckScope scope) {
    JdbcBackendStorageBuilder builder = builder(scope);
    configure(builder);
    return builder.open();
  }

  @Override
  protected void dispose(TckScope scope) {
    FaultyDriver.forget(scope.name());
  }

  @Override
  protected Set<Capability> expectedCapabilities() {
    return Set.of(Capability.ATTRIBUTE_QUERY);
  }

  @Override
  protected Optional<Durability> expectedDurability() {
    return Optional.of(durability);
  }

  @Override
  protected Optional<FaultInjector> faultInjector(TckScope scope) {
    return Optional.of(
        new RowCopier(
            FaultyDriver.line(scope.name()), dialect.make(), url(scope), scope.name() + "_"));
  }

  @Override
  protected Optional<LongSupplier> operationCounter(TckScope scope) {
    return Optional.of(FaultyDriver.line(scope.name())::operations);
  }
}
