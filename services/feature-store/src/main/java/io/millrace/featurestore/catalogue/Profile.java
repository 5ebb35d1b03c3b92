// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.catalogue;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a sample of entities shows of a generation.
 *
 * @param measuredAtMs wall clock
 * @param asOfMs moment at which the values were read
 * @param views view → what it costs
 * @param features {@code view.feature} → how its values are distributed
 */
public record Profile(
    String generation,
    long measuredAtMs,
    long asOfMs,
    Map<String, Cost> views,
    Map<String, Distribution> features) {

  /**
   * What a view costs.
   *
   * @param entities in the sample
   * @param bytesPerEntity mean size of an encoded state
   * @param readMicros median time to compute all features of the view from its state
   */
  public record Cost(int entities, double bytesPerEntity, double readMicros) {}

  /**
   * How the values of a feature are distributed over the entities of the sample.
   *
   * @param entities in the sample
   * @param presentShare of them that have a value
   * @param quantiles least, 10 %, 50 %, 90 % and greatest; null for what is no number
   * @param distinct values
   * @param frequent the most frequent texts; empty for numbers
   */
  public record Distribution(
      int entities,
      double presentShare,
      @Nullable Double mean,
      @Nullable List<Double> quantiles,
      int distinct,
      List<String> frequent) {}
}
