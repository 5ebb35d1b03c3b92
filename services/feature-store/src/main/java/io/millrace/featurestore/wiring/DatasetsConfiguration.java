// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import com.datastax.oss.driver.api.core.CqlSession;
import io.millrace.chassis.MillraceProperties;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.featurestore.adapter.cassandra.CassandraDatasetPlaces;
import io.millrace.featurestore.adapter.csv.CsvSpine;
import io.millrace.featurestore.adapter.file.JsonJobs;
import io.millrace.featurestore.adapter.file.SpineFiles;
import io.millrace.featurestore.adapter.http.DatasetsController;
import io.millrace.featurestore.adapter.http.OtherInstances;
import io.millrace.featurestore.adapter.kafka.TopicEnds;
import io.millrace.featurestore.dataset.Announcements;
import io.millrace.featurestore.dataset.DataVersion;
import io.millrace.featurestore.dataset.DatasetBuilder;
import io.millrace.featurestore.dataset.DatasetJobs;
import io.millrace.featurestore.dataset.DatasetPlaces;
import io.millrace.featurestore.dataset.KeptInputs;
import io.millrace.featurestore.dataset.Spines;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.history.MomentStore;
import io.millrace.featurestore.online.EntityKeys;
import io.millrace.featurestore.view.ServingGenerations;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.kafka.clients.admin.Admin;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Datasets. */
@Configuration(proxyBeanMethods = false)
@Import(DatasetsController.class)
class DatasetsConfiguration {
  /** How long a build waits for Cassandra. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final Duration RESUME_EVERY = Duration.ofSeconds(2);

  private static final Duration SWEEP_EVERY = Duration.ofMinutes(10);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** Longer than the other instance may wait for Kafka and Cassandra together. */
  private static final Duration FORWARD_PATIENCE = Duration.ofSeconds(20);

  private static Path folder(MillraceProperties properties) {
    return properties.folder().resolve("datasets");
  }

  @Bean
  Spines spines(MillraceProperties properties, EntityKeys keys) {
    return new Spines(folder(properties), new SpineFiles(CsvSpine::open), keys::ofSpine);
  }

  @Bean
  DataVersion dataVersion(Admin admin, MomentStore moments) {
    return new TopicEnds(admin, moments);
  }

  @Bean
  DatasetPlaces datasetPlaces(
      CqlSession session, FeatureStoreProperties own, ServerProperties server) {
    return new CassandraDatasetPlaces(
        session, new DatasetPlaces.Place(own.instance(), OwnAddress.of(own.address(), server)));
  }

  @Bean
  Announcements announcements(DatasetPlaces places, MillraceProperties properties) {
    return new Announcements(places, folder(properties));
  }

  @Bean
  OtherInstances otherInstances(
      DatasetPlaces places, MillraceProperties properties, FeatureStoreProperties own) {
    return new OtherInstances(
        places,
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build(),
        own.instance(),
        properties.apiKey(),
        FORWARD_PATIENCE);
  }

  @Bean(destroyMethod = "close")
  Rounds toldDatasets(Announcements announcements) {
    return new Rounds("told-datasets", RESUME_EVERY, announcements::again);
  }

  @Bean(destroyMethod = "close")
  Rounds announcedDatasets(Announcements announcements) {
    announcements.all();
    return new Rounds("announced-datasets", SWEEP_EVERY, announcements::all);
  }

  @Bean(destroyMethod = "close")
  DatasetJobs datasetJobs(
      MomentStore moments,
      HistoryStore history,
      Spines spines,
      ServingGenerations serving,
      ApplicationRegistry registry,
      Applications applications,
      MillraceProperties properties,
      FeatureStoreProperties own) {
    String version = FeatureStoreApplication.class.getPackage().getImplementationVersion();
    return new DatasetJobs(
        new DatasetBuilder(
            moments,
            history,
            spines,
            new KeptInputs(serving, app -> registry.find(app).map(ApplicationApplied::definition)),
            own.datasetWorkers(),
            PATIENCE,
            version == null ? "unreleased" : version),
        spines,
        new JsonJobs(folder(properties)),
        applications::awaitSettled,
        folder(properties));
  }

  @Bean(destroyMethod = "close")
  Rounds resumedDatasets(DatasetJobs jobs, ServingGenerations serving) {
    return new Rounds("resumed-datasets", RESUME_EVERY, () -> jobs.resume(serving));
  }

  @Bean(destroyMethod = "close")
  Rounds sweptDatasets(DatasetJobs jobs, FeatureStoreProperties own, InstantSource clock) {
    return new Rounds(
        "swept-datasets",
        SWEEP_EVERY,
        () -> jobs.sweep(own.datasetKeep(), own.datasetAge(), clock));
  }
}
