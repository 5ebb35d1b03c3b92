// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each server starts, serves, and keeps its data over a stop and over a crash. */
final class LocalBackendsIT {
  private static final Duration READY = Duration.ofSeconds(90);

  private static final String KEYSPACE =
      "CREATE KEYSPACE kept WITH replication ="
          + " {'class': 'SimpleStrategy', 'replication_factor': 1}";

  private final MillraceHome home = MillraceHome.find();
  @TempDir private Path data;

  @Test
  void kafka_stopAndCrash_keepsItsRecords() throws Exception {
    LocalKafka kafka = new LocalKafka(home, options(512));
    cycle(
        kafka,
        () -> {
          try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin
                .createTopics(List.of(new NewTopic("kept", 1, (short) 1)))
                .all()
                .get(30, TimeUnit.SECONDS);
          }
          produce(kafka, "first");
        },
        () -> {
          assertThat(consume(kafka, 1)).containsExactly("first");
          produce(kafka, "second");
        },
        () -> assertThat(consume(kafka, 2)).containsExactly("first", "second"));
  }

  @Test
  void redis_stopAndCrash_keepsItsValues() throws Exception {
    LocalRedis redis = new LocalRedis(home, options(64));
    cycle(
        redis,
        () -> assertThat(redis(redis, "SET", "first", "1")).isEqualTo("OK"),
        () -> {
          assertThat(redis(redis, "GET", "first", "")).isEqualTo("1");
          assertThat(redis(redis, "SET", "second", "2")).isEqualTo("OK");
        },
        () -> {
          assertThat(redis(redis, "GET", "first", "")).isEqualTo("1");
          assertThat(redis(redis, "GET", "second", "")).isEqualTo("2");
        });
  }

  @Test
  void cassandra_stopAndCrash_keepsItsRows() throws Exception {
    LocalCassandra cassandra = new LocalCassandra(home, options(768));
    cycle(
        cassandra,
        () -> {
          cql(
              cassandra,
              KEYSPACE,
              "CREATE TABLE kept.rows (id int PRIMARY KEY, embedding vector<float, 2>)",
              "INSERT INTO kept.rows (id, embedding) VALUES (1, [0.5, 0.25])");
        },
        () -> {
          assertThat(cql(cassandra, "SELECT * FROM kept.rows")).isEqualTo(1);
          cql(cassandra, "INSERT INTO kept.rows (id, embedding) VALUES (2, [0.5, 0.25])");
        },
        () -> assertThat(cql(cassandra, "SELECT * FROM kept.rows")).isEqualTo(2));
  }

  /** A commit log that is written every so often lost what it had acknowledged a moment before. */
  @Test
  void cassandra_killedWhileRowsAreWritten_keepsEveryAcknowledgedRow() throws Exception {
    LocalCassandra cassandra = new LocalCassandra(home, options(768));
    Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
    try {
      cassandra.start();
      cassandra.awaitReady(READY);
      try (CqlSession session = session(cassandra)) {
        session.execute(KEYSPACE);
        session.execute("CREATE TABLE kept.rows (id int PRIMARY KEY)");
        PreparedStatement insert = session.prepare("INSERT INTO kept.rows (id) VALUES (?)");
        Thread writer =
            Thread.ofVirtual().start(() -> writeUntilRefused(session, insert, acknowledged));
        Waiting.until(() -> acknowledged.size() >= 2_000, READY);
        cassandra.kill();
        writer.join();
      }
      cassandra.start();
      cassandra.awaitReady(READY);
      try (CqlSession session = session(cassandra)) {
        Set<Integer> kept = new HashSet<>();
        session.execute("SELECT id FROM kept.rows").forEach(row -> kept.add(row.getInt(0)));
        assertThat(kept).containsAll(acknowledged);
      }
    } finally {
      cassandra.stop();
    }
  }

  /** Sixteen rows at once, until one is not acknowledged. */
  private static void writeUntilRefused(
      CqlSession session, PreparedStatement insert, Set<Integer> acknowledged) {
    boolean refused = false;
    for (int first = 0; !refused; first += 16) {
      List<CompletableFuture<AsyncResultSet>> sent = new ArrayList<>();
      for (int id = first; id < first + 16; id++) {
        sent.add(session.executeAsync(insert.bind(id)).toCompletableFuture());
      }
      for (int i = 0; i < sent.size(); i++) {
        try {
          sent.get(i).join();
          acknowledged.add(first + i);
        } catch (CompletionException e) {
          refused = true;
        }
      }
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  /** Start, write, stop, start, read and write, crash, start, read. */
  private static void cycle(Backend backend, Step write, Step readAndWrite, Step read)
      throws Exception {
    try {
      backend.start();
      backend.awaitReady(READY);
      write.run();
      String address = backend.address();
      long pid = backend.pid().orElseThrow();
      backend.stop();
      assertThat(backend.pid()).isEqualTo(OptionalLong.empty());
      assertThat(ProcessIdentity.of(pid)).isEmpty();

      backend.start();
      backend.awaitReady(READY);
      assertThat(backend.address()).isEqualTo(address);
      readAndWrite.run();
      backend.kill();
      assertThat(backend.pid()).isEqualTo(OptionalLong.empty());

      backend.start();
      backend.awaitReady(READY);
      read.run();
    } finally {
      backend.stop();
    }
  }

  private BackendOptions options(int memoryMb) {
    return new BackendOptions(data, 0, memoryMb, Lifetime.ofThisProcess());
  }

  private static void produce(LocalKafka kafka, String value) throws Exception {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all");
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>("kept", value)).get(30, TimeUnit.SECONDS);
    }
  }

  private static List<String> consume(LocalKafka kafka, int count) {
    List<String> values = new ArrayList<>();
    Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrapServers());
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      TopicPartition partition = new TopicPartition("kept", 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      Waiting.until(
          () -> {
            consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            return values.size() >= count;
          },
          Duration.ofSeconds(30));
    }
    return values;
  }

  private static String redis(LocalRedis redis, String command, String key, String value) {
    try (RedisClient client = RedisClient.create(redis.uri());
        StatefulRedisConnection<String, String> connection = client.connect()) {
      return command.equals("GET") ? connection.sync().get(key) : connection.sync().set(key, value);
    }
  }

  private static int cql(LocalCassandra cassandra, String... statements) {
    try (CqlSession session = session(cassandra)) {
      int rows = 0;
      for (String statement : statements) {
        rows = session.execute(statement).all().size();
      }
      return rows;
    }
  }

  private static CqlSession session(LocalCassandra cassandra) {
    return CqlSession.builder()
        .addContactPoint(cassandra.contactPoint())
        .withLocalDatacenter(LocalCassandra.DATACENTER)
        // A new keyspace takes longer than the driver's two seconds where the machine is busy.
        .withConfigLoader(
            DriverConfigLoader.programmaticBuilder()
                .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(30))
                .build())
        .build();
  }
}
