// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import io.millrace.stats.test.KolmogorovSmirnov;
import java.util.Arrays;

/**
 * Kolmogorov-Smirnov windowing: compares the newest values of a sliding window with as many drawn
 * from the rest of it. Finds any change of distribution, not only of the mean. Source: Raab,
 * Heusinger, Schleif, "Reactive soft prototype computing for concept drift streams", 2020, with a
 * least gap of 0.1 as in River.
 *
 * <p>Memory is the window; each update sorts two samples. The level holds for one comparison, not
 * for the many of a stream. Sampling is seeded, so runs repeat.
 */
public final class Kswin implements DriftDetector {
  static final String NAME = "kswin";

  private static final int MAX_WINDOW = 1_000_000;
  private static final double LEAST_GAP = 0.1;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final double level;
  private final int windowSize;
  private final int sampleSize;
  private final long seed;
  private final double leastGap;
  private final double[] window;
  // Reused by each comparison.
  private final double[] pool;
  private final double[] recent;
  private int size;
  private int next;
  private long random;
  private DetectorState state;

  /** Level 0.005, window 100, samples of 30, seed 0. */
  public Kswin() {
    this(0.005, 100, 30, 0);
  }

  /**
   * With other parameters.
   *
   * @param level false-alarm probability of one comparison, within (0, 1)
   * @param windowSize values kept, at least twice {@code sampleSize}, at most {@value #MAX_WINDOW}
   * @param sampleSize values compared on each side, 2 or more
   */
  public Kswin(double level, int windowSize, int sampleSize, long seed) {
    if (!(level > 0 && level < 1)
        || sampleSize < 2
        || windowSize < 2L * sampleSize
        || windowSize > MAX_WINDOW) {
      throw new IllegalArgumentException(
          "need 0 < level < 1, sampleSize ≥ 2, 2·sampleSize ≤ windowSize ≤ 1,000,000, were %s, %d, %d"
              .formatted(level, sampleSize, windowSize));
    }
    this.level = level;
    this.windowSize = windowSize;
    this.sampleSize = sampleSize;
    this.seed = seed;
    this.window = new double[windowSize];
    this.pool = new double[windowSize - sampleSize];
    this.recent = new double[sampleSize];
    this.leastGap = leastSignificantGap(level, sampleSize);
    reset();
  }

  /** Gaps are multiples of 1/size; the smallest with a p-value of at most the level. */
  private static double leastSignificantGap(double level, int size) {
    for (int step = 1; step <= size; step++) {
      double gap = step / (double) size;
      if (gap > LEAST_GAP && KolmogorovSmirnov.pValue(gap, size, size) <= level) {
        return gap - 0.5 / size;
      }
    }
    return 2;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectorState update(double value) {
    DriftDetector.requireFinite(value);
    if (state == DetectorState.DRIFT) {
      reset();
    }
    window[next] = value + 0.0;
    next = (next + 1) % windowSize;
    size = Math.min(size + 1, windowSize);
    if (size == windowSize && gap() > leastGap) {
      state = DetectorState.DRIFT;
    }
    return state;
  }

  private double gap() {
    int old = windowSize - sampleSize;
    copyWindow(next, pool, old);
    copyWindow((next + old) % windowSize, recent, sampleSize);
    for (int i = 0; i < sampleSize; i++) {
      int pick = i + (int) (nextRandom() >>> 1) % (old - i);
      double drawn = pool[pick];
      pool[pick] = pool[i];
      pool[i] = drawn;
    }
    Arrays.sort(pool, 0, sampleSize);
    Arrays.sort(recent);
    return largestGap(pool, recent);
  }

  private void copyWindow(int from, double[] target, int length) {
    int first = Math.min(length, windowSize - from);
    System.arraycopy(window, from, target, 0, first);
    System.arraycopy(window, 0, target, first, length - first);
  }

  private double largestGap(double[] a, double[] b) {
    int i = 0;
    int j = 0;
    int largest = 0;
    while (i < sampleSize && j < sampleSize) {
      double x = Math.min(a[i], b[j]);
      while (i < sampleSize && a[i] == x) {
        i++;
      }
      while (j < sampleSize && b[j] == x) {
        j++;
      }
      largest = Math.max(largest, Math.abs(i - j));
    }
    return largest / (double) sampleSize;
  }

  private int nextRandom() {
    random += GOLDEN;
    long mixed = (random ^ (random >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return (int) (mixed >>> 32);
  }

  @Override
  public DetectorState state() {
    return state;
  }

  @Override
  public void reset() {
    size = 0;
    next = 0;
    random = seed;
    state = DetectorState.STABLE;
  }

  @Override
  public DetectorSnapshot snapshot() {
    double[] numbers = new double[windowSize + 5];
    System.arraycopy(window, 0, numbers, 0, windowSize);
    numbers[windowSize] = size;
    numbers[windowSize + 1] = next;
    numbers[windowSize + 2] = (int) (random >>> 32);
    numbers[windowSize + 3] = (int) random;
    numbers[windowSize + 4] = state.ordinal();
    return new DetectorSnapshot(
        NAME,
        new double[] {level, windowSize, sampleSize, (int) (seed >>> 32), (int) seed},
        numbers);
  }

  static Kswin restore(double[] parameters, double[] numbers) {
    Kswin detector =
        new Kswin(
            parameters[0],
            (int) parameters[1],
            (int) parameters[2],
            joined(parameters[3], parameters[4]));
    int at = detector.windowSize;
    System.arraycopy(numbers, 0, detector.window, 0, at);
    detector.size = (int) numbers[at];
    detector.next = (int) numbers[at + 1];
    detector.random = joined(numbers[at + 2], numbers[at + 3]);
    detector.state = DetectorState.values()[(int) numbers[at + 4]];
    return detector;
  }

  private static long joined(double high, double low) {
    return ((long) (int) high << 32) | (((long) (int) low) & 0xFFFFFFFFL);
  }
}
