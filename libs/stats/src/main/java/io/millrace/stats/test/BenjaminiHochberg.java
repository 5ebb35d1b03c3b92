// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Correction for many tests at once: of the tests called significant, an expected share of at most
 * {@code level} is false. Source: Benjamini and Hochberg, "Controlling the false discovery rate",
 * 1995; valid for independent and for positively dependent tests.
 */
public final class BenjaminiHochberg {
  private BenjaminiHochberg() {}

  /**
   * The adjusted p-values, in the order given: a test is significant at level q when its adjusted
   * p-value is at most q.
   *
   * @param pValues each within [0, 1]; not changed
   */
  public static double[] adjust(double[] pValues) {
    int count = pValues.length;
    int[] descending =
        IntStream.range(0, count)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> pValues[i]).reversed())
            .mapToInt(Integer::intValue)
            .toArray();
    double[] adjusted = new double[count];
    double least = 1;
    for (int i = 0; i < count; i++) {
      int index = descending[i];
      if (!(pValues[index] >= 0 && pValues[index] <= 1)) {
        throw new IllegalArgumentException("p-values lie in [0, 1], found " + pValues[index]);
      }
      least = Math.min(least, pValues[index] * count / (count - i));
      adjusted[index] = least;
    }
    return adjusted;
  }
}
