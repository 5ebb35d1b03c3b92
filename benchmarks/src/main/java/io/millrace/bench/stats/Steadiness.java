// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import java.util.List;

/**
 * How steady the errors of a stream are, measured without any detector: its blocks of equal length
 * against each other.
 *
 * @param least smallest error rate of a block
 * @param most largest one
 * @param dispersion variance of the blocks' errors as a multiple of what independent errors of one
 *     rate have (Pearson's chi-squared over its degrees of freedom): about 1 where nothing changes
 */
record Steadiness(double least, double most, double dispersion) {

  /**
   * Of some outcomes.
   *
   * @param block outcomes of a block; a remainder is left out
   */
  static Steadiness of(List<Outcome> outcomes, int block) {
    int blocks = outcomes.size() / block;
    double[] rates = new double[blocks];
    double mean = 0;
    double least = 1;
    double most = 0;
    for (int i = 0; i < blocks; i++) {
      rates[i] =
          (double)
                  outcomes.subList(i * block, (i + 1) * block).stream()
                      .filter(Outcome::isWrong)
                      .count()
              / block;
      mean += rates[i] / blocks;
      least = Math.min(least, rates[i]);
      most = Math.max(most, rates[i]);
    }
    double squares = 0;
    for (double rate : rates) {
      squares += (rate - mean) * (rate - mean);
    }
    return new Steadiness(least, most, squares * block / (mean * (1 - mean)) / (blocks - 1));
  }
}
