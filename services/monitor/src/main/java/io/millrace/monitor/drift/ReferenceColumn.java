// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The distribution of one column in the training rows, as the model's package carries it (the JSON
 * names are those of {@code reference_profile.json}).
 */
public record ReferenceColumn(
    long rows, long missing, @Nullable Numbers numbers, @Nullable Categories categories) {

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

  /** All columns of a version. */
  public record Profile(
      Map<String, ReferenceColumn> inputs,
      ReferenceColumn score,
      double positiveShare,
      double evalPositiveShare) {}
}
