// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.wiring;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.chassis.MillraceProperties;
import io.millrace.chassis.kafka.Publisher;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.application.ApplicationChange;
import io.millrace.common.security.Pseudonymiser;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.ingest.adapter.http.ApplicationsController;
import io.millrace.ingest.adapter.http.BooksController;
import io.millrace.ingest.adapter.http.EventsController;
import io.millrace.ingest.adapter.http.IngestLimits;
import io.millrace.ingest.adapter.http.RegistryWatch;
import io.millrace.ingest.adapter.kafka.KafkaDeadLetters;
import io.millrace.ingest.adapter.kafka.KafkaDefinitionLog;
import io.millrace.ingest.adapter.kafka.KafkaEventLog;
import io.millrace.ingest.adapter.kafka.RawIntakes;
import io.millrace.ingest.adapter.metrics.MicrometerIntakeMeter;
import io.millrace.ingest.adapter.redis.RedisConnection;
import io.millrace.ingest.adapter.redis.RedisIdLedger;
import io.millrace.ingest.adapter.redis.RedisLease;
import io.millrace.ingest.application.ApplicationCatalogue;
import io.millrace.ingest.application.BreakingChange;
import io.millrace.ingest.application.VersionCounter;
import io.millrace.ingest.intake.EventLog;
import io.millrace.ingest.intake.IdLedger;
import io.millrace.ingest.intake.Intake;
import io.millrace.ingest.intake.IntakeLimits;
import io.millrace.ingest.intake.IntakeUnavailableException;
import io.opentelemetry.api.OpenTelemetry;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.apache.kafka.clients.admin.Admin;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans of this service. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(IngestProperties.class)
public class IngestConfiguration {

  @Bean(destroyMethod = "close")
  RedisConnection redisConnection(MillraceProperties properties) {
    return new RedisConnection(properties.redis());
  }

  @Bean(destroyMethod = "close")
  RedisLease redisLease(RedisConnection redis, IngestProperties properties) {
    long epoch = new SecureRandom().nextLong(1, Long.MAX_VALUE);
    return new RedisLease(redis, epoch, properties.lease(), KafkaEventLog.DELIVERY_MAX);
  }

  @Bean
  RedisIdLedger idLedger(RedisConnection redis, RedisLease lease, IngestProperties properties) {
    return new RedisIdLedger(redis, lease, properties.horizon());
  }

  @Bean(destroyMethod = "close")
  KafkaEventLog eventLog(KafkaSettings settings, OpenTelemetry telemetry) {
    return new KafkaEventLog(settings, telemetry.getTracer("io.millrace.ingest"));
  }

  @Bean
  Intake intake(
      IdLedger ledger,
      EventLog log,
      Pseudonymiser pseudonymiser,
      MeterRegistry meters,
      InstantSource clock,
      IngestProperties properties) {
    return new Intake(
        ledger,
        log,
        new PlatformRowParts(pseudonymiser),
        new MicrometerIntakeMeter(meters),
        clock,
        new IntakeLimits(properties.lease(), properties.pendingWait()));
  }

  @Bean(destroyMethod = "close")
  RawIntakes rawIntakes(
      KafkaSettings settings, Intake intake, IdLedger ledger, ApplicationRegistry registry) {
    RawIntakes intakes = new RawIntakes(settings, intake, ledger::offsets, RowFormats.records());
    registry.listen(intakes);
    return intakes;
  }

  @Bean
  ApplicationCatalogue applicationCatalogue(
      KafkaSettings settings,
      Admin admin,
      Publisher publisher,
      RedisIdLedger ledger,
      InstantSource clock) {
    VersionCounter versions =
        new VersionCounter() {
          @Override
          public int last(String app) {
            return ledger.version(app);
          }

          @Override
          public void note(String app, int version) {
            ledger.noteVersion(app, version);
          }
        };
    return new ApplicationCatalogue(
        new KafkaDefinitionLog(settings, admin, publisher),
        versions,
        (before, after) ->
            ApplicationChange.breaking(before, after).stream()
                .map(each -> new BreakingChange(each.path(), each.rule(), each.message()))
                .toList(),
        clock);
  }

  @Bean
  RegistryWatch registryWatch(ApplicationRegistry registry) {
    RegistryWatch watch = new RegistryWatch(registry);
    registry.listen(watch);
    return watch;
  }

  @Bean
  ApplicationsController applicationsController(
      ApplicationCatalogue catalogue, RegistryWatch watch) {
    return new ApplicationsController(catalogue, watch);
  }

  @Bean
  EventsController eventsController(
      ApplicationRegistry registry, Intake intake, IngestProperties properties) {
    return new EventsController(
        registry,
        intake,
        RowFormats.readers(),
        new IngestLimits(
            properties.bodyBytesMax(), properties.inFlightBytesMax(), properties.concurrentMax()));
  }

  @Bean
  BooksController booksController(
      ApplicationRegistry registry, Intake intake, KafkaSettings settings) {
    return new BooksController(registry, intake, new KafkaDeadLetters(settings)::last);
  }

  @Bean
  HealthIndicator redisHealthIndicator(RedisConnection redis) {
    return () -> {
      try {
        redis.run(commands -> commands.ping());
        return Health.up().build();
      } catch (IntakeUnavailableException e) {
        return Health.down().withDetail("reason", String.valueOf(e.getMessage())).build();
      }
    };
  }
}
