// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.stats.Seeds;
import io.millrace.stats.profile.Moments;
import org.junit.jupiter.api.Test;

class SteadyForecastsTest {

  @Test
  void steadyMean_longSteadyPast_threeDeviations() {
    double[] past = new double[10_000];
    for (int i = 0; i < past.length; i++) {
      past[i] = i % 2 == 0 ? 9 : 11;
    }
    Forecast next = SteadyMean.DEFAULT.next(past).orElseThrow();
    assertThat(next.expected()).isCloseTo(10, within(1e-9));
    assertThat(next.low()).isCloseTo(7, within(0.01));
    assertThat(next.high()).isCloseTo(13, within(0.01));
    assertThat(next.contains(13.1)).isFalse();
    assertThat(next.contains(Double.NaN)).isFalse();
  }

  /** One in 370 is the promise; three plain deviations around five values miss it by far. */
  @Test
  void steadyMean_fiveValues_promiseHoldsWherePlainDeviationsBreakIt() {
    int series = 20_000;
    int[] alarms = new int[2];
    Seeds.each(
        series,
        (seed, random) -> {
          double[] past = new double[5];
          Moments moments = new Moments();
          for (int i = 0; i < past.length; i++) {
            past[i] = random.nextGaussian();
            moments.add(past[i]);
          }
          double next = random.nextGaussian();
          alarms[0] += SteadyMean.DEFAULT.next(past).orElseThrow().contains(next) ? 0 : 1;
          double off = Math.abs(next - moments.mean());
          alarms[1] += off <= 3 * moments.standardDeviation() ? 0 : 1;
        });
    assertThat((double) alarms[0] / series).isBetween(0.0015, 0.0042);
    assertThat((double) alarms[1] / series).isBetween(0.045, 0.06);
  }

  @Test
  void steadyMean_gapsAndShortPast_skippedOrCannotTell() {
    assertThat(SteadyMean.DEFAULT.next(new double[] {1, 2, Double.NaN, 3, 4})).isEmpty();
    Forecast next = SteadyMean.DEFAULT.next(new double[] {1, 2, Double.NaN, 3, 4, 5}).orElseThrow();
    assertThat(next.expected()).isCloseTo(3, within(1e-12));
    assertThat(next.basis()).isEqualTo(5);
    assertThatThrownBy(() -> SteadyMean.DEFAULT.next(new double[] {Double.POSITIVE_INFINITY}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SteadyMean(0, 5)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SteadyMean(3, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rateOfChange_newestValue_betweenItsMultiples() {
    Forecast next = RateOfChange.DEFAULT.next(new double[] {7, 100, Double.NaN}).orElseThrow();
    assertThat(next).isEqualTo(new Forecast(100, 50, 200, 1));
    assertThat(next.contains(49)).isFalse();
    assertThat(new RateOfChange(0, Double.POSITIVE_INFINITY).next(new double[] {3}).orElseThrow())
        .isEqualTo(new Forecast(3, 0, Double.POSITIVE_INFINITY, 1));
    assertThat(RateOfChange.DEFAULT.next(new double[] {5, 0})).isEmpty();
    assertThat(RateOfChange.DEFAULT.next(new double[] {Double.NaN})).isEmpty();
    assertThatThrownBy(() -> new RateOfChange(2, 3)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ofCounts_smallCounts_bandNeverNegativeAndWiderAbove() {
    Forecast next =
        SteadyMean.DEFAULT.ofCounts().next(new double[] {3, 0, 5, 2, 4, 1, 0, 6}).orElseThrow();
    assertThat(next.low()).isZero();
    assertThat(next.high() - next.expected()).isGreaterThan(next.expected() - next.low());
  }
}
