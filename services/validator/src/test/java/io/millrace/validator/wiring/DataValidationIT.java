// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.ColumnRules;
import io.millrace.common.contract.SchemaDecided;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import io.millrace.local.BackendOptions;
import io.millrace.local.Lifetime;
import io.millrace.local.LocalKafka;
import io.millrace.local.MillraceHome;
import io.millrace.testkit.await.Await;
import io.millrace.validator.adapter.kafka.SchemaDecisions;
import io.millrace.validator.data.PatternBook;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/** What an application's validation needs may be out of reach when it should start. */
final class DataValidationIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final String APP = "shop";
  private static final Topic<String, SchemaDecided> DECISIONS = new Topics(APP).schemaDecisions();
  private static final String PATTERN = "[A-Z]{3}-[0-9]{4}";

  @TempDir Path folder;

  private static ApplicationApplied applied(int version, String span) {
    return new ApplicationApplied(
        APP,
        version,
        "h" + version,
        version,
        Json.mapper()
            .readValue(
                """
                {"apiVersion": "millrace/v1", "kind": "Application", "metadata": {"name": "%s"},
                 "events": {"view": {"time": {"field": "at", "format": "epoch_ms"},
                                     "schema": {"infer": true}}},
                 "entities": {"user": {"key": "user"}}, "featureViews": {},
                 "validation": {"span": "%s"}}
                """
                    .formatted(APP, span),
                ApplicationDefinition.class));
  }

  private static void decide(KafkaSettings settings) throws Exception {
    ColumnRules rules =
        Json.mapper().readValue("{\"pattern\": \"%s\"}".formatted(PATTERN), ColumnRules.class);
    SchemaDecided decided =
        new SchemaDecided(
            APP,
            "view",
            0,
            List.of(new SchemaDecided.Edit("code", false, null, null, null, null, null, rules)),
            null,
            "ada",
            "x",
            1);
    try (Admin admin = Admin.create(settings.admin());
        KafkaProducer<String, byte[]> producer =
            new KafkaProducer<>(
                settings.producer(), new StringSerializer(), new ByteArraySerializer())) {
      TopicCreation.ensure(admin, List.of(DECISIONS), LIMIT);
      byte[] bytes = DECISIONS.valueSerde().serializer().serialize(DECISIONS.name(), decided);
      producer.send(new ProducerRecord<>(DECISIONS.name(), "view", bytes)).get();
    }
  }

  /** Turns over the last byte of the topic's only segment: once for broken, twice for whole. */
  private void turnLastByte() throws IOException {
    Path segment =
        folder
            .resolve("kafka/data")
            .resolve(DECISIONS.name() + "-0")
            .resolve("00000000000000000000.log");
    try (FileChannel file =
        FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      file.read(last, file.size() - 1);
      last.put(0, (byte) ~last.get(0)).flip();
      file.write(last, file.size() - 1);
    }
  }

  @Test
  void start_decisionsCannotBeRead_waitsForThemAndBeginsByItself() throws Exception {
    LocalKafka kafka =
        new LocalKafka(
            MillraceHome.find(),
            new BackendOptions(folder.resolve("kafka"), 0, 512, Lifetime.ofThisProcess()));
    kafka.start();
    kafka.awaitReady(LIMIT);
    try {
      KafkaSettings settings = new KafkaSettings(kafka.bootstrapServers());
      decide(settings);
      turnLastByte();
      try (Admin admin = Admin.create(settings.admin())) {
        validates(settings, admin);
      }
    } finally {
      kafka.kill();
    }
  }

  private void validates(KafkaSettings settings, Admin admin) throws IOException {
    PatternBook patterns = new PatternBook();
    ApplicationRegistry applications = new ApplicationRegistry(0);
    DataValidation validation =
        new DataValidation(
            applications,
            settings,
            folder.resolve("streams"),
            admin,
            new SchemaDecisions(settings, Duration.ofSeconds(10)),
            patterns,
            app -> new MicrometerValidatorMetrics(new SimpleMeterRegistry(), app),
            (app, event, span, status, traceparent) -> new RecordHeaders());
    Logger logger = (Logger) LoggerFactory.getLogger(DataValidation.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      validation.start();
      applications.accept(APP, applied(1, "1h"));
      waits(validation, "1");
      assertThat(validation.streams(APP)).isNull();
      // Another definition meanwhile takes the place of the one that waits.
      applications.accept(APP, applied(2, "2h"));
      waits(validation, "4");
      turnLastByte();
      Await.until(
          () -> {
            KafkaStreams streams = validation.streams(APP);
            return streams != null && streams.state() == KafkaStreams.State.RUNNING;
          },
          LIMIT,
          () -> validation.health().toString());
      assertThat(validation.health().getStatus()).isEqualTo(Status.UP);
      assertThat(patterns.of(APP, "view").byColumn()).containsOnlyKeys("code");
    } finally {
      logger.detachAppender(log);
      validation.stop();
    }
    assertThat(log.list)
        .filteredOn(each -> each.getLevel().isGreaterOrEqual(Level.WARN))
        .as("said once")
        .singleElement()
        .satisfies(
            each -> assertThat(each.getFormattedMessage()).contains("'shop'", "cannot start"));
  }

  private static void waits(DataValidation validation, String tries) {
    Await.until(
        () -> {
          Health health = validation.health();
          String detail = String.valueOf(health.getDetails().get(APP));
          return health.getStatus().equals(Status.DOWN)
              && detail.contains("tried " + tries + " times: cannot read " + DECISIONS.name());
        },
        LIMIT,
        () -> validation.health().toString());
  }
}
