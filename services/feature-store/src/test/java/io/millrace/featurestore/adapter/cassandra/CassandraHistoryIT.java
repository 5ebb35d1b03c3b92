// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import io.millrace.featurestore.adapter.lz4.Lz4Packing;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.CassandraBackend;
import io.millrace.testkit.backend.RequiresBackends;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@RequiresBackends(cassandra = true)
class CassandraHistoryIT {
  @Test
  void appendLate_manyEventsOfOneHour_keepsEachOnceInSeveralPartitions() {
    String app = Backends.uniqueName("late");
    CassandraBackend cassandra = Backends.cassandra();
    try (CqlSession session =
        CassandraSchema.open(cassandra.address(), cassandra.datacenter(), 1)) {
      CassandraHistory history = new CassandraHistory(session, new Lz4Packing());
      HistoryKey key = new HistoryKey(app, "order", "customer", "", "k");
      for (int time = 0; time < 2; time++) {
        for (int i = 0; i < 400; i++) {
          history
              .appendLate(key, new HistoryRow(0, "id" + i, 1_000L + i, 5_000L, new byte[] {1}))
              .toCompletableFuture()
              .join();
        }
      }
      List<Row> partitions =
          session
              .execute(
                  "SELECT app, event, entity, hour, shard, COUNT(*) FROM millrace.late_events WHERE"
                      + " app = '"
                      + app
                      + "' GROUP BY app, event, entity, hour, shard ALLOW FILTERING")
              .all();
      assertThat(partitions.stream().mapToLong(row -> row.getLong(5)).sum()).isEqualTo(400);
      assertThat(partitions).hasSizeGreaterThan(20);
      assertThat(partitions).allMatch(row -> row.getLong(5) < 40);
      assertThat(lateIds(session, app))
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, 400).mapToObj(i -> "id" + i).toList());

      HistoryKey other = new HistoryKey(app + "-2", "order", "customer", "", "k");
      history
          .appendLate(other, new HistoryRow(0, "another", 1_000L, 5_000L, new byte[] {1}))
          .toCompletableFuture()
          .join();
      history.deleteAll(app);
      assertThat(lateIds(session, app)).isEmpty();
      assertThat(lateIds(session, app + "-2")).containsExactly("another");
    }
  }

  private static List<String> lateIds(CqlSession session, String app) {
    return session
        .execute("SELECT id FROM millrace.late_events WHERE app = '" + app + "' ALLOW FILTERING")
        .all()
        .stream()
        .map(row -> String.valueOf(row.getString(0)))
        .toList();
  }
}
