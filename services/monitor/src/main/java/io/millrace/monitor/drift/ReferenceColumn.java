// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.stats.distance.Divergence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The distribution of one column in the training rows, as the model's package carries it (the JSON
 * names are those of {@code reference_profile.json}).
 *
 * @param parts counts of each tenth of the rows, in their order: per bin or kept category, of other
 *     categories, of missing values
 */
public record ReferenceColumn(
    long rows,
    long missing,
    @Nullable Numbers numbers,
    @Nullable Categories categories,
    List<List<Long>> parts) {

  /**
   * @param edges ascending; bins are (−∞, e₁], (e₁, e₂] … (eₙ, ∞)
   * @param counts values per bin
   * @param quantiles values at ranks 0, 0.01 … 1
   */
  public record Numbers(
      double mean,
      double standardDeviation,
      List<Double> edges,
      List<Long> counts,
      List<Double> quantiles) {}

  /**
   * @param counts most frequent first
   * @param others values of all further categories
   */
  public record Categories(LinkedHashMap<String, Long> counts, long others) {}

  /** Counts of all rows, as in {@code parts}. */
  public double[] counts() {
    return parts.isEmpty() ? new double[0] : sum(0, parts.size());
  }

  /**
   * How far a stretch of the training rows differs from all of them: the largest population
   * stability index of any run of parts with so many rows. Time of day, trends and accumulating
   * counts move a column by that much without anything being wrong.
   *
   * @param windowRows rows of a stretch; at most half the rows count
   */
  public double naturalPsi(long windowRows) {
    double[] all = counts();
    int length =
        (int) Math.clamp(windowRows * parts.size() / Math.max(1, rows), 1, parts.size() / 2);
    double largest = 0;
    for (int from = 0; from + length <= parts.size(); from++) {
      largest =
          Math.max(
              largest,
              Divergence.POPULATION_STABILITY_INDEX.between(all, sum(from, from + length)));
    }
    return largest;
  }

  private double[] sum(int from, int to) {
    double[] sum = new double[parts.getFirst().size()];
    for (List<Long> part : parts.subList(from, to)) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += part.get(i);
      }
    }
    return sum;
  }

  /** All columns of a version. */
  public record Profile(
      Map<String, ReferenceColumn> inputs,
      ReferenceColumn score,
      double positiveShare,
      double evalPositiveShare) {}
}
