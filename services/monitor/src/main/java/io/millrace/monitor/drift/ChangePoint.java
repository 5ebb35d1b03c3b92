// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import java.util.Arrays;

/**
 * Where the mean of a sequence rose. The best split of a sequence into two means is the maximum of
 * the two-sample statistic over all splits (Page, Biometrika 1955; Hinkley, Biometrika 1970); a
 * fiftieth of the values stays on each side.
 *
 * <p>One split of a sequence that rose twice lies between the two, and nearer to the first where it
 * lasted longer. So what follows a split is split again (binary segmentation: Scott and Knott,
 * Biometrics 1974) for as long as that finds a rise that is as large as the one before and no
 * accident: the last large rise counts, not a slow decline that led to it, nor the half of a ramp.
 */
final class ChangePoint {
  /**
   * Standard errors of a rise that the largest of thousands of splits of pure noise stays below.
   */
  private static final double CERTAIN = 4.5;

  private static final int MARGIN_PART = 50;

  private ChangePoint() {}

  private record Split(int at, double rise, double errors) {}

  /** Index of the first value after the rise, in the order given; 0 of fewer than two values. */
  static int of(double[] values) {
    Split found = split(values, 0);
    while (true) {
      Split later = split(values, found.at());
      if (later.at() == found.at() || later.errors() < CERTAIN || later.rise() < found.rise()) {
        return found.at();
      }
      found = later;
    }
  }

  private static Split split(double[] values, int from) {
    int n = values.length - from;
    int margin = Math.max(1, n / MARGIN_PART);
    double total = Arrays.stream(values, from, values.length).sum();
    double squares = Arrays.stream(values, from, values.length).map(each -> each * each).sum();
    double left = 0;
    double best = Double.NEGATIVE_INFINITY;
    Split found = new Split(from, 0, 0);
    for (int k = 1; k < n; k++) {
      left += values[from + k - 1];
      if (k < margin || n - k < margin) {
        continue;
      }
      double before = left / k;
      double after = (total - left) / (n - k);
      double statistic = (after - before) * Math.sqrt((double) k * (n - k) / n);
      if (statistic > best) {
        best = statistic;
        double within = squares - k * before * before - (n - k) * after * after;
        double deviation = Math.sqrt(Math.max(0, within) / n);
        found =
            new Split(
                from + k,
                after - before,
                deviation > 0 ? statistic / deviation : Math.signum(statistic) * CERTAIN);
      }
    }
    return found;
  }
}
