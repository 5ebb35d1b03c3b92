// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import io.millrace.stats.distance.CdfDistance;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.EmpiricalCdf;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A change of unit: the factor and offset that turn the reference window's numbers into the current
 * ones. Found by mapping the whole reference distribution and asking whether it then fits the
 * current one, so one outlier does not matter.
 *
 * <p>How sure: {@code pValue} says how well it fits, {@code rivals} how many other customary
 * conversions fit, too. Windows that did not change are never called a change of unit unless they
 * differ by twice what sampling explains; a change of level by a random factor passes for a
 * customary conversion about as often as the factor happens to be near one ({@code
 * UnitChangeTest}).
 *
 * @param name what to tell a person, such as {@code "×2.54"} or {@code "°F→°C"}
 * @param factor current = factor · reference + offset
 * @param offset see {@code factor}; 0 for a pure factor
 * @param known whether it is a customary conversion; otherwise merely a factor or offset that fits,
 *     which an ordinary change of scale or level also looks like
 * @param residual Kolmogorov-Smirnov gap that remains after the mapping, within [0, 1]
 * @param gap the gap before it
 * @param pValue probability that two windows of one distribution lie as far apart as what remains,
 *     the rank error of their sketches taken off
 * @param rivals number of other customary conversions that fit within sampling error
 */
