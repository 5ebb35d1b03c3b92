// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.distance;

/**
 * Distances between two discrete distributions over the same bins. All are 0 for equal
 * distributions. Give counts or shares; both sides are normalised to sum 1 first. An empty side
 * (sum 0) against another empty side is 0; against a non-empty one it is the largest value that the
 * distance can take, or {@link Double#POSITIVE_INFINITY} where there is none.
 *
 * <p>The default thresholds are conventions for reporting, not tests: none of them knows the sample
 * size. {@code io.millrace.stats.test.ColumnDrift} adds that.
 */
public enum Divergence {
  /**
   * Largest difference of a share, in [0, 1]. Source: TensorFlow Data Validation's infinity norm
   * (Breck et al., "Data validation for machine learning", 2019), which sets no default; 0.1 here
   * means that one category gained or lost a tenth of all rows.
   */
  L_INFINITY(0.1, 1) {
    @Override
    double distance(double[] p, double[] q) {
      double largest = 0;
      for (int i = 0; i < p.length; i++) {
        largest = Math.max(largest, Math.abs(p[i] - q[i]));
      }
      return largest;
    }
  },

  /** Half the sum of absolute differences, in [0, 1]: the share of rows that changed bin. */
  TOTAL_VARIATION(0.1, 1) {
    @Override
    double distance(double[] p, double[] q) {
      double sum = 0;
      for (int i = 0; i < p.length; i++) {
        sum += Math.abs(p[i] - q[i]);
      }
      return sum / 2;
    }
  },

  /**
   * Jensen-Shannon divergence in bits, in [0, 1]. Source: J. Lin, "Divergence measures based on the
   * Shannon entropy", 1991; base 2 as in TensorFlow Data Validation. Default 0.01, the square of
   * the 0.1 that Evidently uses for its square root.
   */
  JENSEN_SHANNON(0.01, 1) {
    @Override
    double distance(double[] p, double[] q) {
      double sum = 0;
      for (int i = 0; i < p.length; i++) {
        double mid = (p[i] + q[i]) / 2;
        sum += term(p[i], mid) + term(q[i], mid);
      }
      return Math.clamp(sum / (2 * Math.log(2)), 0.0, 1.0);
    }
  },

  /** Square root of {@link #JENSEN_SHANNON}, a metric in [0, 1]; default 0.1 as in Evidently. */
  JENSEN_SHANNON_DISTANCE(0.1, 1) {
    @Override
    double distance(double[] p, double[] q) {
      return Math.sqrt(JENSEN_SHANNON.distance(p, q));
    }
  },

  /**
   * Population stability index Σ(q−p)·ln(q/p), unbounded. Source: credit scoring (Siddiqi, "Credit
   * risk scorecards", 2006), with its rule of thumb: above 0.1 some change, above 0.2 large. Shares
   * below {@value #FLOOR} count as that, so that an empty bin is finite.
   */
  POPULATION_STABILITY_INDEX(0.2, Double.POSITIVE_INFINITY) {
    @Override
    double distance(double[] p, double[] q) {
      double sum = 0;
      for (int i = 0; i < p.length; i++) {
        double a = Math.max(p[i], FLOOR);
        double b = Math.max(q[i], FLOOR);
        sum += (b - a) * Math.log(b / a);
      }
      return sum;
    }
  },

  /**
   * Kullback-Leibler divergence of the current from the reference window in nats, Σ q·ln(q/p),
   * unbounded and not symmetric. Shares of the reference below {@value #FLOOR} count as that.
   * Source: Kullback and Leibler, 1951; default 0.1 as in Evidently.
   */
  KULLBACK_LEIBLER(0.1, Double.POSITIVE_INFINITY) {
    @Override
    double distance(double[] p, double[] q) {
      double sum = 0;
      for (int i = 0; i < p.length; i++) {
        sum += term(q[i], Math.max(p[i], FLOOR));
      }
      return Math.max(0, sum);
    }
  },

  /**
   * Hellinger distance √(1 − Σ√(p·q)), a metric in [0, 1]. Source: Hellinger, 1909; default 0.1 as
   * in Evidently.
   */
  HELLINGER(0.1, 1) {
    @Override
    double distance(double[] p, double[] q) {
      double sum = 0;
      for (int i = 0; i < p.length; i++) {
        double root = Math.sqrt(p[i]) - Math.sqrt(q[i]);
        sum += root * root;
      }
      return Math.sqrt(Math.min(1, sum / 2));
    }
  };

  /** Least share of a bin in the divergences that divide by it (the value Evidently uses). */
  static final double FLOOR = 1e-4;

  private final double defaultThreshold;
  private final double largest;

  Divergence(double defaultThreshold, double largest) {
    this.defaultThreshold = defaultThreshold;
    this.largest = largest;
  }

  abstract double distance(double[] p, double[] q);

  /** Above this the change is commonly called drift. */
  public double defaultThreshold() {
    return defaultThreshold;
  }

  /**
   * The distance.
   *
   * @param reference counts or shares of the bins, none negative, not changed
   * @param current the same bins, not changed
   * @throws IllegalArgumentException if the lengths differ or an entry is negative or not finite
   */
  public double between(double[] reference, double[] current) {
    if (reference.length != current.length) {
      throw new IllegalArgumentException(
          "bins differ: " + reference.length + " against " + current.length);
    }
    double sumP = sum(reference);
    double sumQ = sum(current);
    if (sumP == 0 || sumQ == 0) {
      return sumP == sumQ ? 0 : largest;
    }
    return distance(shares(reference, sumP), shares(current, sumQ));
  }

  /** The distance over aligned bins. */
  public double between(AlignedBins bins) {
    return between(bins.reference(), bins.current());
  }

  private static double sum(double[] weights) {
    double sum = 0;
    for (double weight : weights) {
      if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("weights must be finite and ≥ 0, found " + weight);
      }
      sum += weight;
    }
    return sum;
  }

  private static double[] shares(double[] weights, double sum) {
    double[] shares = new double[weights.length];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = weights[i] / sum;
    }
    return shares;
  }

  private static double term(double part, double of) {
    return part == 0 ? 0 : part * Math.log(part / of);
  }
}
