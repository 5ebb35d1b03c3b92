// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

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
