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
 */
public record GatesDefinition(
    @Nullable Gate auc,
    @Nullable Gate logLoss,
    @Nullable Gate accuracy,
    @Nullable Gate ece,
    List<String> slices,
    @Nullable Integer minimumRows) {

  public GatesDefinition {
    slices = Frozen.list(slices);
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
