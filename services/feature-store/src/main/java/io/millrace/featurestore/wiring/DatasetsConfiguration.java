// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import io.millrace.chassis.MillraceProperties;
import io.millrace.featurestore.adapter.csv.CsvSpine;
import io.millrace.featurestore.adapter.file.JsonJobs;
import io.millrace.featurestore.adapter.file.SpineFiles;
import io.millrace.featurestore.adapter.http.DatasetsController;
import io.millrace.featurestore.dataset.DatasetBuilder;
import io.millrace.featurestore.dataset.DatasetJobs;
import io.millrace.featurestore.dataset.Spines;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.history.MomentStore;
import io.millrace.featurestore.online.EntityKeys;
import io.millrace.featurestore.view.ServingGenerations;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
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

  private static Path folder(MillraceProperties properties) {
    return properties.folder().resolve("datasets");
  }

  @Bean
  Spines spines(MillraceProperties properties, EntityKeys keys) {
    return new Spines(folder(properties), new SpineFiles(CsvSpine::open), keys::ofSpine);
  }

  @Bean(destroyMethod = "close")
  DatasetJobs datasetJobs(
      MomentStore moments,
      HistoryStore history,
      Spines spines,
      Applications applications,
      MillraceProperties properties,
      FeatureStoreProperties own) {
    String version = FeatureStoreApplication.class.getPackage().getImplementationVersion();
    return new DatasetJobs(
        new DatasetBuilder(
            moments,
            history,
            spines,
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
