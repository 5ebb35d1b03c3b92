// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.bench.Measurement.Beside;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class MeasurementTest {
  @Test
  void measurement_longValues_keepsFiveDigits() {
    Measurement figure =
        new Measurement("b", "c", "m", 123_456.789, "u", new Beside("p", 0.00123456789), 1);
    assertThat(figure.value()).isEqualTo(123_460);
    assertThat(figure.beside()).isEqualTo(new Beside("p", 0.0012346));
  }

  @Test
  void measurement_noNumberOrNoRun_isRefused() {
    assertThatThrownBy(() -> new Measurement("b", "c", "m", Double.NaN, "u", null, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Beside("p", Double.POSITIVE_INFINITY))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Measurement("b", "c", "m", 1, "u", null, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void median_oddAndEven_isTheMiddle() {
    assertThat(Median.of(List.of(3.0, 1.0, 2.0))).isEqualTo(2);
    assertThat(Median.of(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
    assertThatThrownBy(() -> Median.of(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void quantile_hundredValues_isByNearestRank() {
    double[] values = IntStream.rangeClosed(1, 100).mapToDouble(i -> 101 - i).toArray();
    assertThat(Median.quantile(values, 0.5)).isEqualTo(50);
    assertThat(Median.quantile(values, 0.99)).isEqualTo(99);
    assertThat(Median.quantile(values, 1)).isEqualTo(100);
    assertThat(Median.quantile(new double[] {7}, 0.01)).isEqualTo(7);
  }
}
