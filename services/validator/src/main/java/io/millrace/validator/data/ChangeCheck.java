// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.stats.distance.CdfDistance;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.stats.test.ColumnDrift;
import io.millrace.stats.test.Dispersion;
import io.millrace.stats.test.DriftPolicy;
import io.millrace.stats.test.DriftVerdict;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Did a column change against the last good spans? A change of distribution is a WARNING, because
 * the world may change; it is an ERROR where the column has become another one ({@value #EXTREME}
 * of 1 and twice the largest distance between good spans). A WARNING asks that the span lies
 * further from the spans before than good spans did, by their {@link Dispersion}: rows are seldom
 * independent draws, so that a test of two windows alone would warn of every stream of visits. So
 * the first span that can be compared teaches only. A change of unit is an ERROR: see {@link
 * ScaleCheck}. A column with a person's thresholds is held to those instead: see {@link
 * Comparators}.
 */
final class ChangeCheck {
  /** Jensen-Shannon distance from which a column counts as another one. */
  static final double EXTREME = 0.6;

  /** How much larger than the largest distance between good spans. */
  static final double EXTREME_FACTOR = 2;

  /** Good spans whose distance must be known before a change can be an ERROR. */
  static final int LEAST_KNOWN = 5;

  /** Rows below which a change is not called extreme. */
  static final long LEAST_ROWS = 100;

  /** How much larger than the largest usual distance a change must be to be worth a word. */
  private static final double UNUSUAL_FACTOR = 1.25;

  /** Probability that an unchanged span of all columns together is called changed. */
  private static final double FALSE_ALARMS = 0.01;

  private ChangeCheck() {}

  /** Adds what it finds and gives each column's distance to the reference. */
  static Map<String, ColumnFigures.Change> check(
      DatasetProfile reference,
      DatasetProfile current,
      SpanSchema schema,
      EventHistory history,
      EventFacts facts,
      Findings findings) {
    ScaleCheck scales = new ScaleCheck(history, EventLedger.referenceSpans(facts.plan()));
    Map<String, ColumnFigures.Change> changes = new TreeMap<>();
    Map<String, ColumnProfile> before = reference.columns();
    double level = FALSE_ALARMS / Math.max(1, before.size());
    current
        .columns()
        .forEach(
            (name, column) -> {
              ColumnProfile old = before.get(name);
              ColumnSchema expected = schema.columns().get(name);
              if (expected == null || !schema.expects(name, facts.asked().environment())) {
                return;
              }
              Comparators.check(
                  name, expected.rules().drift(), old, column, "the good spans before", findings);
              if (old != null && expected.type() != ColumnSchema.Type.TIME) {
                changes.put(
                    name, compare(name, expected, old, column, level, history, scales, findings));
              }
            });
    return changes;
  }

  private static ColumnFigures.Change compare(
      String name,
      ColumnSchema expected,
      ColumnProfile old,
      ColumnProfile column,
      double level,
      EventHistory history,
      ScaleCheck scales,
      Findings findings) {
    double gap = -1;
    if (expected.type().numeric() && old.numbers() > 0 && column.numbers() > 0) {
      EmpiricalCdf then = old.cdf();
      EmpiricalCdf now = column.cdf();
      gap = CdfDistance.KOLMOGOROV_SMIRNOV.between(then, now);
      Optional<ScaleCheck.Scale> scale = scales.find(name, then, now, gap);
      scale.ifPresent(found -> ScaleCheck.report(name, found, findings));
    }
    DriftVerdict verdict =
        ColumnDrift.compare(
            old,
            column,
            level,
            DriftPolicy.DEFAULT.withMinimumEffect(
                Math.min(
                    1,
                    Math.max(
                        DriftPolicy.DEFAULT.leastEffect(old.rows(), column.rows()),
                        UNUSUAL_FACTOR * history.largestEffect(name)))));
    Dispersion apart = Dispersion.ofValues(old, column);
    Dispersion classesApart = Dispersion.ofClasses(old, column);
    // Either of them can be what drifted, so that the level is halved.
    boolean unusual =
        apart.exceeds(history.apart(name, ColumnFigures::apart), level / 2)
            || classesApart.exceeds(history.apart(name, ColumnFigures::classesApart), level / 2);
    double effect =
        switch (verdict) {
          case DriftVerdict.Drifted drifted -> {
            if (expected.rules().drift() == null) {
              report(name, expected, drifted, unusual, column.rows(), history, findings);
            }
            yield drifted.effect();
          }
          case DriftVerdict.Stable stable -> stable.effect();
          case DriftVerdict.Inconclusive inconclusive -> -1;
        };
    return new ColumnFigures.Change(gap, effect, apart, classesApart);
  }

  private static void report(
      String name,
      ColumnSchema expected,
      DriftVerdict.Drifted drifted,
      boolean unusual,
      long rows,
      EventHistory history,
      Findings findings) {
    AnomalyKind kind =
        expected.type().numeric()
            ? AnomalyKind.COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH
            : AnomalyKind.COMPARATOR_L_INFTY_HIGH;
    double usual = history.largestEffect(name);
    String observed =
        "Jensen-Shannon distance %s, p = %s by %s"
            .formatted(
                Shares.number(drifted.effect()), Shares.number(drifted.pValue()), drifted.test());
    String limit = "at most " + Shares.number(drifted.minimumEffect());
    // Keys and free text renew themselves: what is new in them is not a fault.
    boolean comparable = expected.type() != ColumnSchema.Type.STRING || expected.domain() != null;
    boolean extreme =
        comparable
            && history.changesKnown(name) >= LEAST_KNOWN
            && rows >= LEAST_ROWS
            && drifted.effect() >= EXTREME
            && drifted.effect() >= EXTREME_FACTOR * usual;
    if (extreme) {
      findings.error(name, kind, observed, limit, "'" + name + "' has become another column");
    } else if (unusual) {
      findings.warning(name, kind, observed, limit, "'" + name + "' is distributed differently");
    }
  }
}
