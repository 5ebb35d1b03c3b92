// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Is told of the offsets of a streams application's group, by one thread. */
@FunctionalInterface
interface OffsetWatch {
  /**
   * Takes a look at the group.
   *
   * @param committed what it has committed
   * @param ends where its partitions ended afterwards
   */
  void look(Map<TopicPartition, OffsetAndMetadata> committed, Map<TopicPartition, Long> ends);
}
