// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.datastax.oss.driver.api.core.CqlSession;
import io.millrace.featurestore.adapter.lz4.Lz4Packing;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRun;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.CassandraBackend;
import io.millrace.testkit.backend.RequiresBackends;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@RequiresBackends(cassandra = true)
class CassandraHistoryRunsIT {
  private static HistoryRun run(int from, int to) {
    HistoryRun run = new HistoryRun(from);
    for (int seq = from; seq <= to; seq++) {
      run.add("id" + seq, seq, seq, ("{\"n\":" + seq + "}").getBytes(StandardCharsets.UTF_8));
    }
    return run;
  }

  private static List<Long> read(HistoryStore history, HistoryKey key, long after) {
    List<Long> seqs = new ArrayList<>();
    history.read(
        key,
        after,
        row -> {
          assertThat(row.event().fields().get("n")).asString().isEqualTo("" + row.seq());
          seqs.add(row.seq());
          return true;
        });
    return seqs;
  }

  private static List<Long> numbers(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(each -> (long) each).toList();
  }

  /** Who writes the same events again may cut them in another way, and be late with it. */
  @Test
  void append_shorterRunOverALongerOne_losesNothing() {
    CassandraBackend cassandra = Backends.cassandra();
    try (CqlSession session =
        CassandraSchema.open(cassandra.address(), cassandra.datacenter(), 1)) {
      CassandraHistory history = new CassandraHistory(session, new Lz4Packing());
      HistoryKey key = new HistoryKey(Backends.uniqueName("runs"), "order", "customer", "", "k");
      history.append(key, run(1, 150)).toCompletableFuture().join();
      history.append(key, run(1, 100)).toCompletableFuture().join();
      history.append(key, run(101, 130)).toCompletableFuture().join();
      history.append(key, run(151, 160)).toCompletableFuture().join();

      assertThat(read(history, key, 0)).isEqualTo(numbers(1, 160));
      assertThat(read(history, key, 120)).isEqualTo(numbers(121, 160));
    }
  }

  @Test
  void delete_lineageThenAll_removesNothingElse() {
    CassandraBackend cassandra = Backends.cassandra();
    String app = Backends.uniqueName("lineages");
    try (CqlSession session =
        CassandraSchema.open(cassandra.address(), cassandra.datacenter(), 1)) {
      CassandraHistory history = new CassandraHistory(session, new Lz4Packing());
      HistoryKey one = new HistoryKey(app, "order", "customer", "one", "k");
      HistoryKey two = new HistoryKey(app, "order", "customer", "two", "k");
      HistoryKey former = new HistoryKey(app, "order", "customer", "", "k");
      HistoryKey other = new HistoryKey(app + "2", "order", "customer", "one", "k");
      List<HistoryKey> all = List.of(one, two, former, other);
      for (HistoryKey key : all) {
        for (int from = 1; from < HistoryStore.BUCKET_ROWS + 200; from += 128) {
          history.append(key, run(from, from + 127)).toCompletableFuture().join();
        }
      }
      history.deleteLineage(app, "one");
      assertThat(all.stream().filter(key -> !read(history, key, 0).isEmpty()))
          .containsExactly(two, former, other);
      assertThat(read(history, one, HistoryStore.BUCKET_ROWS)).isEmpty();

      history.deleteAll(app);
      assertThat(all.stream().filter(key -> !read(history, key, 0).isEmpty()))
          .containsExactly(other);
      assertThat(read(history, two, HistoryStore.BUCKET_ROWS)).isEmpty();
    }
  }

  @Test
  void open_tableOfAnEarlierVersion_isRefusedWithAdvice() {
    CassandraBackend cassandra = Backends.cassandra();
    try (CqlSession session =
        CassandraSchema.open(cassandra.address(), cassandra.datacenter(), 1)) {
      session.execute("CREATE TABLE millrace.history (app text PRIMARY KEY)");
      try {
        assertThatThrownBy(
                () -> CassandraSchema.open(cassandra.address(), cassandra.datacenter(), 1))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("earlier version")
            .hasMessageContaining("down --purge");
      } finally {
        session.execute("DROP TABLE millrace.history");
      }
    }
  }
}
