// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a candidate must reach on the evaluation rows before it is blessed.
 *
 * @param auc area under the ROC curve; higher is better
 * @param logLoss lower is better
 * @param accuracy at threshold 0.5; higher is better
 * @param ece expected calibration error; lower is better
 * @param slices columns whose values are evaluated apart ({@code event.field} or {@code
 *     view.feature}; a bare name is a field of the deciding event)
 * @param minimumRows evaluation rows below which a candidate is refused; default 200
 * @param skew how far training rows may be from served ones; absent means that it is not asked
 */
public record GatesDefinition(
    @Nullable Gate auc,
    @Nullable Gate logLoss,
    @Nullable Gate accuracy,
    @Nullable Gate ece,
    List<String> slices,
    @Nullable Integer minimumRows,
    @Nullable SkewGate skew) {

  public GatesDefinition {
    slices = Frozen.list(slices);
  }

  /** Without a gate on skew. */
  public GatesDefinition(
      @Nullable Gate auc,
      @Nullable Gate logLoss,
      @Nullable Gate accuracy,
      @Nullable Gate ece,
      List<String> slices,
      @Nullable Integer minimumRows) {
    this(auc, logLoss, accuracy, ece, slices, minimumRows, null);
  }

  /**
   * How far the rows that a candidate was trained on may be from what predictions of the same
   * moments were made of.
   *
   * @param mismatchedShare share of the predictions among the training rows that may have been made
   *     of another value; default 0
   * @param tolerance largest difference of two numbers, relative to the larger, that is none;
   *     default 0
   * @param minimumRows predictions among the training rows below which nothing is said; default 100
   */
  public record SkewGate(
      @Nullable Double mismatchedShare, @Nullable Double tolerance, @Nullable Integer minimumRows) {
    private static final int MINIMUM_ROWS = 100;

    public double shareAllowed() {
      return mismatchedShare == null ? 0 : mismatchedShare;
    }

    public double relativeTolerance() {
      return tolerance == null ? 0 : tolerance;
    }

    public int leastRows() {
      return minimumRows == null ? MINIMUM_ROWS : minimumRows;
    }
  }

  /**
   * @param atLeast lower bound of the metric
   * @param atMost upper bound of the metric
   * @param notWorseThanChampionBy how much worse than the champion on the same rows is allowed
   * @param everySliceAtLeast lower bound in each slice of enough rows
   */
  public record Gate(
      @Nullable Double atLeast,
      @Nullable Double atMost,
      @Nullable Double notWorseThanChampionBy,
      @Nullable Double everySliceAtLeast) {}
}
