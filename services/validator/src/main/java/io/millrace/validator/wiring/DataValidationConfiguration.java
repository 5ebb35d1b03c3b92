// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.wiring;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.chassis.MillraceProperties;
import io.millrace.chassis.kafka.Publisher;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.validator.adapter.http.ClassController;
import io.millrace.validator.adapter.http.SchemaDecisionController;
import io.millrace.validator.adapter.http.SpanController;
import io.millrace.validator.data.SpanArchive;
import io.millrace.validator.skew.SkewBook;
import io.millrace.validator.topology.StoreArchive;
import io.opentelemetry.api.OpenTelemetry;
import java.time.InstantSource;
import org.apache.kafka.clients.admin.Admin;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The data half: one topology per application, and what is served from it. */
@Configuration(proxyBeanMethods = false)
class DataValidationConfiguration {
  @Bean
  DataValidation dataValidation(
      ApplicationRegistry applications,
      KafkaSettings settings,
      MillraceProperties properties,
      Admin admin,
      MeterRegistry meters,
      OpenTelemetry telemetry) {
    return new DataValidation(
        applications,
        settings,
        properties.folder().resolve("streams"),
        admin,
        app -> new MicrometerValidatorMetrics(meters, app),
        new OtelVerdictTracing(telemetry));
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
