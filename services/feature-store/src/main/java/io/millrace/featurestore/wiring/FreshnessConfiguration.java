// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import io.millrace.chassis.registry.ApplicationChangeListener;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.featurestore.adapter.http.FreshnessController;
import io.millrace.featurestore.adapter.http.ProgressController;
import io.millrace.featurestore.alert.AlertLog;
import io.millrace.featurestore.alert.Alerts;
import io.millrace.featurestore.freshness.FreshnessWatch;
import io.millrace.featurestore.progress.Freshness;
import io.millrace.featurestore.progress.Measures;
import io.millrace.featurestore.progress.ProgressBoard;
import java.time.Duration;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** How new what is served is. */
@Configuration(proxyBeanMethods = false)
@Import(FreshnessController.class)
class FreshnessConfiguration {
  private static final Duration EVERY = Duration.ofSeconds(2);

  @Bean
  Freshness freshness() {
    return new Freshness();
  }

  @Bean
  FreshnessWatch freshnessWatch(
      Freshness freshness,
      ProgressBoard board,
      ProgressController.Source streams,
      AlertLog alerts,
      Measures measures,
      InstantSource clock) {
    return new FreshnessWatch(
        freshness,
        board,
        app -> streams.of(app).map(ProgressController.Source.Streams::featuresId),
        new Alerts("freshness", "ticket", alerts, clock),
        measures,
        clock);
  }

  @Bean(destroyMethod = "close")
  Rounds freshnessRounds(FreshnessWatch watch, ApplicationRegistry registry) {
    registry.listen(
        new ApplicationChangeListener() {
          @Override
          public void applied(ApplicationApplied applied) {
            // The next round reads the definition that is in force.
          }

          @Override
          public void deleted(ApplicationApplied last) {
            watch.forget(last.app());
          }
        });
    return new Rounds(
        "freshness",
        EVERY,
        () -> registry.all().forEach(applied -> watch.round(applied.definition())));
  }
}
