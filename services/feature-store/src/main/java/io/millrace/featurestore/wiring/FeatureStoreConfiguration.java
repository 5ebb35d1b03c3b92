// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import com.datastax.oss.driver.api.core.CqlSession;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.chassis.MillraceProperties;
import io.millrace.chassis.http.ReadOnlyPaths;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.security.ApiKeys;
import io.millrace.common.security.Pseudonymiser;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.featurestore.adapter.cassandra.CassandraGenerations;
import io.millrace.featurestore.adapter.cassandra.CassandraHistory;
import io.millrace.featurestore.adapter.cassandra.CassandraMoments;
import io.millrace.featurestore.adapter.cassandra.CassandraSchema;
import io.millrace.featurestore.adapter.cassandra.CassandraSettling;
import io.millrace.featurestore.adapter.cassandra.CassandraVersionUses;
import io.millrace.featurestore.adapter.grpc.GrpcOnline;
import io.millrace.featurestore.adapter.http.OnlineController;
import io.millrace.featurestore.adapter.http.ProgressController;
import io.millrace.featurestore.adapter.kafka.ApplicationStreams;
import io.millrace.featurestore.adapter.lz4.Lz4Packing;
import io.millrace.featurestore.adapter.micrometer.MicrometerMeasures;
import io.millrace.featurestore.adapter.redis.RedisOnlineStore;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.history.HistoryWriter;
import io.millrace.featurestore.history.MomentStore;
import io.millrace.featurestore.history.Packing;
import io.millrace.featurestore.history.Settling;
import io.millrace.featurestore.online.EntityKeys;
import io.millrace.featurestore.online.OnlineFeatures;
import io.millrace.featurestore.online.OnlineReader;
import io.millrace.featurestore.online.ReadGate;
import io.millrace.featurestore.parity.ParityCheck;
import io.millrace.featurestore.parity.ParityMeter;
import io.millrace.featurestore.progress.Freshness;
import io.millrace.featurestore.progress.Measures;
import io.millrace.featurestore.progress.ProgressBoard;
import io.millrace.featurestore.topology.Collaborators;
import io.millrace.featurestore.topology.StateBudget;
import io.millrace.featurestore.version.VersionUses;
import io.millrace.featurestore.view.GenerationStore;
import io.millrace.featurestore.view.ServingGenerations;
import io.opentelemetry.api.OpenTelemetry;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.admin.Admin;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The beans of the feature store. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(FeatureStoreProperties.class)
@Import({
  CatalogueConfiguration.class,
  DatasetsConfiguration.class,
  FreshnessConfiguration.class,
  OnlineController.class,
  ParityConfiguration.class,
  ProgressController.class
})
class FeatureStoreConfiguration {

  /** Queries whose question is too long for a URL. */
  @Bean
  ReadOnlyPaths readOnlyPaths() {
    return path -> path.endsWith("/features:online") || path.endsWith("/parity");
  }

  @Bean(destroyMethod = "close")
  CqlSession cqlSession(MillraceProperties properties, FeatureStoreProperties own) {
    return CassandraSchema.open(
        properties.cassandra(), properties.cassandraDatacenter(), own.replication());
  }

  @Bean(destroyMethod = "close")
  RedisOnlineStore onlineStore(MillraceProperties properties, FeatureStoreProperties own) {
    return new RedisOnlineStore(properties.redis(), own.nearBytesMax());
  }

  @Bean
  Packing packing() {
    return new Lz4Packing();
  }

  @Bean
  HistoryStore historyStore(CqlSession session, Packing packing) {
    return new CassandraHistory(session, packing);
  }

  @Bean(destroyMethod = "shutdownNow")
  ExecutorService historyExecutor() {
    return Executors.newSingleThreadExecutor(
        Thread.ofPlatform().name("history-writer").daemon().factory());
  }

  @Bean
  HistoryWriter historyWriter(
      HistoryStore store, Packing packing, ExecutorService historyExecutor) {
    return new HistoryWriter(store, packing, historyExecutor);
  }

  @Bean
  Settling settling(CqlSession session) {
    return new Settling(new CassandraSettling(session));
  }

  @Bean
  MomentStore momentStore(CqlSession session) {
    return new CassandraMoments(session);
  }

  @Bean
  GenerationStore generationStore(CqlSession session) {
    return new CassandraGenerations(session);
  }

  @Bean
  VersionUses versionUses(CqlSession session) {
    return new CassandraVersionUses(session);
  }

  @Bean
  BackendWatch backendWatch(RedisOnlineStore online, CqlSession session) {
    return new BackendWatch(online, session);
  }

