// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.CassandraBackend;
import io.millrace.testkit.backend.RequiresBackends;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

@RequiresBackends(cassandra = true)
class CassandraSettlingIT {
  private static <T> T get(CompletionStage<T> answer) {
    return answer.toCompletableFuture().join();
  }

  @Test
  void read_requestsAndAnswersOfTwoInstances_areSeenByBothUntilTheyEnd() {
    String app = Backends.uniqueName("settling");
    CassandraBackend cassandra = Backends.cassandra();
    try (CqlSession session =
        CassandraSchema.open(cassandra.address(), cassandra.datacenter(), 1)) {
      CassandraSettling one = new CassandraSettling(session);
      CassandraSettling other = new CassandraSettling(session);
      assertThat(get(one.read(app))).isEmpty();

      get(one.request(app, "r1"));
      get(other.request(app, "r2"));
      get(other.request(app + "x", "of another application"));
      get(other.answer(app, "r1", "a#0"));
      get(one.answer(app, "r1", "a#1"));
      assertThat(get(other.read(app)))
          .isEqualTo(Map.of("r1", Set.of("a#0", "a#1"), "r2", Set.of()));

      get(one.end(app, "r1"));
      // Too late: nobody asks any more.
      get(other.answer(app, "r1", "a#2"));
      assertThat(get(one.read(app))).isEqualTo(Map.of("r2", Set.of()));
    }
  }

  /** More answers than a page of an answer of Cassandra holds. */
  @Test
  void read_manyParts_areAllThere() {
    String app = Backends.uniqueName("settling");
    CassandraBackend cassandra = Backends.cassandra();
    try (CqlSession session =
        CassandraSchema.open(cassandra.address(), cassandra.datacenter(), 1)) {
      CassandraSettling settling = new CassandraSettling(session);
      get(settling.request(app, "r"));
      Set<String> parts = new HashSet<>();
      for (int i = 0; i < 2_500; i++) {
        parts.add("group#" + i);
      }
      parts.forEach(part -> get(settling.answer(app, "r", part)));

      assertThat(get(settling.read(app))).isEqualTo(Map.of("r", parts));
    }
  }
}
