// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest;

import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.TopicRecords;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads a topic of the tests' broker from its beginning to its end. */
final class Log {
  private Log() {}

  private static KafkaSettings kafka() {
    return new KafkaSettings(Backends.kafka().bootstrapServers());
  }

  static List<ConsumerRecord<byte[], byte[]>> records(String topic) {
    return TopicRecords.bytes(kafka(), topic);
  }

  static <T> List<T> values(Topic<?, T> topic) {
    return TopicRecords.values(kafka(), topic);
  }
}
