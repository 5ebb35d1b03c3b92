// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;

@RequiresBackends(kafka = true, redis = true, cassandra = true)
final class BackendsIT {
  @Test
  void kafka_topicCreated_isListed() throws Exception {
    String topic = Backends.uniqueName("backends");
    try (Admin admin =
        Admin.create(Map.of("bootstrap.servers", Backends.kafka().bootstrapServers()))) {
      admin
          .createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
      assertThat(admin.listTopics().names().get(30, TimeUnit.SECONDS)).contains(topic);
    }
  }

  @Test
  void redis_valueSet_isRead() {
    String key = Backends.uniqueName("backends");
    try (RedisClient client = RedisClient.create(Backends.redis().uri());
        StatefulRedisConnection<String, String> connection = client.connect()) {
      assertThat(connection.sync().get(key)).isNull();
      connection.sync().set(key, "kept");
      assertThat(connection.sync().get(key)).isEqualTo("kept");
    }
  }

  @Test
  void cassandra_keyspaceCreated_isListed() {
    String keyspace = Backends.uniqueName("backends");
    try (CqlSession session =
        CqlSession.builder()
            .addContactPoint(Backends.cassandra().contactPoint())
            .withLocalDatacenter(Backends.cassandra().datacenter())
            // A new keyspace takes longer than the driver's two seconds where the machine is busy.
            .withConfigLoader(
                DriverConfigLoader.programmaticBuilder()
                    .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(30))
                    .build())
            .build()) {
      session.execute(
          "CREATE KEYSPACE "
              + keyspace
              + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
      assertThat(
              session
                  .execute(
                      "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?",
                      keyspace)
                  .all())
          .hasSize(1);
      session.execute("DROP KEYSPACE " + keyspace);
    }
  }

  @Test
  void kafka_askedTwice_isTheSame() {
    assertThat(Backends.kafka()).isSameAs(Backends.kafka());
  }

  @Test
  void uniqueName_goodAndBadStems_differOrAreRefused() {
    assertThat(Backends.uniqueName("ingest"))
        .matches("ingest[0-9a-f]{12}")
        .isNotEqualTo(Backends.uniqueName("ingest"));
    assertThatThrownBy(() -> Backends.uniqueName("Not.this"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
