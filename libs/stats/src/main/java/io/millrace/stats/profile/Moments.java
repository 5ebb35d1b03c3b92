// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Count, mean and central moments up to the fourth, kept in one pass and mergeable.
 *
 * <p>Update and merge formulas: P. Pébay, "Formulas for robust, one-pass parallel computation of
 * covariances and arbitrary-order statistical moments", Sandia report SAND2008-6212. They never
 * subtract large sums of squares, so a large mean does not eat the digits of the variance. Not
 * thread-safe. Infinite or NaN values are the caller's to keep out. The mean is good for all finite
 * values; where squares, cubes or fourth powers of the deviations leave the range of a double, the
 * figures that need them are NaN, which is what magnitudes above about 1e77 or spreads below about
 * 1e-73 come to.
 */
public final class Moments {
  /** Powers below this have lost digits to subnormal numbers. */
  private static final double LEAST_POWER = 1e-290;

  private double n;
  private double mean;
  private double m2;
  private double m3;
  private double m4;

  /** Adds one finite value. */
  public void add(double value) {
    double before = n;
    n += 1;
    double delta = value - mean;
    if (Double.isInfinite(delta)) {
      beyond(mean * (before / n) + value / n);
      return;
    }
    double step = delta / n;
    double step2 = step * step;
    double term = delta * step * before;
    mean += step;
    m4 += term * step2 * (n * n - 3 * n + 3) + 6 * step2 * m2 - 4 * step * m3;
    m3 += term * step * (n - 2) - 3 * step * m2;
    m2 += term;
  }

  /** The values lie too far apart for anything but their mean. */
  private void beyond(double newMean) {
    mean = newMean;
    m2 = Double.NaN;
    m3 = Double.NaN;
    m4 = Double.NaN;
  }

  /** Adds the same finite value {@code weight} times; {@code weight} is at least 1. */
  public void add(double value, long weight) {
    if (weight == 1) {
      add(value);
    } else {
      combine((double) weight, value, 0, 0, 0);
    }
  }

  /** Adds all that the other has seen; the other is unchanged. */
  public void merge(Moments other) {
    combine(other.n, other.mean, other.m2, other.m3, other.m4);
  }

  private void combine(double nb, double meanB, double m2b, double m3b, double m4b) {
    if (nb == 0) {
      return;
    }
    if (n == 0) {
      n = nb;
      mean = meanB;
      m2 = m2b;
      m3 = m3b;
      m4 = m4b;
      return;
    }
    double na = n;
    double total = na + nb;
    double delta = meanB - mean;
    if (Double.isInfinite(delta)) {
      n = total;
      beyond(mean * (na / total) + meanB * (nb / total));
      return;
    }
    double step = delta / total;
    double step2 = step * step;
    double cross = delta * step * na * nb;
    double newM4 =
        m4
            + m4b
            + cross * step2 * (na * na - na * nb + nb * nb)
            + 6 * step2 * (na * na * m2b + nb * nb * m2)
            + 4 * step * (na * m3b - nb * m3);
    double newM3 = m3 + m3b + cross * step * (na - nb) + 3 * step * (na * m2b - nb * m2);
    m4 = newM4;
    m3 = newM3;
    m2 += m2b + cross;
    mean += step * nb;
    n = total;
  }

  /** Number of values, exact up to 2^53. */
  public long count() {
    return (long) n;
  }

  /** Arithmetic mean; NaN when empty. */
  public double mean() {
    return n == 0 ? Double.NaN : mean;
  }

  /** Sample variance (divisor n − 1); NaN below two values. */
  public double variance() {
    return n < 2 ? Double.NaN : Math.max(0, m2) / (n - 1);
  }

  /** Square root of {@link #variance()}. */
  public double standardDeviation() {
    return Math.sqrt(variance());
  }

  /** Population skewness g1 = √n·M3 / M2^1.5; NaN when all values are equal or there are none. */
  public double skewness() {
    return Math.pow(m2, 1.5) > LEAST_POWER ? Math.sqrt(n) * m3 / Math.pow(m2, 1.5) : Double.NaN;
  }

  /** Population excess kurtosis g2 = n·M4 / M2² − 3; NaN when all values are equal. */
  public double kurtosis() {
    return m2 * m2 > LEAST_POWER ? n * m4 / (m2 * m2) - 3 : Double.NaN;
  }

  void write(DataOutput out) throws IOException {
    out.writeDouble(n);
    out.writeDouble(mean);
    out.writeDouble(m2);
    out.writeDouble(m3);
    out.writeDouble(m4);
  }

  static Moments read(DataInput in) throws IOException {
    Moments moments = new Moments();
    moments.n = in.readDouble();
    moments.mean = in.readDouble();
    moments.m2 = in.readDouble();
    moments.m3 = in.readDouble();
    moments.m4 = in.readDouble();
    return moments;
  }
}