  @Bean
  Measures measures(MeterRegistry registry, Freshness freshness) {
    return new MicrometerMeasures(registry, freshness);
  }

  @Bean
  ProgressBoard progressBoard() {
    return new ProgressBoard();
  }

  @Bean
  ServingGenerations servingGenerations() {
    return new ServingGenerations();
  }

  @Bean
  Collaborators collaborators(
      RedisOnlineStore online,
      HistoryWriter history,
      Settling settling,
      MomentStore moments,
      Measures measures,
      ProgressBoard board,
      FeatureStoreProperties own,
      OpenTelemetry telemetry,
      InstantSource clock) {
    return new Collaborators(
        online,
        history,
        settling,
        moments,
        measures,
        board,
        new StateBudget((long) (Runtime.getRuntime().maxMemory() * own.stateShare())),
        telemetry.getTracer("io.millrace.feature-store"),
        clock);
  }

  @Bean
  Applications featureApplications(
      ApplicationRegistry registry,
      KafkaSettings kafka,
      Admin admin,
      MillraceProperties properties,
      FeatureStoreProperties own,
      Collaborators collaborators,
      HistoryStore history,
      GenerationStore generations,
      VersionUses uses,
      ServingGenerations serving,
      BackendWatch watch) {
    return new Applications(
        registry,
        new ApplicationStreams.Settings(
            kafka,
            admin,
            properties.folder(),
            own.instance(),
            own.threads(),
            own.standbyReplicas(),
            own.guarantee(),
            collaborators,
            history,
            generations,
            uses,
            serving,
            watch::allUp));
  }

  @Bean
  ParityCheck.Settled historySettled(Applications applications) {
    return applications::awaitHistory;
  }

  @Bean
  ProgressController.Source progressSource(Applications applications) {
    return app ->
        applications
            .status(app)
            .map(
                status ->
                    new ProgressController.Source.Streams(
                        status.states(),
                        status.featuresId(),
                        status.labelsId().orElse(""),
                        status.lag(),
                        status.rolling(),
                        status.failure().orElse("")));
  }

  @Bean
  EntityKeys entityKeys(Pseudonymiser pseudonymiser) {
    return new EntityKeys(pseudonymiser::pseudonym);
  }

  @Bean
  OnlineFeatures onlineFeatures(
      ServingGenerations serving,
      RedisOnlineStore online,
      EntityKeys entityKeys,
      Measures measures,
      ParityMeter parity,
      InstantSource clock,
      FeatureStoreProperties own) {
    return new OnlineFeatures(
        serving,
        new OnlineReader(online, own.rowBytesMax()),
        entityKeys,
        new ReadGate(own.readsMax(), own.readValuesMax()),
        measures,
        new ParitySamples(parity, clock),
        own.onlineDeadline());
  }

  @Bean
  GrpcServer grpcServer(
      ApplicationRegistry registry,
      OnlineFeatures online,
      ApiKeys keys,
      InstantSource clock,
      FeatureStoreProperties own) {
    return new GrpcServer(
        new GrpcOnline(registry, online, keys, clock),
        new InetSocketAddress(own.grpcBind(), own.grpcPort()));
  }

  @Bean
  Gauge lagGauge(Applications applications, MeterRegistry registry) {
    return Gauge.builder(
            "millrace.feature.store.lag",
            applications,
            all ->
                all.all().values().stream()
                    .mapToDouble(
                        status -> status.lag().isPresent() ? status.lag().getAsLong() : Double.NaN)
                    .sum())
        .description("records not committed yet, over all applications; not a number if unknown")
        .register(registry);
  }

  @Bean
  HealthIndicator redisHealthIndicator(BackendWatch watch) {
    return () -> health(watch.redis().failure());
  }

  @Bean
  HealthIndicator cassandraHealthIndicator(BackendWatch watch) {
    return () -> health(watch.cassandra().failure());
  }

  /** Down while an application's streams do not run, or have not begun to answer. */
  @Bean
  HealthIndicator streamsHealthIndicator(Applications applications, ServingGenerations serving) {
    return () -> {
      Health.Builder health = Health.up();
      applications
          .all()
          .forEach(
              (app, status) -> {
                health.withDetail(app, status.states());
                if (serving.find(app).isEmpty()) {
                  health.down().withDetail(app + ".reason", "being started");
                }
                status
                    .failure()
                    .ifPresent(failure -> health.down().withDetail(app + ".failure", failure));
              });
      return health.build();
    };
  }

  private static Health health(@org.jspecify.annotations.Nullable String failure) {
    return failure == null
        ? Health.up().build()
        : Health.down().withDetail("reason", failure).build();
  }
}
