// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.Event;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import io.millrace.testkit.backend.TopicRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Killed again and again while it works, the validator loses no row and counts none twice. */
@RequiresBackends(kafka = true)
final class ValidatorCrashIT {
  private static final Duration LIMIT = Duration.ofSeconds(300);
  private static final long HOUR_MS = 3_600_000;
  private static final int HOURS = 24;
  private static final int ROWS = 2_500;

  /** Hours without a row, in each third of the time. */
  private static final int GAP_AT = 4;

  private static final int GAP_HOURS = 2;

  @TempDir Path folder;

  private Process start(String app) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xmx512m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            TopologyProcess.class.getName(),
            Backends.kafka().bootstrapServers(),
            app,
            folder.toString())
        .inheritIO()
        .start();
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  @Test
  void killed_whileItWorks_everyRowIsInExactlyOneVerdict() throws Exception {
    String app = Backends.uniqueName("crash");
    Topics topics = new Topics(app);
    KafkaSettings settings = new KafkaSettings(Backends.kafka().bootstrapServers());
    try (Admin admin = Admin.create(settings.admin())) {
      TopicCreation.ensure(admin, topics.all(Shop.definition(app, "1h")), LIMIT);
    }
    Process process = start(app);
    try {
      for (int part = 0; part < 3; part++) {
        int from = part * HOURS / 3;
        send(settings, topics, app, from, from + GAP_AT);
        send(settings, topics, app, from + GAP_AT + GAP_HOURS, from + HOURS / 3);
        int atLeast = part * HOURS / 3 + 2;
        Await.until(
            () -> verdicts(settings, topics).size() >= atLeast,
            LIMIT,
            () -> "verdicts: " + rows(verdicts(settings, topics)));
        kill(process);
        process = start(app);
      }
      // Rows far enough on to close the last span, in every partition.
      send(settings, topics, app, HOURS + 2, HOURS + 3);
      Map<String, Long> expected =
          IntStream.range(0, HOURS)
              .boxed()
              .collect(
                  Collectors.toMap(
                      hour -> Instant.ofEpochMilli(hour * HOUR_MS).toString(),
                      hour -> (long) ROWS));
      // Where hours have no row, that is told, too: as one stretch, under its first hour.
      expected.put(Instant.ofEpochMilli(HOURS * HOUR_MS).toString(), 0L);
      for (int part = 0; part < 3; part++) {
        int gap = part * HOURS / 3 + GAP_AT;
        expected.put(Instant.ofEpochMilli(gap * HOUR_MS).toString(), 0L);
        for (int hour = gap + 1; hour < gap + GAP_HOURS; hour++) {
          expected.remove(Instant.ofEpochMilli(hour * HOUR_MS).toString());
        }
      }
      Await.value(
          () ->
              rows(verdicts(settings, topics)).equals(expected)
                  ? Optional.of(true)
                  : Optional.empty(),
          LIMIT,
          () -> "verdicts: " + rows(verdicts(settings, topics)));
      assertThat(verdicts(settings, topics).values())
          .allSatisfy(each -> assertThat(each.status()).isEqualTo(DataVerdict.Status.GOOD));
    } finally {
      kill(process);
    }
  }

  private static Map<String, Long> rows(Map<String, DataVerdict> verdicts) {
    Map<String, Long> rows = new HashMap<>();
    verdicts.values().forEach(each -> rows.put(each.span(), each.rows()));
    return rows;
  }

  private static void send(KafkaSettings settings, Topics topics, String app, int from, int to)
      throws ExecutionException, InterruptedException {
    Topic<String, Event> topic = topics.events("view");
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (KafkaProducer<String, Event> producer =
        new KafkaProducer<>(
            settings.producer(), new StringSerializer(), topic.valueSerde().serializer())) {
      for (int hour = from; hour < to; hour++) {
        for (int i = 0; i < ROWS; i++) {
          Event event = Shop.view(app, (long) hour * ROWS + i, hour * HOUR_MS + i * HOUR_MS / ROWS);
          sent.add(producer.send(new ProducerRecord<>(topic.name(), event.key(), event)));
        }
      }
      producer.flush();
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    }
  }

  private static Map<String, DataVerdict> verdicts(KafkaSettings settings, Topics topics) {
    Map<String, DataVerdict> latest = new HashMap<>();
    TopicRecords.of(settings, topics.dataVerdicts())
        .forEach(record -> latest.put(record.key(), record.value()));
    return latest;
  }
}
