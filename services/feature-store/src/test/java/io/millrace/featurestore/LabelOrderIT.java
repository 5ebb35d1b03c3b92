// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.topic.Topics;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Labels while a past is sent much faster than it happened: a fetch holds days of event time, and a
 * join that took one topic's part of it without the other's would close windows too early.
 */
@RequiresBackends(kafka = true, cassandra = true)
class LabelOrderIT {
  private static final int ROUNDS = 60;
  private static final int IMPRESSIONS = 400;
  private static final long STEP_MS = 108_000;
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @TempDir Path folder;

  private final String app = Backends.uniqueName("order");
  private final Topics topics = new Topics(app);

  @Test
  void labels_ofAPastSentInHalvesOfADay_areOneWhereAClickCame() throws IOException {
    ApplicationDefinition definition = Definitions.shop(app);
    Set<String> clicked = new HashSet<>();
    try (LiveBackends live = new LiveBackends();
        RunningFeatureStore service =
            LiveBackends.service(app, Backends.redis().uri(), folder.resolve("data"))) {
      live.apply(definition, 1);
      service.start();
      long time = Definitions.T0;
      for (int round = 0; round < ROUNDS; round++) {
        List<Event> impressions = new ArrayList<>();
        List<Event> clicks = new ArrayList<>();
        for (int i = 0; i < IMPRESSIONS; i++, time += STEP_MS) {
          String id = "i" + round + "-" + i;
          String user = "u" + i % 40;
          impressions.add(Definitions.impression(app, id, user, "item", time, 1.0));
          if (i % 10 == 0) {
            clicks.add(Definitions.click(app, "c" + id, id, user, "item", time + 60_000));
            clicked.add(id);
          }
        }
        live.send(topics, impressions);
        live.send(topics, clicks);
      }
      awaitOnes(live, clicked);
    }
  }

  private void awaitOnes(LiveBackends live, Set<String> clicked) {
    Set<String> ones = new HashSet<>();
    try (KafkaConsumer<String, OutcomeLabelled> consumer =
        new KafkaConsumer<>(
            live.kafka.consumer(app + "-oracle"),
            topics.labels().keySerde().deserializer(),
            topics.labels().valueSerde().deserializer())) {
      consumer.subscribe(List.of(topics.labels().name()));
      Await.until(
          () -> {
            for (ConsumerRecord<String, OutcomeLabelled> each :
                consumer.poll(Duration.ofMillis(200))) {
              if (each.value().value() == 1.0) {
                ones.add(each.key());
              }
            }
            return ones.equals(clicked);
          },
          LIMIT,
          () -> ones.size() + " labels are 1, of " + clicked.size() + " impressions clicked");
    }
  }
}
