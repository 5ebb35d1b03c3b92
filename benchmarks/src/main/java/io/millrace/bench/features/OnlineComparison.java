// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.bench.BenchException;
import io.millrace.features.pit.KnownEvent;
import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * Holds point-in-time rows, as DuckDB reads them from the file, to what the online read of the same
 * moment gives: a state that takes event by event, is stored and read as bytes as in Redis, and is
 * finalised at that moment. Bit by bit.
 */
final class OnlineComparison {
  /** One in so many customers. */
  private static final int SAMPLE = 50;

  private OnlineComparison() {}

  /**
   * Compares the rows of a sample of customers.
   *
   * @param lines customer → events in the order of the file
   * @param parquet columns {@code customer, moment} and the plan's features, its rows in the order
   *     of the events
   * @return how many values there were
   * @throws BenchException at the first that differs
   */
  static long compare(Map<String, List<KnownEvent>> lines, ViewPlan plan, Path parquet)
      throws SQLException {
    long compared = 0;
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        PreparedStatement rows =
            connection.prepareStatement(
                "SELECT %s FROM read_parquet('%s') WHERE customer = ?"
                    .formatted(String.join(", ", plan.featureNames()), parquet))) {
      int customer = 0;
      for (Map.Entry<String, List<KnownEvent>> each : lines.entrySet()) {
        if (customer++ % SAMPLE == 0) {
          rows.setString(1, each.getKey());
          try (ResultSet row = rows.executeQuery()) {
            compared += compare(each.getKey(), each.getValue(), plan, row);
          }
        }
      }
    }
    return compared;
  }

  private static long compare(
      String customer, List<KnownEvent> events, ViewPlan plan, ResultSet rows) throws SQLException {
    double[] online = new double[plan.size()];
    ViewState state = plan.newState();
    long compared = 0;
    int applied = 0;
    for (KnownEvent moment : events) {
      // What became known at the same moment belongs to the row, as it does to a later read.
      int before = applied;
      while (applied < events.size() && events.get(applied).knownAtMs() <= moment.knownAtMs()) {
        plan.update(state, events.get(applied).fields(), events.get(applied).eventTimeMs());
        applied++;
      }
      if (applied > before) {
        ViewState read = plan.decode(plan.encode(state));
        plan.readDoubles(read, moment.eventTimeMs(), online, 0);
      }
      if (!rows.next()) {
        throw new BenchException(customer + " has fewer rows than order lines");
      }
      for (int feature = 0; feature < online.length; feature++) {
        double offline = rows.getDouble(feature + 1);
        boolean missing = rows.wasNull();
        if (missing
            ? !Double.isNaN(online[feature])
            : Double.doubleToLongBits(offline) != Double.doubleToLongBits(online[feature])) {
          throw new BenchException(
              "%s of %s at %d: %s in the row, %s online"
                  .formatted(
                      plan.featureNames().get(feature),
                      customer,
                      moment.eventTimeMs(),
                      missing ? "nothing" : Double.toString(offline),
                      online[feature]));
        }
        compared++;
      }
    }
    if (rows.next()) {
      throw new BenchException(customer + " has more rows than order lines");
    }
    return compared;
  }
}
