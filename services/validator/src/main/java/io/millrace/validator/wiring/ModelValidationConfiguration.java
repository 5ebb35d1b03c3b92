// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.wiring;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.chassis.MillraceProperties;
import io.millrace.chassis.kafka.Publisher;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.serde.JsonSerde;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.validator.adapter.file.FileEvaluationArchive;
import io.millrace.validator.adapter.http.EvaluationController;
import io.millrace.validator.adapter.http.FeatureStoreRows;
import io.millrace.validator.adapter.http.SkewController;
import io.millrace.validator.adapter.http.TrainerPackages;
import io.millrace.validator.adapter.kafka.Candidates;
import io.millrace.validator.adapter.kafka.PredictionVectors;
import io.millrace.validator.data.SpanArchive;
import io.millrace.validator.model.CandidateTrial;
import io.millrace.validator.model.EvaluationArchive;
import io.millrace.validator.model.VersionBook;
import io.millrace.validator.skew.ServedVectors;
import io.millrace.validator.skew.SkewBook;
import io.millrace.validator.skew.SkewSchedule;
import io.millrace.validator.skew.SkewThresholds;
import io.millrace.validator.skew.SkewedCandidate;
import io.opentelemetry.api.OpenTelemetry;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.springframework.cloud.stream.config.ListenerContainerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.listener.AbstractMessageListenerContainer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.Message;
import org.springframework.util.backoff.FixedBackOff;

/** The model half: candidates in, blessed or refused versions out. */
@Configuration(proxyBeanMethods = false)
class ModelValidationConfiguration {
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final long ADMIN_TIMEOUT_MS = 10_000;
  private static final long RETRY_MS = 2_000;
  private static final JsonSerde<ModelVersionChanged> VERSIONS =
      new JsonSerde<>(ModelVersionChanged.class);
  private static final JsonSerde<SkewJudged> SKEW = new JsonSerde<>(SkewJudged.class);

  @Bean
  VersionBook versionBook() {
    return new VersionBook();
  }

  @Bean
  EvaluationArchive evaluationArchive(MillraceProperties properties) {
    return new FileEvaluationArchive(properties.folder().resolve("evaluations"));
  }

  @Bean
  EvaluationController evaluationController(
      ApplicationRegistry applications, EvaluationArchive archive) {
    return new EvaluationController(applications, archive);
  }

  @Bean
  HttpClient otherServices() {
    return HttpClient.newBuilder().connectTimeout(CONNECT).build();
  }

  @Bean
  ServedVectors servedVectors(KafkaSettings settings) {
    return new PredictionVectors(settings, TIMEOUT);
  }

  @Bean
  CandidateTrial candidateTrial(
      HttpClient client,
      MillraceProperties properties,
      ServedVectors vectors,
      InstantSource clock) {
    return new CandidateTrial(
        new TrainerPackages(
            client,
            properties.url("trainer"),
            properties.apiKey(),
            properties.folder().resolve("packages"),
            TIMEOUT),
        rows(client, properties, "datasets"),
        new SkewedCandidate(vectors),
        clock);
  }

  /** Another folder than that of the trials, since both may read the same dataset at once. */
  @Bean
  SkewController skewController(
      HttpClient client,
      MillraceProperties properties,
      ApplicationRegistry applications,
      ServedVectors vectors,
      VersionBook book,
      SpanArchive archive,
      SkewBook skew) {
    return new SkewController(
        applications,
        rows(client, properties, "skew"),
        vectors,
        book,
        new SkewThresholds(archive),
        skew);
  }

  @Bean
  SkewBook skewBook() {
    return new SkewBook();
  }

  /** Looks at the spans' predictions by itself, with a reader and a folder of its own. */
  @Bean
  SkewWatch skewWatch(
      HttpClient client,
      MillraceProperties properties,
      ApplicationRegistry applications,
      KafkaSettings settings,
      SpanArchive archive,
      SkewBook skew,
      Publisher publisher,
      InstantSource clock) {
    return new SkewWatch(
        applications,
        archive,
        new SkewSchedule(
            new PredictionVectors(settings, TIMEOUT),
            rows(client, properties, "spans"),
            new SkewThresholds(archive),
            skew,
            clock),
        publisher);
  }

