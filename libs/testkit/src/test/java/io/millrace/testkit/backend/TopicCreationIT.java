// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.topic.Topic;
import io.millrace.common.topic.TopicCreation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.junit.jupiter.api.Test;

/** Services that start side by side create the same topics. */
@RequiresBackends(kafka = true)
class TopicCreationIT {
  private static final int CALLERS = 6;
  private static final int ROUNDS = 5;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Test
  void ensure_manyCallersAtOnce_eachGetsItsTopics() throws Exception {
    try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      for (int round = 0; round < ROUNDS; round++) {
        List<Topic<?, ?>> topics = topics(Backends.uniqueName("created"));
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
          done.add(callers.submit(() -> ensure(topics)));
        }
        for (Future<?> each : done) {
          each.get();
        }
        try (Admin admin = admin()) {
          assertThat(admin.listTopics().names().get())
              .containsAll(topics.stream().map(Topic::name).toList());
        }
      }
    }
  }

  private static void ensure(List<Topic<?, ?>> topics) {
    try (Admin admin = admin()) {
      TopicCreation.ensure(admin, topics, LIMIT);
    }
  }

  private static Admin admin() {
    return Admin.create(
        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, Backends.kafka().bootstrapServers()));
  }

  private static List<Topic<?, ?>> topics(String prefix) {
    return IntStream.range(0, 4)
        .<Topic<?, ?>>mapToObj(
            i ->
                new Topic<>(
                    prefix + "." + i,
                    Serdes.ByteArray(),
                    Serdes.ByteArray(),
                    4,
                    null,
                    false,
                    "tests"))
        .toList();
  }
}
