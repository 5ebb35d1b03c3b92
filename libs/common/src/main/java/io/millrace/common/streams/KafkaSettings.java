// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.streams;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The one place where Kafka clients and Streams applications get their settings. Precedence: what a
 * caller adds to the returned map overrides what stands here.
 *
 * @param bootstrapServers {@code host:port[,host:port]}
 * @param sessionTimeout how long a member of a consumer group may be silent before the others take
 *     over its share, 6 s to 10 min: what a broker allows unless it is configured otherwise, of the
 *     session and of transactions that are half as long again
 */
public record KafkaSettings(String bootstrapServers, Duration sessionTimeout) {
  private static final Duration DEFAULT_SESSION_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LEAST_SESSION_TIMEOUT = Duration.ofSeconds(6);
  private static final Duration MOST_SESSION_TIMEOUT = Duration.ofMinutes(10);

  /**
   * So many heartbeats may be lost, and one more, before a member counts as gone. Members learn of
   * a change of the group by the answer to one, so that rare ones make every change slow.
   */
  private static final int HEARTBEATS_PER_SESSION = 5;

  /**
   * Each commit writes a marker to every partition that was written to, and the next transaction
   * waits for them: at 100 ms the broker was busier with markers than with records.
   */
  private static final int COMMIT_MS = 200;

  public KafkaSettings {
    if (sessionTimeout.compareTo(LEAST_SESSION_TIMEOUT) < 0
        || sessionTimeout.compareTo(MOST_SESSION_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "MILLRACE_SESSION_TIMEOUT is 6s to 10m, not " + sessionTimeout);
    }
  }

  /** With the session timeout that services have by default. */
  public KafkaSettings(String bootstrapServers) {
    this(bootstrapServers, DEFAULT_SESSION_TIMEOUT);
  }

  /** Idempotent, {@code acks=all}, a little batching. */
  public Map<String, Object> producer() {
    Map<String, Object> config = common();
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 2);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
    return config;
  }

  /**
   * Reads from the beginning where the group has no offset, only committed records, no auto-commit.
   */
  public Map<String, Object> consumer(String group) {
    Map<String, Object> config = common();
    config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(CommonClientConfigs.METADATA_MAX_AGE_CONFIG, 5_000);
    config.putAll(session());
    return config;
  }

  /** What every member of a consumer group has of these. */
  public Map<String, Object> session() {
    int timeoutMs = Math.toIntExact(sessionTimeout.toMillis());
    return Map.of(
        ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
        timeoutMs,
        ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
        timeoutMs / HEARTBEATS_PER_SESSION);
  }

  public Map<String, Object> admin() {
    Map<String, Object> config = common();
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 15_000);
    return config;
  }

  /**
   * Exactly-once (v2), explicit names, bounded memory.
   *
   * @param applicationId also the prefix of internal topics and the consumer group
   * @param stateDir where local stores live
   */
  public Properties streams(String applicationId, Path stateDir) {
    Properties config = new Properties();
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    config.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_MS);
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    config.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 16L * 1024 * 1024);
    config.put(StreamsConfig.topicPrefix("retention.ms"), "-1");
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    session().forEach((name, value) -> config.put(StreamsConfig.consumerPrefix(name), value));
    config.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    config.put(CommonClientConfigs.METADATA_MAX_AGE_CONFIG, 5_000);
    return config;
  }

  private Map<String, Object> common() {
    Map<String, Object> config = new HashMap<>();
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 2_000);
    return config;
  }
}
