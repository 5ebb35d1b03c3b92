// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import io.millrace.chassis.kafka.Publisher;
import io.millrace.chassis.registry.ApplicationChangeListener;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.featurestore.adapter.http.ParityController;
import io.millrace.featurestore.adapter.kafka.ServedPredictions;
import io.millrace.featurestore.adapter.kafka.TopicAlerts;
import io.millrace.featurestore.alert.AlertLog;
import io.millrace.featurestore.alert.Alerts;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.parity.ParityCheck;
import io.millrace.featurestore.parity.ParityMeter;
import io.millrace.featurestore.progress.Measures;
import io.millrace.featurestore.view.ServingGenerations;
import java.time.Duration;
import java.time.InstantSource;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The parity meter: what is served, recomputed all the time. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ParityConfiguration.ParityProperties.class)
@Import(ParityController.class)
class ParityConfiguration {
  private static final Duration EVERY = Duration.ofSeconds(1);

  /**
   * What the meter may cost.
   *
   * @param share of the entity keys whose served vectors are checked, 0 to 1
   * @param settle how old a vector must be before it is checked
   * @param patience after which a state without history is a mismatch
   * @param waitingMax vectors waiting to be checked
   * @param vectors served vectors taken in a second
   * @param reads histories looked into in a second
   * @param rows history rows read in a second
   * @param states recomputed states that are kept to go on from
   */
  @ConfigurationProperties("millrace.parity")
  record ParityProperties(
      @DefaultValue("0.02") double share,
      @DefaultValue("2s") Duration settle,
      @DefaultValue("90s") Duration patience,
      @DefaultValue("5000") int waitingMax,
      @DefaultValue("100") int vectors,
      @DefaultValue("25") long reads,
      @DefaultValue("2000") long rows,
      @DefaultValue("64") int states) {}

  @Bean
  AlertLog alertLog(KafkaSettings kafka, Publisher publisher) {
    return new TopicAlerts(kafka, publisher);
  }

  @Bean
  ParityCheck parityCheck(HistoryStore history) {
    return new ParityCheck(history);
  }

  @Bean
  ParityMeter parityMeter(
      ParityProperties properties,
      ParityCheck check,
      ServingGenerations serving,
      AlertLog alerts,
      Measures measures,
      InstantSource clock) {
    return new ParityMeter(
        new ParityMeter.Settings(
            properties.share(),
            properties.settle(),
            properties.patience(),
            properties.waitingMax(),
            properties.vectors(),
            properties.reads(),
            properties.rows(),
            properties.states()),
        check,
        serving,
        new Alerts("parity", "page", alerts, clock),
        measures,
        clock);
  }

  @Bean(destroyMethod = "close")
  ServedPredictions servedPredictions(
      KafkaSettings kafka, ApplicationRegistry registry, ParityMeter meter) {
    return new ServedPredictions(kafka, registry, meter);
  }

  @Bean(destroyMethod = "close")
  Rounds parityRounds(ParityMeter meter, ApplicationRegistry registry) {
    registry.listen(
        new ApplicationChangeListener() {
          @Override
          public void applied(ApplicationApplied applied) {
            // What serves, and since when, the meter sees for itself.
          }

          @Override
          public void deleted(ApplicationApplied last) {
            meter.forget(last.app());
          }
        });
    return new Rounds("parity", EVERY, meter::round);
  }
}
