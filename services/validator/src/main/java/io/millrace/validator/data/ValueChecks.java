// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static io.millrace.validator.data.Shares.percent;

import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.stats.profile.HeavyHitter;
import io.millrace.validator.data.TraitPlaces.Trait;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Are the values within the domain and range that they should keep to? */
final class ValueChecks {
  /** Share of values outside a strict domain. */
  static final double DOMAIN_SHARE = 0.3;

  /** Share of values outside a strict range. */
  static final double RANGE_SHARE = 0.1;

  /** Share of values outside a range that is worth a warning. */
  static final double RANGE_WARNING_SHARE = 0.01;

  /** Share of strings that were no UTF-8 from which the source has lost its encoding. */
  static final double BAD_TEXT_SHARE = 0.05;

  private static final int NAMED_VALUES = 5;

  private ValueChecks() {}

  static void run(ColumnCase one) {
    text(one);
    domain(one);
    // Moments move on: what good spans had is no range of them.
    boolean moments = one.expected().timeFormat() != null && !one.expected().rangeDeclared();
    if (one.column().numbers() > 0 && !moments) {
      high(one);
      low(one);
    }
  }

  private static void text(ColumnCase one) {
    long bad = one.marks().badText();
    long strings = one.column().strings();
    if (bad > 0 && strings > 0) {
      one.tell(
          Shares.atLeast(bad, strings) > BAD_TEXT_SHARE,
          AnomalyKind.ENUM_TYPE_INVALID_UTF8,
          bad + " of " + strings + " strings",
          "UTF-8",
          "'" + one.name() + "' has strings that were no UTF-8 where they came from",
          Findings.Rows.of((double) bad / strings, one.marks().examples(Trait.BAD_TEXT)));
    }
  }

  private static void domain(ColumnCase one) {
    List<String> domain = one.expected().domain();
    if (domain == null) {
      return;
    }
    Set<String> known = new HashSet<>(domain);
    long unexpected = 0;
    List<String> named = new ArrayList<>();
    for (HeavyHitter hitter : one.column().heavyHitters(Integer.MAX_VALUE)) {
      if (!known.contains(hitter.value())) {
        unexpected += hitter.lower();
        if (named.size() < NAMED_VALUES) {
          named.add(hitter.value());
        }
      }
    }
    if (unexpected == 0) {
      return;
    }
    boolean strict = one.expected().domainDeclared() || one.confirmed();
    double share = (double) unexpected / one.column().values();
    one.tell(
        strict && Shares.atLeast(unexpected, one.column().values()) > DOMAIN_SHARE,
        AnomalyKind.ENUM_TYPE_UNEXPECTED_STRING_VALUES,
        percent(share) + " of the values: " + named,
        "one of " + domain.size() + " values",
        "'" + one.name() + "' has values outside its domain",
        Findings.Rows.of(share, one.marks().examples(named)));
  }

  private static void high(ColumnCase one) {
    Double high = one.expected().high();
    if (high != null && one.column().max() > high) {
      EmpiricalCdf cdf = one.column().cdf();
      boolean whole = one.expected().type() == ColumnSchema.Type.INT;
      outside(
          one,
          1 - cdf.cdf(high),
          whole ? AnomalyKind.INT_TYPE_BIG_INT : AnomalyKind.FLOAT_TYPE_BIG_FLOAT,
          one.column().max(),
          one.marks().largest());
    }
  }

  private static void low(ColumnCase one) {
    Double low = one.expected().low();
    if (low != null && one.column().min() < low) {
      EmpiricalCdf cdf = one.column().cdf();
      boolean whole = one.expected().type() == ColumnSchema.Type.INT;
      outside(
          one,
          cdf.cdf(Math.nextDown(low)),
          whole ? AnomalyKind.INT_TYPE_SMALL_INT : AnomalyKind.FLOAT_TYPE_SMALL_FLOAT,
          one.column().min(),
          one.marks().smallest());
    }
  }

  private static void outside(
      ColumnCase one, double share, AnomalyKind kind, double extreme, List<String> examples) {
    double claimed =
        Math.max(
            0,
            Shares.atLeast(Math.round(share * one.column().numbers()), one.column().numbers())
                - one.column().rankError());
    boolean strict =
        one.expected().rangeDeclared()
            || (one.confirmed() && !Trend.moves(one.history().columns(one.name())));
    boolean error = strict && claimed > RANGE_SHARE;
    if (!error && claimed <= RANGE_WARNING_SHARE) {
      return;
    }
    one.tell(
        error,
        kind,
        percent(share) + " of the values, as far as " + Shares.number(extreme),
        "within " + SchemaDiff.range(one.expected()),
        error
            ? "'" + one.name() + "' is outside the range of all good spans"
            : "'" + one.name() + "' has unusually many values out of range",
        Findings.Rows.of(share, examples));
  }
}
