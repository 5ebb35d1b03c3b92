// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.stats.Seeds;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HoltWintersTest {
  private static final double NONE = Double.POSITIVE_INFINITY;
  private static final int WEEK = 7;

  /** One line of holt-winters.csv, which statsmodels wrote. */
  private record Oracle(
      String name,
      int period,
      Smoothing weights,
      double level,
      double trend,
      double[] season,
      double[] values,
      double[] fitted,
      double next,
      double squares,
      double[] growth,
      double leastSquares) {
    Seasonal start() {
      return new Seasonal(0, level, trend, season);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Oracle> oracles() throws IOException {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    HoltWintersTest.class.getResourceAsStream("holt-winters.csv")),
                StandardCharsets.UTF_8))) {
      return in.lines().skip(1).map(HoltWintersTest::oracle).toList();
    }
  }

  private static Oracle oracle(String line) {
    String[] parts = line.split(";", -1);
    double[] weights = numbers(parts[2]);
    double[] start = numbers(parts[3]);
    return new Oracle(
        parts[0],
        Integer.parseInt(parts[1]),
        new Smoothing(weights[0], weights[1], weights[2]),
        start[0],
        start[1],
        numbers(parts[4]),
        numbers(parts[5]),
        numbers(parts[6]),
        Double.parseDouble(parts[7]),
        Double.parseDouble(parts[8]),
        numbers(parts[9]),
        Double.parseDouble(parts[10]));
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
  }

  @ParameterizedTest
  @MethodSource("oracles")
  void advance_knownStartAndWeights_sameForecastsAsStatsmodels(Oracle oracle) {
    Seasonal state = oracle.start();
    for (int i = 0; i < oracle.values().length; i++) {
      assertThat(state.forecast()).isCloseTo(oracle.fitted()[i], within(1e-9));
      state.advance(oracle.weights(), oracle.values()[i] - state.forecast());
    }
    assertThat(state.forecast()).isCloseTo(oracle.next(), within(1e-9));
    assertThat(oracle.weights().run(oracle.start(), oracle.values(), NONE))
        .isCloseTo(oracle.squares(), within(1e-6));
  }

  @ParameterizedTest
  @MethodSource("oracles")
  void varianceGrowth_severalSteps_sameAsStateSpaceForm(Oracle oracle) {
    for (int gaps = 0; gaps < oracle.growth().length; gaps++) {
      assertThat(oracle.weights().varianceGrowth(gaps, oracle.period()))
          .isCloseTo(oracle.growth()[gaps], within(1e-12));
    }
  }

  @ParameterizedTest
  @MethodSource("oracles")
  void fit_knownStart_asGoodAsSciPysOptimum(Oracle oracle) {
    Smoothing fitted = Smoothing.fit(oracle.start(), oracle.values(), NONE);
    double squares = fitted.run(oracle.start(), oracle.values(), NONE);
    assertThat(squares).isLessThanOrEqualTo(oracle.leastSquares() * 1.001);
    assertThat(squares).isGreaterThan(oracle.leastSquares() * 0.999);
  }

  @Test
  void next_seriesWithoutNoise_exact() {
    double[] values =
        IntStream.range(0, 40).mapToDouble(t -> 100 + 2 * t + 10 * (t % WEEK)).toArray();
    Forecast next = new HoltWinters(WEEK).next(values).orElseThrow();
    assertThat(next.expected()).isCloseTo(100 + 2 * 40 + 10 * (40 % WEEK), within(1e-8));
    assertThat(next.high() - next.low()).isLessThan(1e-6);
    assertThat(next.basis()).isEqualTo(40 - 2 * WEEK);
  }

  @Test
  void next_weeklyVolumes_quietOnCycleAndSeesHalfADayMissing() {
    int[] figures = new int[3];
    Forecaster forecaster = new HoltWinters(WEEK).ofCounts();
    int series = 300;
    Seeds.each(
        series,
        (seed, random) -> {
          double[] volumes = weeklyVolumes(random, 9 * WEEK + 1);
          double last = volumes[9 * WEEK];
          double[] past = Arrays.copyOf(volumes, 9 * WEEK);
          Forecast next = forecaster.next(past).orElseThrow();
          figures[0] += next.contains(last) ? 0 : 1;
          figures[1] += next.contains(last / 2) ? 0 : 1;
          // The control: without the season the cycle is noise, and half a day hides in it.
          Forecast plain = SteadyMean.DEFAULT.ofCounts().next(past).orElseThrow();
          figures[2] += plain.contains(last / 2) ? 0 : 1;
        });
    assertThat(figures[0]).as("false alarms").isLessThanOrEqualTo(series / 50);
    assertThat(figures[1]).as("half days seen").isGreaterThanOrEqualTo(series * 99 / 100);
    assertThat(figures[2]).as("half days seen without season").isLessThan(series / 2);
  }

  @Test
  void next_threeWeeksOnly_falseAlarmsStayRare() {
    int[] alarms = new int[1];
    int series = 1_000;
    Seeds.each(
        series,
        (seed, random) -> {
          double[] volumes = weeklyVolumes(random, 3 * WEEK + 1);
          Forecast next =
              new HoltWinters(WEEK).ofCounts().next(Arrays.copyOf(volumes, 3 * WEEK)).orElseThrow();
          alarms[0] += next.contains(volumes[3 * WEEK]) ? 0 : 1;
        });
    assertThat(alarms[0]).isLessThanOrEqualTo(series / 50);
  }

  /** About a thousand, half of it at weekends, growing, with 5 % of noise. */
  private static double[] weeklyVolumes(SplittableRandom random, int days) {
    double[] volumes = new double[days];
    for (int day = 0; day < days; day++) {
      double week = day % WEEK >= 5 ? 0.5 : 1;
      volumes[day] = Math.rint(1000 * week * Math.exp(0.002 * day + 0.05 * random.nextGaussian()));
    }
    return volumes;
  }

  @Test
  void next_gaps_foretoldAcrossThem() {
    double[] values = weeklyVolumes(new SplittableRandom(3), 10 * WEEK);
    Forecast whole = new HoltWinters(WEEK).next(values).orElseThrow();
    double[] holes = values.clone();
    for (int i = 5; i < holes.length; i += 9) {
      holes[i] = Double.NaN;
    }
    Forecast found = new HoltWinters(WEEK).next(holes).orElseThrow();
    assertThat(found.expected()).isCloseTo(whole.expected(), within(whole.expected() * 0.1));
    assertThat(found.basis()).isLessThan(whole.basis());
    // After an unknown week the season is still in step.
    Arrays.fill(holes, holes.length - WEEK, holes.length, Double.NaN);
    Forecast blind = new HoltWinters(WEEK).next(holes).orElseThrow();
    assertThat(blind.expected()).isCloseTo(whole.expected(), within(whole.expected() * 0.15));
  }

  @Test
  void next_outlierInThePast_bandHardlyMoves() {
    double[] values = weeklyVolumes(new SplittableRandom(4), 10 * WEEK);
    Forecast clean = new HoltWinters(WEEK).next(values).orElseThrow();
    values[8 * WEEK] *= 20;
    Forecast spoilt = new HoltWinters(WEEK).next(values).orElseThrow();
    assertThat(spoilt.expected()).isCloseTo(clean.expected(), within(clean.expected() * 0.1));
    assertThat(spoilt.high() - spoilt.low()).isLessThan(2 * (clean.high() - clean.low()));
  }

  @Test
  void next_lastingChangeOfLevel_followedWithinTwoWeeks() {
    double[] values = weeklyVolumes(new SplittableRandom(5), 12 * WEEK + 1);
    for (int i = 10 * WEEK; i < values.length; i++) {
      values[i] *= 2;
    }
    Forecaster forecaster = new HoltWinters(WEEK).ofCounts();
    Forecast before = forecaster.next(Arrays.copyOf(values, 10 * WEEK)).orElseThrow();
    Forecast after = forecaster.next(Arrays.copyOf(values, 12 * WEEK)).orElseThrow();
    assertThat(before.contains(values[10 * WEEK])).isFalse();
    assertThat(after.contains(values[12 * WEEK])).isTrue();
  }

  @Test
  void next_tooShortOrTooManyGaps_cannotTell() {
    HoltWinters weekly = new HoltWinters(WEEK);
    assertThat(weekly.next(new double[0])).isEmpty();
    assertThat(weekly.next(new double[2 * WEEK + 5])).isEmpty();
    assertThat(weekly.next(new double[2 * WEEK + 6])).isPresent();
    double[] noSundays = new double[20 * WEEK];
    for (int i = 6; i < noSundays.length; i += WEEK) {
      noSundays[i] = Double.NaN;
    }
    assertThat(weekly.next(noSundays)).isEmpty();
    double[] gaps = new double[10 * WEEK];
    Arrays.fill(gaps, Double.NaN);
    assertThat(weekly.next(gaps)).isEmpty();
    assertThatThrownBy(() -> weekly.next(new double[] {1, Double.NEGATIVE_INFINITY}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new HoltWinters(1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> weekly.ofCounts().next(new double[] {-1}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void next_firstSeasonsFullOfGaps_startsWhereItCan() {
    double[] values = weeklyVolumes(new SplittableRandom(6), 10 * WEEK);
    double[] late = values.clone();
    Arrays.fill(late, 0, 3 * WEEK, Double.NaN);
    late[3 * WEEK] = 1000;
    Forecast found = new HoltWinters(WEEK).next(late).orElseThrow();
    assertThat(found.expected())
        .isCloseTo(
            new HoltWinters(WEEK).next(values).orElseThrow().expected(),
            within(found.expected() * 0.1));
  }
}