public record UnitChange(
    String name,
    double factor,
    double offset,
    boolean known,
    double residual,
    double gap,
    double pValue,
    int rivals) {

  private static final long LEAST_VALUES = 30;
  private static final double LEAST_GAP = 0.1;
  private static final double LEVEL = 0.01;
  private static final double ROUNDING = 0.005;
  private static final double[] RANKS = {
    0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85,
    0.9, 0.95
  };

  private record Conversion(String name, double factor, double offset) {}

  private static final List<Conversion> KNOWN = conversions();

  private static List<Conversion> conversions() {
    List<Conversion> all = new ArrayList<>();
    all.add(new Conversion("°F→°C", 5 / 9.0, -160 / 9.0));
    all.add(new Conversion("°C→°F", 1.8, 32));
    all.add(new Conversion("°C→K", 1, 273.15));
    all.add(new Conversion("K→°C", 1, -273.15));
    all.add(new Conversion("°F→K", 5 / 9.0, 459.67 * 5 / 9));
    all.add(new Conversion("K→°F", 1.8, -459.67));
    double[] factors = {
      2.54,
      12,
      0.3048,
      0.9144,
      1.609344,
      0.45359237,
      28.349523125,
      3.785411784,
      4.184,
      1.852,
      3.6,
      10,
      100,
      1_000,
      10_000,
      1e6,
      1e9,
      1024,
      7,
      24,
      60,
      365.25,
      3_600,
      86_400,
      30.4375
    };
    for (double factor : factors) {
      String text = text(factor);
      all.add(new Conversion("×" + text, factor, 0));
      all.add(new Conversion("÷" + text, 1 / factor, 0));
    }
    all.add(new Conversion("×-1", -1, 0));
    return List.copyOf(all);
  }

  private static String text(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /**
   * The unit change between two windows; empty when they already agree (gap below {@value
   * #LEAST_GAP}), when a window has fewer than {@value #LEAST_VALUES} numbers, or when no mapping
   * explains the change within sampling error.
   */
  public static Optional<UnitChange> detect(ColumnProfile reference, ColumnProfile current) {
    return detect(reference.cdf(), current.cdf());
  }

  /** The same on distributions. */
  public static Optional<UnitChange> detect(EmpiricalCdf reference, EmpiricalCdf current) {
    if (reference.count() < LEAST_VALUES || current.count() < LEAST_VALUES) {
      return Optional.empty();
    }
    double gap = CdfDistance.KOLMOGOROV_SMIRNOV.between(reference, current);
    double tolerance =
        KolmogorovSmirnov.criticalValue(LEVEL, reference.count(), current.count())
            + reference.rankError()
            + current.rankError();
    if (gap < Math.max(LEAST_GAP, 2 * tolerance) || spread(reference) == 0) {
      return Optional.empty();
    }
    List<UnitChange> known = new ArrayList<>();
    for (Conversion each : KNOWN) {
      fit(each, true, reference, current, gap, tolerance).ifPresent(known::add);
    }
    if (!known.isEmpty()) {
      return known.stream()
          .min(Comparator.comparingDouble(UnitChange::residual))
          .map(best -> best.withRivals(known.size() - 1));
    }
    return fit(factor(reference, current), false, reference, current, gap, tolerance)
        .or(() -> fit(offset(reference, current), false, reference, current, gap, tolerance))
        .or(() -> fit(line(reference, current), false, reference, current, gap, tolerance));
  }

  private UnitChange withRivals(int others) {
    return new UnitChange(name, factor, offset, known, residual, gap, pValue, others);
  }

  private static Optional<UnitChange> fit(
      Conversion conversion,
      boolean known,
      EmpiricalCdf reference,
      EmpiricalCdf current,
      double gap,
      double tolerance) {
    if (!Double.isFinite(conversion.factor()) || conversion.factor() == 0) {
      return Optional.empty();
    }
    EmpiricalCdf mapped = snapped(reference, current, conversion);
    double residual = CdfDistance.KOLMOGOROV_SMIRNOV.between(mapped, current);
    if (residual > tolerance) {
      return Optional.empty();
    }
    double certain = Math.max(0, residual - reference.rankError() - current.rankError());
    double pValue = KolmogorovSmirnov.pValue(certain, reference.count(), current.count());
    return Optional.of(
        new UnitChange(
            conversion.name(),
            conversion.factor(),
            conversion.offset(),
            known,
            residual,
            gap,
            pValue,
            0));
  }

  /**
   * The mapped reference with values that differ from a current one only by rounding moved onto it;
   * without this, a column of few distinct values that was converted and rounded never fits.
   */
  private static EmpiricalCdf snapped(
      EmpiricalCdf reference, EmpiricalCdf current, Conversion conversion) {
    EmpiricalCdf mapped = reference.mapped(conversion.factor(), conversion.offset());
    return mapped.snappedTo(current, ROUNDING * (current.quantile(0.95) - current.quantile(0.05)));
  }

  private static double spread(EmpiricalCdf cdf) {
    return cdf.quantile(1) - cdf.quantile(0);
  }

  /** Least squares through the origin over quantiles, weighted by nothing: they are all alike. */
  private static Conversion factor(EmpiricalCdf reference, EmpiricalCdf current) {
    double product = 0;
    double square = 0;
    for (double rank : RANKS) {
      double x = reference.quantile(rank);
      product += x * current.quantile(rank);
      square += x * x;
    }
    double factor = product / square;
    return new Conversion(String.format(Locale.ROOT, "×%.4g", factor), factor, 0);
  }

  private static Conversion offset(EmpiricalCdf reference, EmpiricalCdf current) {
    double sum = 0;
    for (double rank : RANKS) {
      sum += current.quantile(rank) - reference.quantile(rank);
    }
    double offset = sum / RANKS.length;
    return new Conversion(String.format(Locale.ROOT, "%+.4g", offset), 1, offset);
  }

  /** Least squares of a line over quantiles: any change of level and spread of one shape. */
  private static Conversion line(EmpiricalCdf reference, EmpiricalCdf current) {
    double x = 0;
    double y = 0;
    for (double rank : RANKS) {
      x += reference.quantile(rank) / RANKS.length;
      y += current.quantile(rank) / RANKS.length;
    }
    double product = 0;
    double square = 0;
    for (double rank : RANKS) {
      double off = reference.quantile(rank) - x;
      product += off * (current.quantile(rank) - y);
      square += off * off;
    }
    double factor = product / square;
    double offset = y - factor * x;
    return new Conversion(
        String.format(Locale.ROOT, "×%.4g %+.4g", factor, offset), factor, offset);
  }
}
