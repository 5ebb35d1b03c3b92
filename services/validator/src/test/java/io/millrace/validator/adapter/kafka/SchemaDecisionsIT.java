// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.SchemaDecided;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** What was decided is read from its topic as it stands. */
@RequiresBackends(kafka = true)
final class SchemaDecisionsIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final KafkaSettings settings = new KafkaSettings(Backends.kafka().bootstrapServers());
  private final SchemaDecisions decisions = new SchemaDecisions(settings, LIMIT);

  private static SchemaDecided decision(String app, int number) {
    return new SchemaDecided(app, "view", number, List.of(), null, "ada", "x", number);
  }

  @Test
  void soFar_allThatCanBeRead_inItsOrder() throws Exception {
    String app = Backends.uniqueName("decisions");
    Topic<String, SchemaDecided> topic = new Topics(app).schemaDecisions();
    try (Admin admin = Admin.create(settings.admin());
        KafkaProducer<String, byte[]> producer =
            new KafkaProducer<>(
                settings.producer(), new StringSerializer(), new ByteArraySerializer())) {
      TopicCreation.ensure(admin, List.of(topic), LIMIT);
      assertThat(decisions.soFar(app)).isEmpty();
      for (int i = 0; i < 3; i++) {
        byte[] bytes = topic.valueSerde().serializer().serialize(topic.name(), decision(app, i));
        producer.send(new ProducerRecord<>(topic.name(), "view", bytes)).get();
        byte[] none = "{\"by\": ".getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(topic.name(), "view", none)).get();
        producer.send(new ProducerRecord<>(topic.name(), "view", null)).get();
      }
    }
    assertThat(decisions.soFar(app))
        .containsExactly(decision(app, 0), decision(app, 1), decision(app, 2));
  }
}
