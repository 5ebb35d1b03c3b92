// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.wiring;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is special to this service.
 *
 * @param verdictWait longest wait for data verdicts
 * @param verdictQuiet time without a new verdict after which no more is expected
 * @param datasetLimit longest time for building and fetching a dataset
 * @param queue most runs that wait in this process; more wait in the topic
 * @param threads threads of XGBoost; with more than 1 equal runs need not give equal packages
 * @param maxCells most values of a training matrix, four bytes each
 * @param codeVersion version that packages and runs name
 */
@ConfigurationProperties("millrace.trainer")
record TrainerProperties(
    @DefaultValue("60s") Duration verdictWait,
    @DefaultValue("10s") Duration verdictQuiet,
    @DefaultValue("10m") Duration datasetLimit,
    @DefaultValue("100") int queue,
    @DefaultValue("1") int threads,
    @DefaultValue("100000000") long maxCells,
    @DefaultValue("0.1.0") String codeVersion) {
  TrainerProperties {
    if (queue < 1 || threads < 1 || maxCells < 1) {
      throw new IllegalArgumentException(
          "millrace.trainer.queue, threads and max-cells must be at least 1");
    }
    if (verdictWait.isNegative() || verdictQuiet.isNegative() || !datasetLimit.isPositive()) {
      throw new IllegalArgumentException("a wait of millrace.trainer is negative");
    }
  }
}
