// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import java.util.Arrays;

/** Quality of a ranked list. */
public final class RankingMetrics {
  private RankingMetrics() {}

  /**
   * Normalised discounted cumulative gain of the first {@code k} places, with gain 2^relevance − 1
   * and discount log₂(place + 1) (Järvelin and Kekäläinen 2002; Burges et al. 2005). NaN when
   * nothing is relevant.
   *
   * @param relevance of the items in the order shown, each at least 0
   */
  public static double ndcg(double[] relevance, int k) {
    double[] ideal = relevance.clone();
    Arrays.sort(ideal);
    double best = 0;
    double found = 0;
    for (int place = 0; place < Math.min(k, ideal.length); place++) {
      double discount = Math.log(2) / Math.log(place + 2.0);
      found += gain(relevance[place]) * discount;
      best += gain(ideal[ideal.length - 1 - place]) * discount;
    }
    return best > 0 ? found / best : Double.NaN;
  }

  private static double gain(double relevance) {
    if (!(relevance >= 0)) {
      throw new IllegalArgumentException("relevance must not be negative, was " + relevance);
    }
    return Math.pow(2, relevance) - 1;
  }
}