  private static FeatureStoreRows rows(
      HttpClient client, MillraceProperties properties, String folder) {
    return new FeatureStoreRows(
        client,
        properties.url("feature-store"),
        properties.apiKey(),
        properties.folder().resolve(folder),
        TIMEOUT);
  }

  @Bean
  Candidates candidateTrials(
      ApplicationRegistry applications,
      VersionBook book,
      Admin admin,
      CandidateTrial trial,
      EvaluationArchive archive,
      Publisher publisher,
      OpenTelemetry telemetry,
      MeterRegistry meters) {
    return new Candidates(
        applications,
        book,
        topic -> endOffset(admin, topic),
        trial,
        archive,
        publisher,
        telemetry.getTracer("io.millrace.validator"),
        (app, evaluation) ->
            meters
                .counter(
                    "millrace.validator.evaluations",
                    "app",
                    app,
                    "status",
                    evaluation.blessed() ? "BLESSED" : "REFUSED")
                .increment());
  }

  /** Every instance reads the states of all versions, from the beginning. */
  @Bean
  Consumer<Message<byte[]>> modelStates(VersionBook book) {
    return message -> {
      ModelVersionChanged version = VERSIONS.fromBytes(message.getPayload());
      if (version != null && message.getHeaders().get(KafkaHeaders.OFFSET) instanceof Long offset) {
        book.accept(topic(message), offset, version);
      }
    };
  }

  /** Every instance reads what was found of skew, from the beginning. */
  @Bean
  Consumer<Message<byte[]>> skewStates(SkewBook book) {
    return message -> {
      SkewJudged judged = SKEW.fromBytes(message.getPayload());
      if (judged != null) {
        book.accept(judged);
      }
    };
  }

  /** One instance judges each candidate. */
  @Bean
  Consumer<Message<byte[]>> candidates(Candidates candidates) {
    return message -> {
      ModelVersionChanged version = VERSIONS.fromBytes(message.getPayload());
      if (version != null) {
        candidates.accept(topic(message), trace(message), version);
      }
    };
  }

  /** A candidate that cannot be judged now comes again, however long that takes. */
  @Bean
  ListenerContainerCustomizer<AbstractMessageListenerContainer<?, ?>> redelivery() {
    return (container, destination, group) -> {
      if ("validator".equals(group)) {
        container.setCommonErrorHandler(
            new DefaultErrorHandler(new FixedBackOff(RETRY_MS, FixedBackOff.UNLIMITED_ATTEMPTS)));
      }
    };
  }

  private static String topic(Message<byte[]> message) {
    return String.valueOf(message.getHeaders().get(KafkaHeaders.RECEIVED_TOPIC));
  }

  private static Headers trace(Message<byte[]> message) {
    RecordHeaders headers = new RecordHeaders();
    Object parent = message.getHeaders().get("traceparent");
    if (parent instanceof byte[] bytes) {
      headers.add("traceparent", bytes);
    } else if (parent instanceof String text) {
      headers.add("traceparent", text.getBytes(StandardCharsets.UTF_8));
    }
    return headers;
  }

  private static long endOffset(Admin admin, String topic) {
    TopicPartition partition = new TopicPartition(topic, 0);
    try {
      return admin
          .listOffsets(
              Map.of(partition, OffsetSpec.latest()),
              new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
          .partitionResult(partition)
          .get(ADMIN_TIMEOUT_MS, TimeUnit.MILLISECONDS)
          .offset();
    } catch (ExecutionException | TimeoutException e) {
      throw new CandidateTrial.UnavailableException("the end of " + topic + " is not known", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CandidateTrial.UnavailableException("interrupted", e);
    }
  }
}
