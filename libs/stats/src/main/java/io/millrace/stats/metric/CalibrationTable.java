// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import io.millrace.stats.test.Normal;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleToIntFunction;

/** Counts of outcomes by equal ranges of predicted probability; mergeable, not thread-safe. */
final class CalibrationTable {
  private final double[] positives;
  private final double[] negatives;
  private final double[] sums;

  CalibrationTable(int bins) {
    if (bins < 1 || bins > 1 << 16) {
      throw new IllegalArgumentException("bins must lie in [1, 65536], was " + bins);
    }
    positives = new double[bins];
    negatives = new double[bins];
    sums = new double[bins];
  }

  int bins() {
    return positives.length;
  }

  void add(double score, boolean label, double weight) {
    int bin = Math.min(bins() - 1, (int) (Labels.requireProbability(score) * bins()));
    (label ? positives : negatives)[bin] += weight;
    sums[bin] += weight * score;
  }

  void merge(CalibrationTable other) {
    if (other.bins() != bins()) {
      throw new IllegalArgumentException("bins differ: " + bins() + " and " + other.bins());
    }
    for (int i = 0; i < bins(); i++) {
      positives[i] += other.positives[i];
      negatives[i] += other.negatives[i];
      sums[i] += other.sums[i];
    }
  }

  /** The same counts over fewer ranges; the number must divide this one's. */
  CalibrationTable coarse(int bins) {
    CalibrationTable joined = new CalibrationTable(bins);
    int width = bins() / bins;
    for (int i = 0; i < bins(); i++) {
      joined.positives[i / width] += positives[i];
      joined.negatives[i / width] += negatives[i];
      joined.sums[i / width] += sums[i];
    }
    return joined;
  }

  double positives(int bin) {
    return positives[bin];
  }

  double negatives(int bin) {
    return negatives[bin];
  }

  List<CalibrationBin> calibration() {
    List<CalibrationBin> curve = new ArrayList<>();
    for (int i = 0; i < bins(); i++) {
      double count = positives[i] + negatives[i];
      if (count > 0) {
        curve.add(
            new CalibrationBin(
                i / (double) bins(),
                (i + 1) / (double) bins(),
                Math.round(count),
                sums[i] / count,
                positives[i] / count));
      }
    }
    return curve;
  }

  double expectedCalibrationError() {
    double total = 0;
    double error = 0;
    for (int i = 0; i < bins(); i++) {
      total += positives[i] + negatives[i];
      error += Math.abs(sums[i] - positives[i]);
    }
    return total == 0 ? Double.NaN : error / total;
  }

  /**
   * An interval of the error that the same ranges would show over endlessly many rows. The gaps of
   * single ranges are biased neither way, but the sum of their sizes is too large by chance, most
   * of all where the model is calibrated; a bootstrap repeats that bias instead of removing it. So
   * the two ends are bounds of different things. High: the sum of the gaps, each with its true
   * sign, is normal around the error and not above what is seen. Low: what is seen exceeds the
   * error by at most the sum of the sizes of the ranges' own errors, which are half-normal. Right
   * where all gaps are far from zero (high) and where all are zero (low), wider than needed in
   * between.
   *
   * @param scale number of rows that one unit of weight stands for
   * @return [0, 1] without rows
   */
  Interval calibrationErrorInterval(double scale, double confidence) {
    double total = 0;
    for (int i = 0; i < bins(); i++) {
      total += positives[i] + negatives[i];
    }
    // Also where an old format did not keep the weights' squares.
    if (!(total * scale > 0)) {
      return new Interval(0, 1, confidence);
    }
    double error = expectedCalibrationError();
    double sizes = 0;
    double variance = 0;
    double squares = 0;
    for (int i = 0; i < bins(); i++) {
      double rows = positives[i] + negatives[i];
      if (rows > 0) {
        double share = rows / total;
        // One row more of each class, or ranges that agreed by chance would have no error.
        double positive = (positives[i] * scale + 1) / (rows * scale + 2);
        double ofRange = share * share * positive * (1 - positive) / (rows * scale);
        double gap = (sums[i] - positives[i]) / rows;
        sizes += Math.sqrt(ofRange);
        variance += ofRange;
        squares += share * gap * gap;
      }
    }
    double z = Normal.quantile(1 - (1 - confidence) / 2);
    double ofShares = Math.max(0, squares - error * error) / (total * scale);
    double excess =
        sizes * Math.sqrt(2 / Math.PI) + z * Math.sqrt(variance * (1 - 2 / Math.PI) + ofShares);
    return new Interval(
        Math.max(0, error - excess),
        Math.min(1, error + z * Math.sqrt(variance + ofShares)),
        confidence);
  }

  /** Each cell with another count, drawn with the present one as its mean; no predictions. */
  CalibrationTable drawn(DoubleToIntFunction poisson, double scale) {
    CalibrationTable other = new CalibrationTable(bins());
    for (int i = 0; i < bins(); i++) {
      other.positives[i] = draw(positives[i] * scale, poisson);
      other.negatives[i] = draw(negatives[i] * scale, poisson);
    }
    return other;
  }

  private static double draw(double mean, DoubleToIntFunction poisson) {
    return mean > 0 ? poisson.applyAsInt(mean) : 0;
  }

  void write(DataOutput out) throws IOException {
    out.writeInt(bins());
    for (int i = 0; i < bins(); i++) {
      out.writeDouble(positives[i]);
      out.writeDouble(negatives[i]);
      out.writeDouble(sums[i]);
    }
  }

  static CalibrationTable read(DataInput in) throws IOException {
    CalibrationTable table = new CalibrationTable(in.readInt());
    for (int i = 0; i < table.bins(); i++) {
      table.positives[i] = in.readDouble();
      table.negatives[i] = in.readDouble();
      table.sums[i] = in.readDouble();
    }
    return table;
  }
}
