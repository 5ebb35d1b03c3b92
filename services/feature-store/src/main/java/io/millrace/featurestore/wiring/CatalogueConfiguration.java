// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import io.millrace.chassis.MillraceProperties;
import io.millrace.chassis.registry.ApplicationChangeListener;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.featurestore.adapter.http.CatalogueController;
import io.millrace.featurestore.adapter.http.ProgressController;
import io.millrace.featurestore.adapter.http.TrainerModels;
import io.millrace.featurestore.catalogue.Catalogue;
import io.millrace.featurestore.catalogue.ModelUses;
import io.millrace.featurestore.catalogue.Profiler;
import io.millrace.featurestore.catalogue.Profiles;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.progress.ProgressBoard;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** What features there are. */
@Configuration(proxyBeanMethods = false)
@Import(CatalogueController.class)
class CatalogueConfiguration {
  private static final Duration TRAINER_TIMEOUT = Duration.ofSeconds(1);

  @Bean
  Catalogue catalogue() {
    return new Catalogue();
  }

  @Bean
  ModelUses modelUses(MillraceProperties properties) {
    return new TrainerModels(
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TRAINER_TIMEOUT)
            .build(),
        properties.url("trainer"),
        properties.apiKey(),
        TRAINER_TIMEOUT);
  }

  @Bean(destroyMethod = "close")
  Profiles profiles(
      HistoryStore history,
      ProgressController.Source streams,
      ProgressBoard board,
      ApplicationRegistry registry,
      Catalogue catalogue,
      InstantSource clock) {
    Profiles profiles =
        new Profiles(
            new Profiler(history, clock),
            app ->
                streams
                    .of(app)
                    .map(each -> board.of(each.featuresId()).streamTimeMs())
                    .filter(streamTime -> streamTime != Long.MIN_VALUE)
                    .orElseGet(clock::millis),
            clock);
    registry.listen(
        new ApplicationChangeListener() {
          @Override
          public void applied(ApplicationApplied applied) {
            // The catalogue compares definitions when it is asked.
          }

          @Override
          public void deleted(ApplicationApplied last) {
            catalogue.forget(last.app());
            profiles.forget(last.app());
          }
        });
    return profiles;
  }
}
