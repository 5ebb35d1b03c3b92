// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Quality of predicted probabilities on a stream: constant memory ({@value #BINS} bins, 24 KiB),
 * mergeable, serialisable, with analytic confidence intervals for independent rows (for rows that
 * belong together see {@link PoissonBootstrap}). Log loss, Brier score and the counts are exact;
 * calibration uses equal ranges; the areas under the ROC curve and under precision and recall are
 * within {@link #aucErrorBound()} and {@link #averagePrecisionErrorBound()} of the exact ones,
 * because the order inside one bin is not known. Not thread-safe.
 */
public final class BinaryMetricsAccumulator {
  /** Ranges of prediction that are kept apart. */
  public static final int BINS = 1000;

  private static final int FORMAT = 2;

  /** Without the sums that intervals need; still read. */
  private static final int WITHOUT_INTERVALS = 1;

  private CalibrationTable table = new CalibrationTable(BINS);
  private double weight;
  private double logLoss;
  private double squares;
  // Sums of squares of what is averaged, and of the weights: NaN where an old format lacks them.
  private double logLossSquares;
  private double fourthPowers;
  private double weightSquares;

  /** Adds one prediction and its outcome. */
  public void add(double probability, boolean outcome) {
    add(probability, outcome, 1);
  }

  /** Adds one prediction and its outcome with a weight, finite and not negative. */
  public void add(double probability, boolean outcome, double rowWeight) {
    if (!(rowWeight >= 0 && rowWeight < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("weights are finite and ≥ 0, found " + rowWeight);
    }
    table.add(probability, outcome, rowWeight);
    weight += rowWeight;
    weightSquares += rowWeight * rowWeight;
    double loss = BinaryMetrics.logLoss(probability, outcome);
    logLoss += rowWeight * loss;
    logLossSquares += rowWeight * loss * loss;
    double miss = probability - (outcome ? 1 : 0);
    double square = miss * miss;
    squares += rowWeight * square;
    fourthPowers += rowWeight * square * square;
  }

  /** Adds all that the other has seen. */
  public void merge(BinaryMetricsAccumulator other) {
    table.merge(other.table);
    weight += other.weight;
    logLoss += other.logLoss;
    squares += other.squares;
    logLossSquares += other.logLossSquares;
    fourthPowers += other.fourthPowers;
    weightSquares += other.weightSquares;
  }

  /** Weight of the rows added; their number when none had a weight. */
  public double weight() {
    return weight;
  }

  /** Weight of the rows whose outcome was positive. */
  public double positives() {
    double sum = 0;
    for (int i = 0; i < BINS; i++) {
      sum += table.positives(i);
    }
    return sum;
  }

  /** Area under the ROC curve, see {@link #aucErrorBound()}; NaN when a class is absent. */
  public double auc() {
    double below = 0;
    double area = 0;
    for (int i = 0; i < BINS; i++) {
      area += table.positives(i) * (below + table.negatives(i) / 2);
      below += table.negatives(i);
    }
    return area / (positives() * below);
  }

  /** Largest distance between {@link #auc()} and the exact area of the same rows. */
  public double aucErrorBound() {
    double shared = 0;
    for (int i = 0; i < BINS; i++) {
      shared += table.positives(i) * table.negatives(i) / 2;
    }
    return shared / (positives() * (weight - positives()));
  }

  /**
   * DeLong's interval of the area, the rows of a bin counting as ties, widened by {@link
   * #aucErrorBound()}; [0, 1] when a class is absent.
   */
  public Interval aucInterval(double confidence) {
    double positives = positives();
    double negatives = weight - positives;
    double area = auc();
    // Weights count as the number of equal rows that would say as much.
    double scale = weight / weightSquares;
    double smaller = Math.min(positives, negatives) * scale;
    if (!(smaller > 0) || Double.isNaN(area)) {
      return new Interval(0, 1, confidence);
    }
    double wins = 0;
    double losses = 0;
    double below = 0;
    double under = 0;
    for (int i = 0; i < BINS; i++) {
      double p = table.positives(i);
      double n = table.negatives(i);
      double win = (below + n / 2) / negatives - area;
      double loss = 1 - (under + p / 2) / positives - area;
      wins += p * win * win;
      losses += n * loss * loss;
      below += n;
      under += p;
    }
    double error =
        smaller < 2
            ? Double.NaN
            : Math.sqrt(
                wins / positives / (positives * scale - 1)
                    + losses / negatives / (negatives * scale - 1));
    Interval binned = Auc.interval(area, error, smaller, confidence);
    double bound = aucErrorBound();
    return new Interval(
        Math.max(0, binned.low() - bound), Math.min(1, binned.high() + bound), confidence);
  }

  /**
   * Area under precision and recall as {@link BinaryMetrics#averagePrecision}, the rows of one bin
   * counting as ties, see {@link #averagePrecisionErrorBound()}; NaN without positives.
   */
  public double averagePrecision() {
    return AveragePrecision.of(table);
  }

  /**
   * Largest distance between {@link #averagePrecision()} and the exact area of the same rows
   * without weights.
   */
  public double averagePrecisionErrorBound() {
    return AveragePrecision.errorBound(table);
  }

  /**
   * Interval of {@link #averagePrecision()} by a Poisson bootstrap, widened by {@link
   * #averagePrecisionErrorBound()}; the same for the same rows; [0, 1] without positives.
   */
  public Interval averagePrecisionInterval(double confidence) {
    return AveragePrecision.interval(table, weight / weightSquares, confidence);
  }

  /** Mean logarithmic loss in nats; NaN without rows. */
  public double logLoss() {
    return logLoss / weight;
  }

  /** Interval of the mean logarithmic loss; [0, ∞) below two rows. */
  public Interval logLossInterval(double confidence) {
    return Interval.ofMean(
        logLoss(), standardError(logLoss, logLossSquares), confidence, 0, Double.POSITIVE_INFINITY);
  }

  /** Brier score; NaN without rows. */
  public double brier() {
    return squares / weight;
  }

  /** Interval of the Brier score; [0, 1] below two rows. */
  public Interval brierInterval(double confidence) {
    return Interval.ofMean(brier(), standardError(squares, fourthPowers), confidence, 0, 1);
  }

  /** Of a weighted mean, by the number of equal rows that would say as much; NaN below two. */
  private double standardError(double sum, double sumOfSquares) {
    double rows = weight * weight / weightSquares;
    double mean = sum / weight;
    return rows >= 2
        ? Math.sqrt(Math.max(0, sumOfSquares / weight - mean * mean) / (rows - 1))
        : Double.NaN;
  }

  /** Expected calibration error over {@link BinaryMetrics#CALIBRATION_BINS} ranges. */
  public double expectedCalibrationError() {
    return table.coarse(BinaryMetrics.CALIBRATION_BINS).expectedCalibrationError();
  }

  /**
   * Interval of {@link #expectedCalibrationError()} for endlessly many rows, on the safe side; [0,
   * 1] without rows.
   */
  public Interval expectedCalibrationErrorInterval(double confidence) {
    return table
        .coarse(BinaryMetrics.CALIBRATION_BINS)
        .calibrationErrorInterval(weight / weightSquares, confidence);
  }

  /** Calibration curve over {@link BinaryMetrics#CALIBRATION_BINS} ranges, empty ones left out. */
  public List<CalibrationBin> calibration() {
    return table.coarse(BinaryMetrics.CALIBRATION_BINS).calibration();
  }

  /** Decisions at a threshold, rounded up to the next multiple of 1/{@value #BINS}. */
  public Confusion confusionAt(double threshold) {
    int from = (int) Math.ceil(Labels.requireProbability(threshold) * BINS - 1e-9);
    double[] cells = new double[4];
    for (int i = 0; i < BINS; i++) {
      int called = i >= from ? 2 : 0;
      cells[called + 1] += table.positives(i);
      cells[called] += table.negatives(i);
    }
    return new Confusion(
        Math.round(cells[3]), Math.round(cells[2]), Math.round(cells[0]), Math.round(cells[1]));
  }

  /**
   * The figures for JSON; null where not defined.
   *
   * @param weight weight of the rows
   * @param positiveShare share of positive outcomes
   * @param meanPrediction mean predicted probability
   * @param auc area under the ROC curve
   * @param aucErrorBound bound of its error
   * @param logLoss mean logarithmic loss, nats
   * @param brier Brier score
   * @param expectedCalibrationError over ten ranges
   */
  public record Summary(
      double weight,
      @Nullable Double positiveShare,
      @Nullable Double meanPrediction,
      @Nullable Double auc,
      @Nullable Double aucErrorBound,
      @Nullable Double logLoss,
      @Nullable Double brier,
      @Nullable Double expectedCalibrationError) {}

  /** The figures. */
  public Summary summary() {
    double predicted = 0;
    for (CalibrationBin bin : table.calibration()) {
      predicted += bin.meanPrediction() * bin.count();
    }
    return new Summary(
        weight,
        finite(positives() / weight),
        finite(predicted / weight),
        finite(auc()),
        finite(aucErrorBound()),
        finite(logLoss()),
        finite(brier()),
        finite(expectedCalibrationError()));
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }

  /** The whole state, versioned. */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(BINS * 24 + 64);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeDouble(weight);
      out.writeDouble(logLoss);
      out.writeDouble(squares);
      out.writeDouble(logLossSquares);
      out.writeDouble(fourthPowers);
      out.writeDouble(weightSquares);
      table.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Restores an accumulator.
   *
   * @throws IllegalArgumentException if the bytes are not one of a known version
   */
  public static BinaryMetricsAccumulator fromBytes(byte[] bytes) {
    BinaryMetricsAccumulator restored = new BinaryMetricsAccumulator();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readUnsignedByte();
      if (format != FORMAT && format != WITHOUT_INTERVALS) {
        throw new IllegalArgumentException("unknown binary metrics format " + bytes[0]);
      }
      restored.weight = in.readDouble();
      restored.logLoss = in.readDouble();
      restored.squares = in.readDouble();
      boolean sums = format == FORMAT;
      restored.logLossSquares = sums ? in.readDouble() : Double.NaN;
      restored.fourthPowers = sums ? in.readDouble() : Double.NaN;
      restored.weightSquares = sums ? in.readDouble() : Double.NaN;
      restored.table = CalibrationTable.read(in);
    } catch (IOException e) {
      throw new IllegalArgumentException("not binary metrics: " + e.getMessage(), e);
    }
    return restored;
  }
}
