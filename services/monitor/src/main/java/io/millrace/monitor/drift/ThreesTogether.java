// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.stats.test.BenjaminiHochberg;
import io.millrace.stats.test.Normal;
import java.util.ArrayList;
import java.util.List;

/**
 * How three inputs go together though no two of them do: an exclusive or, for which a tree has no
 * first cut to make. Of places from 0 to 1 the mean product of three, each about its middle, scaled
 * to lie within ±1 or little more ({@code 0} where any of the three is independent of the two
 * others; categories lie in the order of their frequency, so that those with more than two values
 * may hide). Two samples are compared by a z test after Benjamini-Hochberg correction over all
 * triples. Immutable.
 */
final class ThreesTogether {
  /** Least change of a product that is told. */
  static final double LEAST_CHANGE = 0.2;

  private static final double VARIANCE = 1.0 / 12;
  private static final double SCALE = Math.pow(VARIANCE, 1.5);

  private final double[] products;
  private final int rows;

  private ThreesTogether(double[] products, int rows) {
    this.products = products;
    this.rows = rows;
  }

  /**
   * The triple that changed most.
   *
   * @param first place of its first input
   * @param before its product in the reference
   * @param pValue after correction
   * @param least change that is told of it
   */
  record Change(
      int first, int second, int third, double before, double now, double pValue, double least) {
    double size() {
      return Math.abs(now - before);
    }
  }

  static ThreesTogether of(double[][] places) {
    int width = places.length == 0 ? 0 : places[0].length;
    double[] products = new double[width * (width - 1) * (width - 2) / 6];
    for (double[] row : places) {
      int at = 0;
      for (int i = 2; i < width; i++) {
        for (int j = 1; j < i; j++) {
          double two = (row[i] - 0.5) * (row[j] - 0.5);
          for (int k = 0; k < j; k++) {
            products[at++] += two * (row[k] - 0.5);
          }
        }
      }
    }
    for (int i = 0; i < products.length; i++) {
      products[i] /= SCALE * places.length;
    }
    return new ThreesTogether(products, places.length);
  }

  /**
   * The triples that a sample of other rows has changed.
   *
   * @param natural by triple: changes that are usual; empty for none
   * @param level probability of a false alarm over all triples
   */
  List<Change> changed(ThreesTogether now, double[] natural, double factor, double level) {
    double error = Math.sqrt(1.0 / rows + 1.0 / now.rows);
    double[] p = new double[products.length];
    for (int i = 0; i < p.length; i++) {
      double z = (now.products[i] - products[i]) / error;
      p[i] = Math.min(1, 2 * Normal.upperTail(Math.abs(z)));
    }
    double[] adjusted = p.length == 0 ? p : BenjaminiHochberg.adjust(p);
    List<Change> changed = new ArrayList<>();
    int at = 0;
    for (int i = 2; at < p.length; i++) {
      for (int j = 1; j < i; j++) {
        for (int k = 0; k < j; k++) {
          double least = Math.max(LEAST_CHANGE, natural.length == 0 ? 0 : factor * natural[at]);
          Change change = new Change(k, j, i, products[at], now.products[at], adjusted[at], least);
          if (adjusted[at] <= level && change.size() >= least) {
            changed.add(change);
          }
          at++;
        }
      }
    }
    changed.sort((a, b) -> Double.compare(b.size(), a.size()));
    return changed;
  }

  /** By triple, the most that any of these differs from it. */
  double[] most(List<ThreesTogether> parts) {
    double[] most = new double[products.length];
    for (ThreesTogether part : parts) {
      for (int i = 0; i < most.length; i++) {
        most[i] = Math.max(most[i], Math.abs(part.products[i] - products[i]));
      }
    }
    return most;
  }
}
