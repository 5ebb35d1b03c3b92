// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.common.serde.EventSerde;
import io.millrace.featurestore.history.Moment;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.CassandraBackend;
import io.millrace.testkit.backend.RequiresBackends;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@RequiresBackends(cassandra = true)
class CassandraMomentsIT {
  private static final long HOUR_MS = 3_600_000;
  private static final long T0 = 1_700_000_400_000L;

  private final String app = Backends.uniqueName("moments");
  private final CassandraBackend cassandra = Backends.cassandra();
  private final CqlSession session =
      CassandraSchema.open(cassandra.address(), cassandra.datacenter(), 1);
  private final CassandraMoments moments = new CassandraMoments(session);
  private final Random random = new Random(5);
  private final List<CompletableFuture<Void>> writes = new ArrayList<>();

  /** What was written: id → (time, shard). */
  private final Map<String, Written> written = new HashMap<>();

  private record Written(String id, long momentMs, int shard) {}

  @AfterEach
  void close() {
    session.close();
  }

  private void put(Written each) {
    Event event =
        new Event(app, "order", each.id(), "k", each.momentMs(), each.momentMs(), Map.of("n", 1L));
    writes.add(
        moments
            .put(
                "label",
                0,
                each.shard(),
                event,
                Map.of("customer", "k"),
                EventSerde.writeData(event.data()))
            .toCompletableFuture());
    written.put(each.id(), each);
  }

  private void label(Written each, double value) {
    OutcomeLabelled label =
        new OutcomeLabelled(
            app,
            each.id(),
            Map.of("customer", "k"),
            each.momentMs(),
            each.momentMs(),
            value,
            Provenance.OBSERVED,
            1,
            null,
            each.momentMs(),
            each.momentMs());
    writes.add(moments.label("label", each.shard(), label).toCompletableFuture());
  }

  private void durable() {
    moments.flush();
    CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new)).join();
  }

  private List<Moment> read(long from, long to) {
    List<Moment> read = new ArrayList<>();
    moments.read(app, "label", from, to, read::add);
    return read;
  }

  private List<String> expected(long from, long to) {
    return written.values().stream()
        .filter(each -> each.momentMs() >= from && each.momentMs() < to)
        .sorted(Comparator.comparingLong(Written::momentMs).thenComparing(Written::id))
        .map(Written::id)
        .toList();
  }

  @Test
  void read_hoursOfOneAndOfManyShards_isInOrderOfTimeAndId() {
    int[] shards = {1, 40, 1, 3, 7};
    for (int i = 0; i < 6_000; i++) {
      int hour = random.nextInt(shards.length);
      // Many at one time, so that the id decides.
      long momentMs = T0 + hour * HOUR_MS + random.nextInt(300) * 1_000L;
      put(new Written("id" + i, momentMs, random.nextInt(shards[hour])));
    }
    durable();
    written.values().forEach(each -> label(each, each.id().hashCode()));
    durable();

    List<Moment> all = read(Long.MIN_VALUE / 2, Long.MAX_VALUE / 2);
    assertThat(all.stream().map(Moment::id))
        .containsExactlyElementsOf(expected(Long.MIN_VALUE, Long.MAX_VALUE));
    assertThat(all)
        .allSatisfy(
            each -> {
              assertThat(each.label()).isNotNull();
              assertThat(each.label().value()).isEqualTo(each.id().hashCode());
            });
    long from = T0 + HOUR_MS / 30;
    long to = T0 + 3 * HOUR_MS + HOUR_MS / 25;
    assertThat(read(from, to).stream().map(Moment::id))
        .isNotEmpty()
        .containsExactlyElementsOf(expected(from, to));
  }

  @Test
  void label_correctedWhileOthersFlush_staysCorrected() throws InterruptedException {
    List<Written> some = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      some.add(new Written("id" + i, T0 + i % 600, i % 5));
      put(some.getLast());
    }
    durable();
    AtomicBoolean ended = new AtomicBoolean();
    List<Thread> others = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      others.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!ended.get()) {
                      moments.flush();
                    }
                  }));
    }
    for (Written each : some) {
      label(each, 0);
      label(each, 1);
    }
    ended.set(true);
    for (Thread other : others) {
      other.join();
    }
    durable();

    assertThat(read(Long.MIN_VALUE / 2, Long.MAX_VALUE / 2))
        .hasSize(some.size())
        .allSatisfy(
            each -> {
              assertThat(each.label()).isNotNull();
              assertThat(each.label().value()).isEqualTo(1);
            });
  }

  @Test
  void put_shards_liesInPartitionsOfTheirOwn() {
    for (int i = 0; i < 300; i++) {
      put(new Written("id" + i, T0 + i, i % 3));
    }
    durable();
    assertThat(
            session
                .execute(
                    "SELECT app, label, hour, shard, COUNT(*) FROM millrace.moments WHERE app = '"
                        + app
                        + "' GROUP BY app, label, hour, shard ALLOW FILTERING")
                .all())
        .hasSize(3)
        .allSatisfy(partition -> assertThat(partition.getLong(4)).isEqualTo(100));
  }

  @Test
  void delete_severalShards_leavesNothing() {
    for (int i = 0; i < 50; i++) {
      put(new Written("id" + i, T0 + i * HOUR_MS / 10, i % 4));
    }
    durable();
    assertThat(read(0, Long.MAX_VALUE / 2)).hasSize(50);
    moments.delete(app, "label");
    assertThat(read(0, Long.MAX_VALUE / 2)).isEmpty();
    assertThat(
            session
                .execute(
                    "SELECT id FROM millrace.moments WHERE app = '" + app + "' ALLOW FILTERING")
                .all())
        .isEmpty();
  }
}
