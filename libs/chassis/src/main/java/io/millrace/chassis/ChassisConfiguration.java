// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis;

import io.millrace.chassis.http.ApiKeyFilter;
import io.millrace.chassis.http.ProblemAdvice;
import io.millrace.chassis.http.ReadOnlyPaths;
import io.millrace.chassis.kafka.KafkaHealth;
import io.millrace.chassis.kafka.Publisher;
import io.millrace.chassis.kafka.TopicEnd;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.chassis.telemetry.ServerSpanFilter;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.security.ApiKey;
import io.millrace.common.security.ApiKeys;
import io.millrace.common.security.Pseudonymiser;
import io.millrace.common.serde.Json;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SdkTracerProviderBuilder;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.cloud.stream.binder.kafka.support.ConsumerConfigCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.PropertySource;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.ProblemDetail;
import org.springframework.http.converter.json.ProblemDetailJacksonMixin;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.kafka.support.KafkaNull;
import org.springframework.messaging.Message;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything that each service imports. A service's {@code application.yaml} imports {@code
 * classpath:millrace-chassis.yaml}, sets {@code millrace.service} and {@code server.port}, and
 * lists {@code applications} first in {@code spring.cloud.function.definition}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(MillraceProperties.class)
@Import(ProblemAdvice.class)
@PropertySource("classpath:millrace-defaults.properties")
public class ChassisConfiguration {
  private static final Duration STARTUP_TIMEOUT = Duration.ofSeconds(60);

  @Bean
  InstantSource clock() {
    return InstantSource.system();
  }

  /** The one mapping; what a problem adds stands beside its title, as RFC 9457 has it. */
  @Bean
  JsonMapper jsonMapping() {
    return Json.mapper()
        .rebuild()
        .addMixIn(ProblemDetail.class, ProblemDetailJacksonMixin.class)
        .build();
  }

  @Bean
  KafkaSettings kafkaSettings(MillraceProperties properties) {
    return new KafkaSettings(properties.kafka(), properties.sessionTimeout());
  }

  /** Consumers that the binder makes are like those that are made of the settings. */
  @Bean
  ConsumerConfigCustomizer sessionOfBinders(KafkaSettings settings) {
    return (config, binding, destination) -> config.putAll(settings.session());
  }

  @Bean
  Admin adminClient(KafkaSettings settings) {
    return Admin.create(settings.admin());
  }

  @Bean
  Producer<byte[], byte[]> recordProducer(KafkaSettings settings) {
    return new KafkaProducer<>(
        settings.producer(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Bean
  Publisher publisher(Producer<byte[], byte[]> producer) {
    return new Publisher(producer);
  }

  @Bean
  KafkaHealth kafkaHealthIndicator(Admin admin, InstantSource clock) {
    return new KafkaHealth(admin, clock);
  }

  /** The definitions' topic exists before anybody subscribes to it. */
  @Bean
  ApplicationRegistry applicationRegistry(Admin admin) {
    TopicCreation.ensure(admin, List.of(Topics.APPLICATIONS), STARTUP_TIMEOUT);
    return new ApplicationRegistry(TopicEnd.of(admin, Topics.APPLICATIONS.name(), STARTUP_TIMEOUT));
  }

  @Bean
  Consumer<Message<Object>> applications(ApplicationRegistry registry) {
    return message -> {
      Object key = message.getHeaders().get(KafkaHeaders.RECEIVED_KEY);
      String app =
          key instanceof byte[] bytes
              ? new String(bytes, StandardCharsets.UTF_8)
              : String.valueOf(key);
      ApplicationApplied applied =
          message.getPayload() instanceof byte[] bytes
              ? Topics.APPLICATIONS.valueSerde().deserializer().deserialize("", bytes)
              : null;
      registry.accept(app, message.getPayload() instanceof KafkaNull ? null : applied);
      if (message.getHeaders().get(KafkaHeaders.OFFSET) instanceof Long offset) {
        registry.readTo(offset + 1);
      }
    };
  }

  @Bean
  HealthIndicator applicationsHealthIndicator(ApplicationRegistry registry) {
    return () ->
        (registry.isComplete() ? Health.up() : Health.outOfService())
            .withDetail("applications", registry.all().size())
            .build();
  }

  @Bean
  Pseudonymiser pseudonymiser(MillraceProperties properties) {
    return new Pseudonymiser(properties.pseudonymKey());
  }

  @Bean
  ApiKeys apiKeys(MillraceProperties properties) {
    String file = properties.apiKeys();
    return new ApiKeys(
        new ApiKey(properties.apiKey()), file == null || file.isBlank() ? null : Path.of(file));
  }

  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE + 20)
  ApiKeyFilter apiKeyFilter(ApiKeys keys, ObjectProvider<ReadOnlyPaths> readOnlyPaths) {
    ReadOnlyPaths paths = readOnlyPaths.getIfAvailable(() -> path -> false);
    return new ApiKeyFilter(keys, paths::isReadOnly);
  }

  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE + 10)
  ServerSpanFilter serverSpanFilter(OpenTelemetry telemetry) {
    return new ServerSpanFilter(telemetry);
  }

  @Bean(destroyMethod = "close")
  OpenTelemetrySdk openTelemetry(MillraceProperties properties) {
    SdkTracerProviderBuilder tracing =
        SdkTracerProvider.builder()
            .setResource(
                Resource.getDefault()
                    .merge(
                        Resource.create(
                            Attributes.builder()
                                .put("service.name", "millrace-" + properties.service())
                                .build())));
    String endpoint = properties.otlpEndpoint();
    if (endpoint != null && !endpoint.isBlank()) {
      tracing.addSpanProcessor(
          BatchSpanProcessor.builder(
                  OtlpHttpSpanExporter.builder().setEndpoint(endpoint + "/v1/traces").build())
              .setMaxQueueSize(8192)
              .setScheduleDelay(Duration.ofMillis(500))
              .build());
    }
    return OpenTelemetrySdk.builder()
        .setTracerProvider(tracing.build())
        .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
        .build();
  }
}
