// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.kafka;

import io.millrace.common.contract.EventRejected;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.telemetry.TraceHeaders;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Dead letters for records that cannot be answered, in the trace of the record. Immutable. */
final class Rejections {
  private static final int PAYLOAD_BYTES_MAX = 16 * 1024;

  private final ApplicationDefinition definition;
  private final Topic<String, EventRejected> topic;
  private final InstantSource clock;
  private final boolean personal;

  Rejections(ApplicationDefinition definition, InstantSource clock) {
    this.definition = definition;
    this.topic = new Topics(definition.name()).rejected();
    this.clock = clock;
    this.personal =
        definition.events().values().stream().anyMatch(each -> !each.personal().isEmpty());
  }

  ProducerRecord<byte[], byte[]> of(
      ConsumerRecord<byte[], byte[]> record, String reason, String message) {
    String origin = record.topic() + "/" + record.partition() + "/" + record.offset();
    byte[] value = record.value();
    // What cannot be read cannot be cleaned of personal values either.
    String payload =
        value == null || personal || value.length > PAYLOAD_BYTES_MAX
            ? null
            : new String(value, StandardCharsets.UTF_8);
    EventRejected rejected =
        new EventRejected(
            definition.name(),
            origin,
            null,
            "inference",
            reason,
            null,
            message,
            origin,
            payload,
            clock.millis());
    Headers headers = new RecordHeaders();
    TraceHeaders.inject(TraceHeaders.extract(record.headers()), headers);
    return new ProducerRecord<>(
        topic.name(),
        null,
        null,
        topic.keySerde().serializer().serialize(topic.name(), origin),
        topic.valueSerde().serializer().serialize(topic.name(), headers, rejected),
        headers);
  }
}
