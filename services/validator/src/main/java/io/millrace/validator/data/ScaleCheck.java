// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.stats.distance.CdfDistance;
import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.stats.test.UnitChange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A change of unit: a factor or offset that maps the last good spans on this one. {@link
 * UnitChange} asks for a fit within sampling error. Real spans differ by more than that, because
 * their rows are not independent (the lines of one order, the clicks of one visit), so a second
 * search allows for the largest gap that good spans have shown, for factors of 5 and more only.
 */
final class ScaleCheck {
  /** Numbers that each side needs. */
  static final long LEAST_NUMBERS = 50;

  /** Gap that a change of unit must at least open. */
  static final double LEAST_GAP = 0.2;

  /** How much larger than the largest usual gap. */
  static final double UNUSUAL_FACTOR = 1.5;

  /** Least gap while the usual one is known from fewer than three spans. */
  static final double EARLY_GAP = 0.5;

  /** Gap that may remain after the mapping, where good spans showed less than that. */
  static final double LEAST_ALLOWED_RESIDUAL = 0.1;

  /** Share of the gap that the mapping must at least explain. */
  private static final double EXPLAINED = 0.6;

  private static final int KNOWN_SPANS = 3;
  private static final double LEAST_FACTOR = 5;
  private static final double[] FACTORS = {
    7, 10, 12, 24, 60, 100, 1_000, 1_024, 3_600, 10_000, 86_400, 100_000, 1e6, 1e9
  };

  private final EventHistory history;
  private final int referenceSpans;

  /**
   * @param referenceSpans good spans that cover a daily rhythm: a factor below {@value
   *     #LEAST_FACTOR} or an offset is believed only after so many
   */
  ScaleCheck(EventHistory history, int referenceSpans) {
    this.history = history;
    this.referenceSpans = referenceSpans;
  }

  /**
   * A change of unit.
   *
   * @param name such as {@code ×100}
   * @param known whether it is a customary factor or conversion, and enough is known to believe it
   */
  record Scale(String name, boolean known, double gap, double residual) {}

  Optional<Scale> find(String column, EmpiricalCdf then, EmpiricalCdf now, double gap) {
    if (then.count() < LEAST_NUMBERS || now.count() < LEAST_NUMBERS) {
      return Optional.empty();
    }
    List<ColumnFigures> figures = history.columns(column);
    long known = figures.stream().filter(each -> each.gap() >= 0).count();
    double usual = history.largestGap(column);
    double least =
        known < KNOWN_SPANS
            ? EARLY_GAP
            : Math.max(LEAST_GAP, Math.min(0.95, UNUSUAL_FACTOR * usual));
    if (gap < least || Trend.moves(figures)) {
      return Optional.empty();
    }
    Optional<UnitChange> exact = UnitChange.detect(then, now);
    if (exact.isPresent() && exact.get().known()) {
      UnitChange found = exact.get();
      boolean believed = known >= referenceSpans || large(found);
      return Optional.of(new Scale(found.name(), believed, gap, found.residual()));
    }
    double allowed = Math.max(LEAST_ALLOWED_RESIDUAL, UNUSUAL_FACTOR * usual);
    Optional<Scale> loose = loose(then, now, gap, Math.min(allowed, gap * (1 - EXPLAINED)));
    return loose.isPresent()
        ? loose
        : exact.map(found -> new Scale(found.name(), false, gap, found.residual()));
  }

  private static boolean large(UnitChange found) {
    double factor = Math.abs(found.factor());
    return found.offset() == 0 && (factor >= LEAST_FACTOR || factor <= 1 / LEAST_FACTOR);
  }

  private static Optional<Scale> loose(
      EmpiricalCdf then, EmpiricalCdf now, double gap, double allowed) {
    List<Scale> fitting = new ArrayList<>();
    for (double factor : FACTORS) {
      String text = Shares.number(factor);
      fit("×" + text, then.mapped(factor, 0), now, gap, allowed, fitting);
      fit("÷" + text, then.mapped(1 / factor, 0), now, gap, allowed, fitting);
    }
    return fitting.stream().min(Comparator.comparingDouble(Scale::residual));
  }

  private static void fit(
      String name,
      EmpiricalCdf mapped,
      EmpiricalCdf now,
      double gap,
      double allowed,
      List<Scale> fitting) {
    double residual = CdfDistance.KOLMOGOROV_SMIRNOV.between(mapped.snappedTo(now, 1e-9), now);
    if (residual <= allowed) {
      fitting.add(new Scale(name, true, gap, residual));
    }
  }

  /** A customary conversion is an error; any other factor looks like a change of level, too. */
  static void report(String column, Scale found, Findings findings) {
    String observed =
        "%s maps the last good spans on this one: gap %s before, %s after"
            .formatted(found.name(), Shares.number(found.gap()), Shares.number(found.residual()));
    String expected = "the unit of the last good spans";
    if (found.known()) {
      findings.error(
          column,
          AnomalyKind.UNIT_CHANGE,
          observed,
          expected,
          "'" + column + "' looks as if its unit had changed: " + found.name());
    } else {
      findings.warning(
          column,
          AnomalyKind.UNIT_CHANGE,
          observed,
          expected,
          "'" + column + "' changed its scale: " + found.name());
    }
  }
}
