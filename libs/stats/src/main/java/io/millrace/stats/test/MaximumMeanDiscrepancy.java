// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Two-sample test of joint distributions: maximum mean discrepancy with a Gaussian kernel, p-value
 * by permutation. Applies to rows of finite numbers. Finds what no one-column test can, such as a
 * change of correlation. Source: Gretton et al., "A kernel two-sample test", JMLR 2012 (unbiased
 * statistic, width the median distance).
 *
 * <p>Columns are scaled by the reference's mean and standard deviation first. Quadratic in memory
 * and time, so each side is limited to {@value #MAX_ROWS} rows; draw a sample of larger windows.
 * Power falls with the number of columns: reduce tens of columns first.
 */
public final class MaximumMeanDiscrepancy {
  /** Most rows of a side. */
  public static final int MAX_ROWS = 1000;

  /** Deviations beyond which a value is as far away as it can be; their squares fit a float. */
  private static final double FARTHEST = 1e6;

  private static final double HUGE = 1e100;

  private MaximumMeanDiscrepancy() {}

  /**
   * Compares rows of finite numbers.
   *
   * @param reference rows of equal length, 2 to {@value #MAX_ROWS}
   * @param current rows of the same length, 2 to {@value #MAX_ROWS}
   * @param permutations 99 or more; the smallest possible p-value is 1/(permutations + 1)
   * @param seed of the permutations, so that runs repeat
   * @throws IllegalArgumentException if sizes differ or lie outside the limits
   */
  public static TestOutcome test(
      double[][] reference, double[][] current, int permutations, long seed) {
    check(reference.length, current.length, permutations);
    double[][] rows = scaled(reference, current);
    int n = reference.length;
    int total = rows.length;
    float[][] kernel = kernel(rows);
    boolean[] inReference = new boolean[total];
    Arrays.fill(inReference, 0, n, true);
    double seen = statistic(kernel, inReference, n);
    SplittableRandom random = new SplittableRandom(seed);
    int atLeast = 1;
    for (int i = 0; i < permutations; i++) {
      shuffle(inReference, random);
      atLeast += statistic(kernel, inReference, n) >= seen ? 1 : 0;
    }
    return new TestOutcome(seen, atLeast / (permutations + 1.0), n, current.length);
  }

  private static void check(int n, int m, int permutations) {
    if (Math.min(n, m) < 2 || Math.max(n, m) > MAX_ROWS || permutations < 99) {
      throw new IllegalArgumentException(
          "need 2 to %d rows a side and 99 permutations, have %d, %d and %d"
              .formatted(MAX_ROWS, n, m, permutations));
    }
  }

  private static double[][] scaled(double[][] reference, double[][] current) {
    int n = reference.length;
    int width = reference[0].length;
    double[][] rows = new double[n + current.length][];
    for (int i = 0; i < rows.length; i++) {
      double[] row = i < n ? reference[i] : current[i - n];
      if (row.length != width || !Arrays.stream(row).allMatch(Double::isFinite)) {
        throw new IllegalArgumentException("rows need %d finite numbers each".formatted(width));
      }
      rows[i] = row.clone();
    }
    for (int c = 0; c < width; c++) {
      scale(rows, c);
      double mean = 0;
      double squares = 0;
      for (int i = 0; i < n; i++) {
        double delta = rows[i][c] - mean;
        mean += delta / (i + 1);
        squares += delta * (rows[i][c] - mean);
      }
      double deviation = Math.sqrt(squares / (n - 1));
      for (double[] row : rows) {
        double score = (row[c] - mean) / (deviation > 0 ? deviation : 1);
        row[c] = Math.clamp(score, -FARTHEST, FARTHEST);
      }
    }
    return rows;
  }

  /** Brings a column whose squares would overflow or vanish into the range of a double. */
  private static void scale(double[][] rows, int column) {
    double largest = 0;
    for (double[] row : rows) {
      largest = Math.max(largest, Math.abs(row[column]));
    }
    if (largest > HUGE || (largest > 0 && largest < 1 / HUGE)) {
      int power = -Math.getExponent(largest);
      for (double[] row : rows) {
        row[column] = Math.scalb(row[column], power);
      }
    }
  }

  private static float[][] kernel(double[][] rows) {
    int total = rows.length;
    float[][] kernel = new float[total][total];
    double[] distances = new double[total * (total - 1) / 2];
    int at = 0;
    for (int i = 0; i < total; i++) {
      for (int j = 0; j < i; j++) {
        double sum = 0;
        for (int c = 0; c < rows[i].length; c++) {
          double gap = rows[i][c] - rows[j][c];
          sum += gap * gap;
        }
        distances[at++] = sum;
        kernel[i][j] = (float) sum;
      }
    }
    Arrays.sort(distances);
    double median = Math.max(distances[distances.length / 2], Double.MIN_NORMAL);
    for (int i = 0; i < total; i++) {
      for (int j = 0; j < i; j++) {
        kernel[i][j] = (float) Math.exp(-kernel[i][j] / median);
        kernel[j][i] = kernel[i][j];
      }
    }
    return kernel;
  }

  private static double statistic(float[][] kernel, boolean[] inReference, int n) {
    int m = inReference.length - n;
    double within = 0;
    double across = 0;
    double other = 0;
    for (int i = 0; i < kernel.length; i++) {
      for (int j = 0; j < i; j++) {
        if (inReference[i] != inReference[j]) {
          across += kernel[i][j];
        } else if (inReference[i]) {
          within += kernel[i][j];
        } else {
          other += kernel[i][j];
        }
      }
    }
    return 2 * within / ((double) n * (n - 1))
        + 2 * other / ((double) m * (m - 1))
        - 2 * across / ((double) n * m);
  }

  private static void shuffle(boolean[] flags, SplittableRandom random) {
    for (int i = flags.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      boolean swapped = flags[i];
      flags[i] = flags[j];
      flags[j] = swapped;
    }
  }
}
