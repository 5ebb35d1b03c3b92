// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A change detector for values in [0, 1] (errors, losses, shares) whose false-alarm probability
 * holds over a stream of any length: on a stream whose mean never changes, the probability that it
 * ever raises drift is at most {@code falseAlarm}, whatever the distribution, and at most ten times
 * that for a warning. Each drift starts a new history with the same promise.
 *
 * <p>How: for every possible starting point of a change it keeps an e-process, that is a bet whose
 * expected worth stays at most 1 while nothing changes. The k-th starting point may spend a share
 * 1/(2.11·(k+1)·ln²(k+1)) of {@code falseAlarm}, so that all of them together, for ever, spend no
 * more than all of it. Starting points are {@value #BLOCK} values apart when young and thin out by
 * powers of two with age: memory is O(log n), and a long quiet past sharpens the comparison instead
 * of blinding it. The delay grows with the logarithm of the length of the past.
 *
 * <p>Half of the level goes to a generalised likelihood ratio of Bernoulli variables: mixtures over
 * Jeffreys' prior before and after the start against the best single mean. It is near the optimum
 * for errors of 0 and 1, and valid for anything in [0, 1] because its factors are convex. The other
 * half goes to the intersection of empirical Bernstein confidence sequences, which is quicker for
 * losses of small variance; it is left out while all values are 0 or 1.
 *
 * <p>Sources: Maillard, "Sequential change-point detection: Laplace concentration of scan
 * statistics and non-asymptotic delay bounds", ALT 2019; Besson et al., "Efficient change-point
 * detection for tackling piecewise-stationary bandits", JMLR 2022 (the Bernoulli ratio); Krichevsky
 * and Trofimov 1981 (regret ½ ln n + ln 2 of the mixture); Shekhar and Ramdas, "Reducing sequential
 * change detection to sequential estimation", 2023 (the intersection); Howard, Ramdas, McAuliffe
 * and Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of
 * Statistics 2021, theorems 1 and 4 with η = 2, s = 1.4 (the sequences). Cost: constant per value,
 * plus one look at the O(log n) starting points every {@value #BLOCK} values.
 */
public final class AnytimeValid implements DriftDetector {
  static final String NAME = "anytime_valid";

  private static final int BLOCK = 16;
  private static final int PER_OCTAVE = 4;
  private static final int MAX_STARTS = 256;
  private static final double K1_SQUARED = 2.060660171779821; // ((2^¼ + 2^−¼)/√2)²
  private static final double K2 = (Math.sqrt(2) + 1) / 2;
  private static final double LOG_2 = Math.log(2);
  private static final double LOG_ZETA = Math.log(3.105504); // ζ(1.4), rounded up
  private static final double S = 1.4;
  private static final double LEAST_VARIANCE = 1;
  private static final double WARNING_GAIN = Math.log(10);
  private static final double SLOWEST = 1.0 / 256;
  private static final int HEAD = 11;

  private final double falseAlarm;
  private double count;
  private double sum;
  private double variance;
  private double forecast;
  private boolean binary;
  private double low;
  private double high;
  private double warningLow;
  private double warningHigh;
  private int starts;
  private final double[] startCount = new double[MAX_STARTS];
  private final double[] startSum = new double[MAX_STARTS];
  private final double[] startVariance = new double[MAX_STARTS];
  // What the values before the start and the start's level contribute to its log e-value.
  private final double[] startTerm = new double[MAX_STARTS];
  private DetectorState state;
  private @Nullable Change change;

  /** False-alarm probability 0.01 over the whole history. */
  public AnytimeValid() {
    this(0.01);
  }

  /** With another false-alarm probability, within (0, 1). */
  public AnytimeValid(double falseAlarm) {
    if (!(falseAlarm > 0 && falseAlarm < 1)) {
      throw new IllegalArgumentException("falseAlarm must lie within (0, 1), was " + falseAlarm);
    }
    this.falseAlarm = falseAlarm;
    reset();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectorState update(double value) {
    HddmA.requireShare(value);
    if (state == DetectorState.DRIFT) {
      reset();
    }
    double miss = value - forecast;
    variance += miss * miss;
    // A forecast from earlier values only, as theorem 4 needs; it forgets, so that the variance
    // after a change is not overstated for long.
    forecast += Math.max(1 / (count + 2), SLOWEST) * miss;
    binary &= value == 0 || value == 1;
    sum += value;
    count++;
    if ((long) count % BLOCK == 0) {
      look();
    }
    return state;
  }

  private void look() {
    double whole = count * negativeEntropy(sum / count);
    double strongest = Double.NEGATIVE_INFINITY;
    int likeliest = -1;
    for (int i = 0; i < starts; i++) {
      double after = count - startCount[i];
      double evidence =
          startTerm[i]
              + after * negativeEntropy((sum - startSum[i]) / after)
              - 0.5 * Math.log(after)
              - whole;
      if (evidence > strongest) {
        strongest = evidence;
        likeliest = i;
      }
    }
    boolean apart = false;
    boolean nearlyApart = false;
    if (!binary) {
      intersect();
      apart = low > high;
      nearlyApart = warningLow > warningHigh;
    }
    if (strongest >= 0 || apart) {
      state = DetectorState.DRIFT;
      change = likeliest < 0 ? null : changeAt(likeliest);
      return;
    }
    state =
        strongest + WARNING_GAIN >= 0 || nearlyApart ? DetectorState.WARNING : DetectorState.STABLE;
    start();
  }

  /** p ln p + (1 − p) ln(1 − p): the best log-likelihood of one value at its mean. */
  private static double negativeEntropy(double share) {
    double p = Math.clamp(share, 0.0, 1.0); // sums of fractions may miss the ends by rounding
    return (p == 0 ? 0 : p * Math.log(p)) + (p == 1 ? 0 : (1 - p) * Math.log(1 - p));
  }

  /** Narrows the interval that the one mean of this history can lie in by every sequence. */
  private void intersect() {
    double share = Math.log(8 / falseAlarm);
    cut(count, sum, variance, share);
    for (int i = 0; i < starts; i++) {
      double blocks = startCount[i] / BLOCK;
      cut(
          count - startCount[i],
          sum - startSum[i],
          variance - startVariance[i],
          share + logShares(blocks));
    }
  }

  private void cut(double n, double stretchSum, double stretchVariance, double logLevel) {
    double mean = stretchSum / n;
    double v = Math.max(stretchVariance, LEAST_VARIANCE);
    double octaves = Math.log(v / LEAST_VARIANCE) / LOG_2;
    double l = S * Math.log(octaves + 1) + LOG_ZETA + logLevel;
    double radius = radius(v, l) / n;
    low = Math.max(low, mean - radius);
    high = Math.min(high, mean + radius);
    double warningRadius = radius(v, l - WARNING_GAIN) / n;
    warningLow = Math.max(warningLow, mean - warningRadius);
    warningHigh = Math.min(warningHigh, mean + warningRadius);
  }

  private static double radius(double v, double l) {
    return Math.sqrt(K1_SQUARED * v * l + K2 * K2 * l * l) + K2 * l;
  }

  private Change changeAt(int start) {
    double before = startCount[start];
    return new Change(
        (long) before,
        (long) (count - before),
        startSum[start] / before,
        (sum - startSum[start]) / (count - before));
  }

  /** Remembers this point, and forgets old ones that are denser than their age deserves. */
  private void start() {
    double now = count / BLOCK;
    int kept = 0;
    for (int i = 0; i < starts; i++) {
      double block = startCount[i] / BLOCK;
      double age = now - block;
      long spacing = age < PER_OCTAVE ? 1 : Long.highestOneBit((long) age / PER_OCTAVE);
      if ((long) block % spacing == 0) {
        startCount[kept] = startCount[i];
        startSum[kept] = startSum[i];
        startVariance[kept] = startVariance[i];
        startTerm[kept++] = startTerm[i];
      }
    }
    starts = kept;
    if (starts < MAX_STARTS) {
      startCount[starts] = count;
      startSum[starts] = sum;
      startVariance[starts] = variance;
      startTerm[starts] = term(count, sum);
      starts++;
    }
  }

  private double term(double before, double sumBefore) {
    double blocks = before / BLOCK;
    return before * negativeEntropy(sumBefore / before)
        - 0.5 * Math.log(before)
        - 2 * LOG_2
        - Math.log(2 / falseAlarm)
        - logShares(blocks);
  }

  /** Minus the logarithm of the k-th start's share; Σ 1/(j·ln² j) over j ≥ 2 is below 2.11. */
  private static double logShares(double k) {
    return Math.log(2.11 * (k + 1)) + 2 * Math.log(Math.log(k + 1));
  }

  /** Where the change began, if the last value declared one. */
  public Optional<Change> change() {
    return state == DetectorState.DRIFT ? Optional.ofNullable(change) : Optional.empty();
  }

  @Override
  public DetectorState state() {
    return state;
  }

  @Override
  public void reset() {
    count = 0;
    sum = 0;
    variance = 0;
    forecast = 0.5;
    binary = true;
    low = Double.NEGATIVE_INFINITY;
    high = Double.POSITIVE_INFINITY;
    warningLow = Double.NEGATIVE_INFINITY;
    warningHigh = Double.POSITIVE_INFINITY;
    starts = 0;
    state = DetectorState.STABLE;
    change = null;
  }

  @Override
  public DetectorSnapshot snapshot() {
    double[] head = {
      count,
      sum,
      variance,
      forecast,
      binary ? 1 : 0,
      low,
      high,
      warningLow,
      warningHigh,
      state.ordinal(),
      starts
    };
    double[] numbers = Arrays.copyOf(head, HEAD + 3 * starts);
    for (int i = 0; i < starts; i++) {
      numbers[HEAD + 3 * i] = startCount[i];
      numbers[HEAD + 3 * i + 1] = startSum[i];
      numbers[HEAD + 3 * i + 2] = startVariance[i];
    }
    return new DetectorSnapshot(NAME, new double[] {falseAlarm}, numbers);
  }

  static AnytimeValid restore(double[] parameters, double[] numbers) {
    AnytimeValid detector = new AnytimeValid(parameters[0]);
    detector.count = numbers[0];
    detector.sum = numbers[1];
    detector.variance = numbers[2];
    detector.forecast = numbers[3];
    detector.binary = numbers[4] == 1;
    detector.low = numbers[5];
    detector.high = numbers[6];
    detector.warningLow = numbers[7];
    detector.warningHigh = numbers[8];
    detector.state = DetectorState.values()[(int) numbers[9]];
    detector.starts = (int) numbers[10];
    for (int i = 0; i < detector.starts; i++) {
      detector.startCount[i] = numbers[HEAD + 3 * i];
      detector.startSum[i] = numbers[HEAD + 3 * i + 1];
      detector.startVariance[i] = numbers[HEAD + 3 * i + 2];
      detector.startTerm[i] = detector.term(detector.startCount[i], detector.startSum[i]);
    }
    return detector;
  }
}
