// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.featurestore.adapter.kafka.Guarantee;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FeatureStorePropertiesTest {
  private static FeatureStoreProperties keeping(int datasets, Duration age) {
    return properties(0.1, datasets, age);
  }

  private static FeatureStoreProperties properties(double readShare, int datasets, Duration age) {
    return properties(0, readShare, datasets, age);
  }

  private static FeatureStoreProperties properties(
      int standbys, double readShare, int datasets, Duration age) {
    return new FeatureStoreProperties(
        "one",
        null,
        1,
        standbys,
        Guarantee.EXACTLY_ONCE_V2,
        0.3,
        Duration.ofMillis(200),
        64,
        1000,
        readShare,
        "127.0.0.1",
        0,
        1,
        2,
        datasets,
        age);
  }

  @Test
  void datasets_keptForNoTimeOrNone_areRefused() {
    assertThat(keeping(1, Duration.ofHours(1)).datasetKeep()).isEqualTo(1);
    assertThatThrownBy(() -> keeping(0, Duration.ofDays(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dataset-keep");
    assertThatThrownBy(() -> keeping(1, Duration.ofMinutes(59)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dataset-age");
  }

  @Test
  void readShare_ofMoreThanTheHeapCanGive_isRefused() {
    assertThat(properties(0, 1, Duration.ofDays(1)).readShare()).isZero();
    for (double share : new double[] {-0.1, 0.31, Double.NaN}) {
      assertThatThrownBy(() -> properties(share, 1, Duration.ofDays(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("read-share");
    }
  }

  @Test
  void standbyReplicas_fewerThanNoneOrMany_areRefused() {
    assertThat(properties(1, 0.1, 1, Duration.ofDays(1)).standbyReplicas()).isOne();
    for (int replicas : new int[] {-1, 4}) {
      assertThatThrownBy(() -> properties(replicas, 0.1, 1, Duration.ofDays(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("standby-replicas");
    }
  }
}
