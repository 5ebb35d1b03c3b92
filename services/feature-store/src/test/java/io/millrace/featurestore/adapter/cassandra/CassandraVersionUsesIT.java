// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import io.millrace.featurestore.version.VersionUses.Book;
import io.millrace.featurestore.view.GenerationStore.Kind;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.CassandraBackend;
import io.millrace.testkit.backend.RequiresBackends;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What instances tell each other, in a real Cassandra. */
@RequiresBackends(cassandra = true)
class CassandraVersionUsesIT {
  private final String app = Backends.uniqueName("uses");

  private static CqlSession open() {
    CassandraBackend cassandra = Backends.cassandra();
    return CassandraSchema.open(cassandra.address(), cassandra.datacenter(), 1);
  }

  private static <T> T get(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  @Test
  void uses_ofTwoInstances_areSeenByBothUntilTheyLeave() {
    try (CqlSession session = open()) {
      CassandraVersionUses one = new CassandraVersionUses(session);
      CassandraVersionUses two = new CassandraVersionUses(session);
      get(one.use(app, Kind.FEATURES, "v1", "one"));
      get(two.use(app, Kind.FEATURES, "v1", "two"));
      get(two.use(app, Kind.FEATURES, "v2", "two"));
      get(two.use(app, Kind.LABELS, "v3", "two"));
      get(one.leave(app, Kind.FEATURES, "v1", "one"));

      Book book = get(one.read(app, Kind.FEATURES));
      assertThat(book.uses()).isEqualTo(Map.of("v1", Set.of("two"), "v2", Set.of("two")));
      assertThat(book.leaving()).isEmpty();
    }
  }

  @Test
  void claim_ofTwoInstances_isOneOnes() {
    try (CqlSession session = open()) {
      CassandraVersionUses one = new CassandraVersionUses(session);
      CassandraVersionUses two = new CassandraVersionUses(session);
      one.retire(app, Kind.FEATURES, "v1");
      assertThat(one.claim(app, Kind.FEATURES, "v1", "", "one")).isTrue();
      assertThat(one.claim(app, Kind.FEATURES, "v1", "", "one")).as("tried again").isTrue();
      two.retire(app, Kind.FEATURES, "v1");
      assertThat(two.claim(app, Kind.FEATURES, "v1", "", "two")).isFalse();
      assertThat(two.strike(app, Kind.FEATURES, "v1", "")).isFalse();
      assertThat(get(two.read(app, Kind.FEATURES)).leaving()).isEqualTo(Map.of("v1", "one"));

      assertThat(one.strike(app, Kind.FEATURES, "v1", "one")).isTrue();
      assertThat(one.strike(app, Kind.FEATURES, "v1", "one")).as("tried again").isTrue();
      assertThat(two.claim(app, Kind.FEATURES, "v1", "", "two")).as("is not to go").isFalse();
      assertThat(get(two.read(app, Kind.FEATURES)).leaving()).isEmpty();
    }
  }
}
