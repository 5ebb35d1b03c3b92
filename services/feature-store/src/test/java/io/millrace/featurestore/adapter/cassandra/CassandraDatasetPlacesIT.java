// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import io.millrace.featurestore.dataset.DatasetPlaces.Place;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.CassandraBackend;
import io.millrace.testkit.backend.RequiresBackends;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** Which instance has which dataset, in a real Cassandra. */
@RequiresBackends(cassandra = true)
class CassandraDatasetPlacesIT {
  @Test
  void places_ofADataset_areThoseOfTheOtherInstances() {
    String app = Backends.uniqueName("places");
    CassandraBackend cassandra = Backends.cassandra();
    try (CqlSession session =
        CassandraSchema.open(cassandra.address(), cassandra.datacenter(), 1)) {
      Place first = new Place("one", URI.create("http://127.0.0.1:1"));
      Place second = new Place("two", URI.create("http://127.0.0.1:2"));
      CassandraDatasetPlaces one = new CassandraDatasetPlaces(session, first);
      CassandraDatasetPlaces two = new CassandraDatasetPlaces(session, second);
      one.announce(app, "ds-1").toCompletableFuture().join();
      two.announce(app, "ds-1").toCompletableFuture().join();
      two.announce(app, "sp-1").toCompletableFuture().join();

      assertThat(one.others(app, "ds-1")).containsExactly(second);
      assertThat(two.others(app, "ds-1")).containsExactly(first);
      assertThat(two.others(app, "sp-1")).isEmpty();
      assertThat(one.others(app, "ds-2")).isEmpty();
    }
  }

  @Test
  void builder_ofADataset_isTheFirstThatAsksUntilItIsGone() {
    String app = Backends.uniqueName("places");
    CassandraBackend cassandra = Backends.cassandra();
    try (CqlSession session =
        CassandraSchema.open(cassandra.address(), cassandra.datacenter(), 1)) {
      Place first = new Place("one", URI.create("http://127.0.0.1:1"));
      Place second = new Place("two", URI.create("http://127.0.0.1:2"));
      Place third = new Place("three", URI.create("http://127.0.0.1:3"));
      CassandraDatasetPlaces one = new CassandraDatasetPlaces(session, first);
      CassandraDatasetPlaces two = new CassandraDatasetPlaces(session, second);
      CassandraDatasetPlaces three = new CassandraDatasetPlaces(session, third);

      assertThat(one.builder(app, "ds-1", null)).isEmpty();
      assertThat(one.builder(app, "ds-1", null)).as("asked again").isEmpty();
      assertThat(two.builder(app, "ds-1", null)).contains(first);
      assertThat(two.builder(app, "ds-2", null)).as("of another dataset").isEmpty();

      assertThat(two.builder(app, "ds-1", first)).isEmpty();
      assertThat(three.builder(app, "ds-1", first)).as("somebody stands in").contains(second);
      assertThat(one.builder(app, "ds-1", null)).contains(second);
      assertThat(three.builder(app, "ds-3", second)).as("forgotten meanwhile").isEmpty();
    }
  }
}
