// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.wiring;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.chassis.MillraceProperties;
import io.millrace.chassis.http.ReadOnlyPaths;
import io.millrace.chassis.kafka.Publisher;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.security.Pseudonymiser;
import io.millrace.common.serde.JsonSerde;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.inference.adapter.http.HttpFeatureSource;
import io.millrace.inference.adapter.http.HttpModelSource;
import io.millrace.inference.adapter.http.OpenInferenceController;
import io.millrace.inference.adapter.http.PredictionsController;
import io.millrace.inference.adapter.http.RequestPredictions;
import io.millrace.inference.adapter.kafka.EventPredictions;
import io.millrace.inference.adapter.kafka.PredictionLog;
import io.millrace.inference.model.ModelDirectory;
import io.millrace.inference.serving.Predictor;
import io.millrace.inference.serving.ServingMeter;
import io.opentelemetry.api.OpenTelemetry;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SerializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.Message;

/** The beans of inference. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(InferenceProperties.class)
@Import({PredictionsController.class, OpenInferenceController.class})
class InferenceConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(InferenceConfiguration.class);

  /** Inference itself reads; predictions are published, so {@code /predictions} needs the key. */
  @Bean
  ReadOnlyPaths readOnlyPaths() {
    return path -> path.startsWith("/v2/");
  }

  @Bean
  HttpClient httpClient() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(2))
        .build();
  }

  @Bean
  ServingMeter servingMeter(MeterRegistry registry) {
    return new MicrometerServingMeter(registry);
  }

  @Bean
  ModelDirectory modelDirectory(
      HttpClient client, MillraceProperties properties, InferenceProperties own) {
    return new ModelDirectory(
        new HttpModelSource(
            client, properties.url("trainer"), properties.folder().resolve("packages")),
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("model-loader").daemon().factory()),
        own.modelRetry());
  }

  @Bean
  ModelsOffset modelsOffset(Admin admin) {
    return new ModelsOffset(admin);
  }

  @Bean
  Consumer<Message<Object>> models(ModelDirectory directory, ModelsOffset offset) {
    JsonSerde<ModelVersionChanged> serde = new JsonSerde<>(ModelVersionChanged.class);
    return message -> {
      try {
        // A tombstone's payload is no byte array.
        if (message.getPayload() instanceof byte[] bytes
            && serde.fromBytes(bytes) instanceof ModelVersionChanged change) {
          directory.accept(change);
        }
      } catch (SerializationException e) {
        LOG.error("a model version that cannot be read is passed over", e);
      }
      if (message.getHeaders().get(KafkaHeaders.RECEIVED_TOPIC) instanceof String topic
          && message.getHeaders().get(KafkaHeaders.OFFSET) instanceof Long at) {
        offset.seen(topic, at);
      }
    };
  }

  @Bean
  Predictor predictor(
      HttpClient client, MillraceProperties properties, InstantSource clock, ServingMeter meter) {
    return new Predictor(
        new HttpFeatureSource(client, properties.url("feature-store"), properties.apiKey()),
        clock,
        meter);
  }

  @Bean
  RequestPredictions requestPredictions(
      ModelDirectory models,
      Predictor predictor,
      Publisher publisher,
      ServingMeter meter,
      InferenceProperties own) {
    return new RequestPredictions(
        models, predictor, publisher, meter, own.requestFeatureDeadline());
  }

  @Bean
  PredictionLog predictionLog(KafkaSettings settings) {
    return new PredictionLog(settings);
  }

  @Bean
  PredictionLoops predictionLoops(
      ApplicationRegistry registry,
      ModelDirectory models,
      ModelsOffset offset,
      KafkaSettings settings,
      Predictor predictor,
      Pseudonymiser pseudonymiser,
      ServingMeter meter,
      OpenTelemetry telemetry,
      InstantSource clock,
      InferenceProperties own) {
    return new PredictionLoops(
        registry,
        models,
        applied ->
            new EventPredictions(
                applied.definition(),
                settings,
                own.instance(),
                models,
                offset,
                predictor,
                pseudonymiser,
                meter,
                telemetry.getTracer("io.millrace.inference"),
                clock,
                own.eventFeatureDeadline()));
  }
}
