// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.report;

import static io.millrace.validator.report.Html.count;
import static io.millrace.validator.report.Html.number;
import static io.millrace.validator.report.Html.percent;
import static io.millrace.validator.report.Html.text;

import io.millrace.common.contract.DataVerdict;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.ProfileSummary;
import io.millrace.stats.test.ColumnDrift;
import io.millrace.stats.test.DriftVerdict;
import io.millrace.validator.data.AnomalyKind;
import io.millrace.validator.data.ColumnSchema;
import io.millrace.validator.data.SpanSchema;
import io.millrace.validator.data.SpanView;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One column: its figures, its picture beside the reference, and how far it is from it. */
final class ColumnSection {
  private static final double LEVEL = 0.01;

  /** Below this the estimate is exact for all that matters. */
  private static final double EXACT_DISTINCT = 300;

  /** Kinds of finding that say that a column is distributed differently. */
  private static final Set<String> DISTRIBUTION =
      Set.of(
          AnomalyKind.COMPARATOR_L_INFTY_HIGH.name(),
          AnomalyKind.COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH.name(),
          AnomalyKind.COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH.name(),
          AnomalyKind.UNIT_CHANGE.name());

  private final SpanView view;
  private final String name;
  private final ColumnProfile column;
  private final @Nullable ColumnProfile reference;
  private final @Nullable ColumnSchema expected;
  private final StringBuilder page = new StringBuilder(4_096);

  private ColumnSection(
      SpanView view, String name, ColumnProfile column, @Nullable ColumnProfile reference) {
    this.view = view;
    this.name = name;
    this.column = column;
    this.reference = reference;
    SpanSchema schema = view.schema();
    this.expected = schema == null ? null : schema.columns().get(name);
  }

  /**
   * The column.
   *
   * @param reference what it was in the good spans before; null where that is not known
   */
  static String html(
      SpanView view, String name, ColumnProfile column, @Nullable ColumnProfile reference) {
    return new ColumnSection(view, name, column, reference).render();
  }

  /** What a link within the page leads to. */
  static String anchor(String column) {
    return Integer.toHexString(column.hashCode());
  }

  private String render() {
    ProfileSummary s = column.summary();
    page.append("<section id='c-")
        .append(anchor(name))
        .append("'><h3>")
        .append(text(name))
        .append(" <small>")
        .append(type(s))
        .append("</small></h3>")
        .append(ColumnPlot.of(column, reference))
        .append("<table class='figures'>");
    row("present", percent(s.rows() == 0 ? 0 : 1 - (double) s.missing() / s.rows()));
    double distinct = Math.min(Math.rint(s.distinct()), (double) s.values());
    row("distinct", (distinct < EXACT_DISTINCT ? "" : "about ") + number(distinct));
    if (s.numbers() > 0) {
      row("min · median · max", figures(s.min(), s.quantiles().get("0.5"), s.max()));
      row("5 % · 95 %", figures(s.quantiles().get("0.05"), s.quantiles().get("0.95")));
      row("mean ± deviation", figures(s.mean(), s.standardDeviation()).replace(" · ", " ± "));
      if (s.zeros() > 0 || s.negatives() > 0) {
        row("zeros · negatives", count(s.zeros()) + " · " + count(s.negatives()));
      }
    }
    if (s.nan() + s.positiveInfinity() + s.negativeInfinity() > 0) {
      row(
          "NaN · +∞ · −∞",
          count(s.nan())
              + " · "
              + count(s.positiveInfinity())
              + " · "
              + count(s.negativeInfinity()));
    }
    if (s.strings() > 0 && s.minLength() != null && s.maxLength() != null) {
      row("length", count(s.minLength()) + " to " + count(s.maxLength()));
    }
    if (reference != null) {
      row("against before", comparison(reference));
    }
    return page.append("</table></section>").toString();
  }

  private String type(ProfileSummary summary) {
    return expected == null
        ? summary.kind().name().toLowerCase(Locale.ROOT) + ", not in the schema"
        : expected.type().name().toLowerCase(Locale.ROOT);
  }

  private static String figures(@Nullable Double... figures) {
    StringBuilder joined = new StringBuilder();
    for (Double figure : figures) {
      joined.append(joined.isEmpty() ? "" : " · ").append(figure == null ? "–" : number(figure));
    }
    return joined.toString();
  }

  /**
   * As the verdict says: it knows how far good spans are apart. Moments move on, names renew
   * themselves, and rows that depend on each other differ more than a test of two windows expects.
   */
  private String comparison(ColumnProfile reference) {
    if (expected != null && expected.type() == ColumnSchema.Type.TIME) {
      return "not compared: moments move on";
    }
    boolean renewed =
        expected != null
            && expected.type() == ColumnSchema.Type.STRING
            && expected.domain() == null;
    return switch (ColumnDrift.compare(reference, column, LEVEL)) {
      case DriftVerdict.Drifted d when isToldOfIn(view.verdict()) ->
          "<b>differs</b>: distance " + number(d.effect()) + ", p " + p(d.pValue());
      case DriftVerdict.Drifted d when renewed ->
          "new values are its nature: distance " + number(d.effect());
      case DriftVerdict.Drifted d when view.referenceSpans() < 2 ->
          "how far good spans are apart is not known yet: distance " + number(d.effect());
      case DriftVerdict.Drifted d ->
          "no further than good spans are apart: distance " + number(d.effect());
      case DriftVerdict.Stable s ->
          "alike: distance " + number(s.effect()) + ", p " + p(s.pValue());
      case DriftVerdict.Inconclusive i -> "cannot tell: " + text(i.reason());
    };
  }

  private boolean isToldOfIn(DataVerdict verdict) {
    return verdict.anomalies().stream()
        .anyMatch(each -> name.equals(each.column()) && DISTRIBUTION.contains(each.kind()));
  }

  private static String p(double value) {
    return value < 1e-4 ? "&lt; 0.0001" : "= " + number(value);
  }

  private void row(String name, String value) {
    page.append("<tr><th>").append(name).append("</th><td>").append(value).append("</td></tr>");
  }
}
