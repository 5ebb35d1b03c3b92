// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.wiring;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.chassis.MillraceProperties;
import io.millrace.chassis.kafka.Publisher;
import io.millrace.chassis.registry.ApplicationChangeListener;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.serde.JsonSerde;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.models.engine.Device;
import io.millrace.trainer.adapter.djl.MlpLearner;
import io.millrace.trainer.adapter.file.FilePackageStore;
import io.millrace.trainer.adapter.file.FileRunStore;
import io.millrace.trainer.adapter.http.FeatureStoreDatasets;
import io.millrace.trainer.adapter.http.ModelsController;
import io.millrace.trainer.adapter.http.RunsController;
import io.millrace.trainer.adapter.http.VersionDirectory;
import io.millrace.trainer.adapter.kafka.KafkaModelRegistry;
import io.millrace.trainer.adapter.kafka.KafkaNewestMoments;
import io.millrace.trainer.adapter.kafka.TrainingRequests;
import io.millrace.trainer.adapter.xgboost.XgboostLearner;
import io.millrace.trainer.learning.Learner;
import io.millrace.trainer.learning.LogisticLearner;
import io.millrace.trainer.learning.ModelTraining;
import io.millrace.trainer.run.PackageStore;
import io.millrace.trainer.run.RunMeter;
import io.millrace.trainer.run.RunQueue;
import io.millrace.trainer.run.RunStore;
import io.millrace.trainer.run.TrainingRun;
import io.millrace.trainer.run.VerdictBook;
import io.millrace.trainer.run.VerdictWait;
import io.opentelemetry.api.OpenTelemetry;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.messaging.Message;

/** The beans of the trainer. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TrainerProperties.class)
@Import({RunsController.class, ModelsController.class})
class TrainerConfiguration {

  @Bean
  Learner xgboostLearner(TrainerProperties own) {
    return new XgboostLearner(own.threads());
  }

  @Bean
  Learner logisticLearner() {
    return new LogisticLearner();
  }

  @Bean
  Learner mlpLearner() {
    return new MlpLearner(Device.configured());
  }

  @Bean
  RunStore runStore(MillraceProperties properties) {
    return new FileRunStore(properties.folder().resolve("runs"));
  }

  @Bean
  PackageStore packageStore(MillraceProperties properties) {
    return new FilePackageStore(properties.folder().resolve("packages"), properties.url("trainer"));
  }

  @Bean
  RunMeter runMeter(MeterRegistry registry) {
    return new MicrometerRunMeter(registry);
  }

  @Bean
  VerdictBook verdictBook() {
    return new VerdictBook();
  }

  @Bean
  KafkaModelRegistry modelRegistry(KafkaSettings settings, Publisher publisher) {
    return new KafkaModelRegistry(settings, publisher);
  }

  @Bean
  VersionDirectory versionDirectory(KafkaModelRegistry registry) {
    return new VersionDirectory() {
      @Override
      public List<ModelVersionChanged> versions(String app) {
        return registry.shown(app);
      }

      @Override
      public Optional<ModelVersionChanged> version(String app, String version) {
        return registry.shown(app, version);
      }
    };
  }

  @Bean
  HttpClient httpClient() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(2))
        .build();
  }

  @Bean
  TrainingRun trainingRun(
      ApplicationRegistry applications,
      VerdictBook verdicts,
      KafkaSettings settings,
      HttpClient client,
      MillraceProperties properties,
      TrainerProperties own,
      List<Learner> learners,
      KafkaModelRegistry registry,
      PackageStore packages,
      RunStore runs,
      RunMeter meter,
      InstantSource clock) {
    Map<String, Learner> byName = new TreeMap<>();
    learners.forEach(learner -> byName.put(learner.algorithm(), learner));
    return new TrainingRun(
        new TrainingRun.Surroundings(
            applications::find,
            new VerdictWait(
                verdicts,
                new KafkaNewestMoments(settings),
                clock,
                own.verdictWait(),
                own.verdictQuiet()),
            new FeatureStoreDatasets(
                client,
                properties.url("feature-store"),
                properties.apiKey(),
                properties.folder().resolve("datasets"),
                own.datasetLimit(),
                clock),
            byName,
            new ModelTraining(clock, own.maxCells()),
            registry,
            packages,
            runs,
            meter,
            clock,
            own.codeVersion()));
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  RunQueue runQueue(TrainerProperties own, MeterRegistry meters) {
    RunQueue queue = new RunQueue(own.queue());
    Gauge.builder("millrace.trainer.queue", queue, RunQueue::size).register(meters);
    return queue;
  }

  @Bean
  HealthIndicator runsHealthIndicator(RunQueue queue) {
    return () ->
        queue.failure() == null
            ? Health.up().withDetail("waiting", queue.size()).build()
            : Health.down().withDetail("reason", queue.failure()).build();
  }

  /** Requests; the binding is declared in application.yaml. */
  @Bean
  Consumer<Message<byte[]>> training(
      RunQueue queue,
      TrainingRun runs,
      RunStore store,
      RunMeter meter,
      Publisher publisher,
      OpenTelemetry telemetry,
      InstantSource clock) {
    return new TrainingRequests(
        queue, runs, store, meter, publisher, telemetry.getTracer("io.millrace.trainer"), clock);
  }

  @Bean
  Consumer<Message<byte[]>> verdicts(VerdictBook book) {
    JsonSerde<DataVerdict> serde = new JsonSerde<>(DataVerdict.class);
    return message -> {
      DataVerdict verdict = serde.fromBytes(message.getPayload());
      if (verdict != null) {
        book.accept(verdict);
      }
    };
  }

  @Bean
  Consumer<Message<byte[]>> skews(VerdictBook book) {
    JsonSerde<SkewJudged> serde = new JsonSerde<>(SkewJudged.class);
    return message -> {
      SkewJudged judged = serde.fromBytes(message.getPayload());
      if (judged != null) {
        book.accept(judged);
      }
    };
  }

  @Bean
  Consumer<Message<byte[]>> models(KafkaModelRegistry registry) {
    JsonSerde<ModelVersionChanged> serde = new JsonSerde<>(ModelVersionChanged.class);
    return message -> {
      ModelVersionChanged change = serde.fromBytes(message.getPayload());
      if (change != null) {
        registry.accept(change);
      }
    };
  }

  /** What an application leaves behind in memory goes with it. */
  @Bean
  ApplicationChangeListener forgetting(
      ApplicationRegistry applications, VerdictBook verdicts, KafkaModelRegistry models) {
    ApplicationChangeListener listener =
        new ApplicationChangeListener() {
          @Override
          public void applied(ApplicationApplied applied) {
            // Runs look the definition up when they begin.
          }

          @Override
          public void deleted(ApplicationApplied last) {
            verdicts.forget(last.app());
            models.forget(last.app());
          }
        };
    applications.listen(listener);
    return listener;
  }
}
