// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.wiring;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.chassis.MillraceProperties;
import io.millrace.chassis.kafka.Publisher;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.SchemaDecided;
import io.millrace.common.serde.JsonSerde;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.validator.adapter.http.ClassController;
import io.millrace.validator.adapter.http.SchemaDecisionController;
import io.millrace.validator.adapter.http.SpanController;
import io.millrace.validator.adapter.kafka.SchemaDecisions;
import io.millrace.validator.data.PatternBook;
import io.millrace.validator.data.SpanArchive;
import io.millrace.validator.skew.SkewBook;
import io.millrace.validator.topology.StoreArchive;
import io.opentelemetry.api.OpenTelemetry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SerializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.Message;

/** The data half: one topology per application, and what is served from it. */
@Configuration(proxyBeanMethods = false)
class DataValidationConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(DataValidationConfiguration.class);

  private static final Duration DECISIONS_TIMEOUT = Duration.ofSeconds(10);

  @Bean
  DataValidation dataValidation(
      ApplicationRegistry applications,
      KafkaSettings settings,
      MillraceProperties properties,
      Admin admin,
      PatternBook patterns,
      MeterRegistry meters,
      OpenTelemetry telemetry) {
    return new DataValidation(
        applications,
        settings,
        properties.folder().resolve("streams"),
        admin,
        new SchemaDecisions(settings, DECISIONS_TIMEOUT),
        patterns,
        app -> new MicrometerValidatorMetrics(meters, app),
        new OtelVerdictTracing(telemetry));
  }

  @Bean
  PatternBook patternBook() {
    return new PatternBook();
  }

  /** Every instance sees rows, so that each goes on reading all decisions for itself. */
  @Bean
  Consumer<Message<byte[]>> decidedPatterns(PatternBook book) {
    JsonSerde<SchemaDecided> serde = new JsonSerde<>(SchemaDecided.class);
    return message -> {
      try {
        SchemaDecided decided = serde.fromBytes(message.getPayload());
        if (decided != null) {
          book.accept(decided);
        }
      } catch (SerializationException e) {
        LOG.warn("a decision about a schema cannot be read and is passed over", e);
      }
    };
  }

  @Bean
  HealthIndicator dataValidationHealthIndicator(DataValidation validation) {
    return validation::health;
  }

  @Bean
  SpanArchive spanArchive(DataValidation validation) {
    return new StoreArchive(validation::streams);
  }

  @Bean
  SpanController spanController(
      ApplicationRegistry applications, SpanArchive archive, SkewBook skew) {
    return new SpanController(applications, archive, skew);
  }

  @Bean
  ClassController classController(ApplicationRegistry applications, SpanArchive archive) {
    return new ClassController(applications, archive);
  }

  @Bean
  SchemaDecisionController schemaDecisionController(
      ApplicationRegistry applications,
      SpanArchive archive,
      Publisher publisher,
      InstantSource clock) {
    return new SchemaDecisionController(applications, archive, publisher, clock);
  }
}
