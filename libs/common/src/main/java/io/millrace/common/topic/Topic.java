// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.topic;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/**
 * A topic with its types.
 *
 * @param name full name
 * @param partitions number of partitions at creation
 * @param retention how long records stay; null means for ever
 * @param compacted whether only the last record of a key is kept
 * @param owner the service that creates it
 */
public record Topic<K, V>(
    String name,
    Serde<K> keySerde,
    Serde<V> valueSerde,
    int partitions,
    @Nullable Duration retention,
    boolean compacted,
    String owner) {

  /** How the broker is asked for it; replication is the broker's default. */
  public NewTopic toNewTopic() {
    Map<String, String> config = new TreeMap<>();
    config.put(
        TopicConfig.CLEANUP_POLICY_CONFIG,
        compacted ? TopicConfig.CLEANUP_POLICY_COMPACT : TopicConfig.CLEANUP_POLICY_DELETE);
    config.put(
        TopicConfig.RETENTION_MS_CONFIG,
        retention == null ? "-1" : Long.toString(retention.toMillis()));
    return new NewTopic(name, java.util.Optional.of(partitions), java.util.Optional.empty())
        .configs(config);
  }
}
