package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.store.jdbc.SchemaDialect.Column;
import dev.checkpoint4j.tck.Fault;
import dev.checkpoint4j.tck.FaultInjector;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** The faults of a connection, and rows that are copied over others past the store. */
record RowCopier(FaultyDriver.Line line, Dialect dialect, String url, String prefix)
    implements FaultInjector {

  private static final Set<String> OF_THE_KEYS = Set.of("namespace", "session_id", "version", "id");

  @Override
  public Set<Fault> faults() {
    Set<Fault> faults = EnumSet.copyOf(line.faults());
    faults.add(Fault.COPIED_RECORD);
    return faults;
  }

  @Override
  public void arm(Fault fault, int passes) {
    line.arm(fault, passes);
  }

  @Override
  public void disarm() {
    line.disarm();
  }

  @Override
  public void flipByte(Checkpoint stored, Random random) {
    line.flipByte(stored, random);
  }

  @Override
  public void copyRecord(Checkpoint source, Checkpoint target) {
    List<Column> copied =
        dialect.schema().historyColumns().stream()
            .filter(column -> !OF_THE_KEYS.contains(column.name()))
            .toList();
    String where = " WHERE namespace = ? AND id = ?";
    try (Connection connection = DriverManager.getConnection(url);
        PreparedStatement select =
            connection.prepareStatement(
                copied.stream()
                    .map(Column::name)
                    .collect(
                        Collectors.joining(
                            ", ", "SELECT ", " FROM " + prefix + "history" + where)));
        PreparedStatement update =
            connection.prepareStatement(
                copied.stream()
                    .map(column -> column.name() + " = ?")
                    .collect(
                        Collectors.joining(", ", "UPDATE " + prefix + "history SET ", where)))) {
      ExplainedDatabase.set(select, key(source));
      List<Object> arguments = new ArrayList<>();
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw new IllegalStateException("not stored: " + source);
        }
        for (Column column : copied) {
          arguments.add(value(row, column));
        }
      }
      arguments.addAll(key(target));
      ExplainedDatabase.set(update, arguments);
      if (update.executeUpdate() != 1) {
        throw new IllegalStateException("not stored: " + target);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the row of a checkpoint cannot be copied", e);
    }
  }

  private List<Object> key(Checkpoint checkpoint) {
    return List.of(
        dialect.statements().id(checkpoint.namespace()), dialect.statements().id(checkpoint.id()));
  }

  private Object value(ResultSet row, Column column) throws SQLException {
    if (column.type().equals("BIGINT")) {
      return row.getLong(column.name());
    }
    boolean isBytes = column.type().equals(dialect.schema().bytesType());
    Object value =
        isBytes || column.type().startsWith("VARBINARY")
            ? row.getBytes(column.name())
            : row.getString(column.name());
    if (value != null) {
      return value;
    }
    return isBytes ? DbSession.Null.BYTES : DbSession.Null.TEXT;
  }
}
