// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.file.Files;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each server starts, serves, and keeps its data over a stop and over a crash. */
final class LocalBackendsIT {
  private static final Duration READY = Duration.ofSeconds(90);

  private static final String TOPIC = "kept";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
  private static final Duration TRANSACTION = Duration.ofSeconds(1);

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
          createTopic(kafka);
          produce(kafka, "first");
        },
        () -> {
          assertThat(consume(kafka, 1)).containsExactly("first");
          produce(kafka, "second");
        },
        () -> assertThat(consume(kafka, 2)).containsExactly("first", "second"));
  }

  @Test
  void kafka_dataOfALaterBroker_areRefusedWithAdvice() throws Exception {
    LocalKafka kafka = new LocalKafka(home, options(512));
    Files.createFile(Files.createDirectories(data.resolve("data")).resolve("meta.properties"));
    Files.writeString(data.resolve("broker.version"), "99.0.0\n");

    assertThatThrownBy(kafka::start)
        .isInstanceOf(LocalException.class)
        .hasMessageContainingAll("99.0.0", "down --purge");
  }

  /**
   * Kafka 4.1.0 to 4.4.0 fail here: they forget the abort markers of a transaction that is timed
   * out while they start. Then its records block readers, until the producer's next commit commits
   * them.
   */
  @Test
  void kafka_killedInATransactionThatTimesOut_abortsIt() throws Exception {
    LocalKafka kafka = new LocalKafka(home, options(512));
    try {
      kafka.start();
      kafka.awaitReady(READY);
      createTopic(kafka);
      KafkaProducer<String, String> killed = transactional(kafka);
      try {
        killed.beginTransaction();
        killed.send(new ProducerRecord<>(TOPIC, "aborted")).get(30, TimeUnit.SECONDS);
        long timedOut = System.nanoTime() + TRANSACTION.toNanos();
        kafka.kill();
        Waiting.until(() -> System.nanoTime() - timedOut > 0, READY);
        kafka.start();
        kafka.awaitReady(READY);
        Waiting.until(() -> stableEnd(kafka) == end(kafka), Duration.ofSeconds(30));
      } finally {
        killed.close(Duration.ZERO);
      }
      try (KafkaProducer<String, String> next = transactional(kafka)) {
        next.beginTransaction();
        next.send(new ProducerRecord<>(TOPIC, "committed"));
        next.commitTransaction();
      }
      assertThat(consume(kafka, 1)).containsExactly("committed");
    } finally {
      kafka.stop();
    }
  }

  private static KafkaProducer<String, String> transactional(LocalKafka kafka) {
    KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "transactional.id",
                "one",
                "transaction.timeout.ms",
                (int) TRANSACTION.toMillis()),
            new StringSerializer(),
            new StringSerializer());
    producer.initTransactions();
    return producer;
  }

  /** Where readers of committed records come to. */
  private static long stableEnd(LocalKafka kafka) {
    return end(kafka, IsolationLevel.READ_COMMITTED);
  }

  private static long end(LocalKafka kafka) {
    return end(kafka, IsolationLevel.READ_UNCOMMITTED);
  }

  private static long end(LocalKafka kafka, IsolationLevel isolation) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      return admin
          .listOffsets(Map.of(PARTITION, OffsetSpec.latest()), new ListOffsetsOptions(isolation))
          .partitionResult(PARTITION)
          .get(30, TimeUnit.SECONDS)
          .offset();
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
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

  private static void createTopic(LocalKafka kafka) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin
          .createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
  }

  private static void produce(LocalKafka kafka, String value) throws Exception {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all");
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>(TOPIC, value)).get(30, TimeUnit.SECONDS);
    }
  }

  private static List<String> consume(LocalKafka kafka, int count) {
    List<String> values = new ArrayList<>();
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed");
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(PARTITION));
      consumer.seekToBeginning(List.of(PARTITION));
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
