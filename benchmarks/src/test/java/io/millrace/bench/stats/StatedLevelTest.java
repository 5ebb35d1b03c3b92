// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StatedLevelTest {

  /** The defaults that the Javadoc of each class names. */
  @Test
  void of_everyDetector_itsDocumentedDefault() {
    Map<String, Double> found = new TreeMap<>();
    Watch.names()
        .forEach(
            name -> StatedLevel.of(name).ifPresent(level -> found.put(name, level.probability())));
    assertThat(found)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "anytime_valid", 0.01,
                "calibrated_four_rates", 0.01,
                "adwin", 0.002,
                "hddm_a", 0.001,
                "hddm_w", 0.001,
                "kswin", 0.005,
                "linear_four_rates", 1e-5));
    assertThat(Watch.names())
        .filteredOn(name -> StatedLevel.of(name).filter(StatedLevel::isOfStream).isPresent())
        .containsExactlyInAnyOrder("anytime_valid", "calibrated_four_rates");
  }
}
