// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.report;

import static io.millrace.validator.report.Html.count;
import static io.millrace.validator.report.Html.number;
import static io.millrace.validator.report.Html.percent;
import static io.millrace.validator.report.Html.text;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.SkewJudged;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.stats.profile.ProfileSummary;
import io.millrace.stats.test.ColumnDrift;
import io.millrace.stats.test.DriftVerdict;
import io.millrace.validator.data.ColumnSchema;
import io.millrace.validator.data.SpanSchema;
import io.millrace.validator.data.SpanView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One span for a person to read: the verdict and its reasons first, the volume among its
 * neighbours, then each column with its figures, its picture beside the reference, and how far it
 * is from it. One page without any other file, script or font, so that it can be mailed and kept.
 */
public final class SpanReport {
  /** Columns drawn; those with findings come first. */
  static final int MAX_COLUMNS = 200;

  private static final double LEVEL = 0.01;

  /** Below this the estimate is exact for all that matters. */
  private static final double EXACT_DISTINCT = 300;

  private final SpanView view;
  private final @Nullable SkewJudged skew;
  private final StringBuilder page = new StringBuilder(32_768);

  private SpanReport(SpanView view, @Nullable SkewJudged skew) {
    this.view = view;
    this.skew = skew;
  }

  /**
   * The page.
   *
   * @param skew what the comparison of the span's predictions with training rows gave, if made
   */
  public static String html(SpanView view, @Nullable SkewJudged skew) {
    return new SpanReport(view, skew).render();
  }

  private String render() {
    DataVerdict verdict = view.verdict();
    page.append("<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'/>")
        .append("<meta name='viewport' content='width=device-width'/><title>")
        .append(text(verdict.event() + " " + verdict.span()))
        .append("</title><style>")
        .append(STYLE)
        .append("</style></head><body><header><h1>")
        .append(text(verdict.event()))
        .append(" <small>")
        .append(text(verdict.span()))
        .append("</small> <b class='")
        .append(verdict.status().name().toLowerCase(Locale.ROOT))
        .append("'>")
        .append(verdict.status())
        .append("</b></h1><p>application ")
        .append(text(verdict.app()))
        .append(" · ")
        .append(count(verdict.rows()))
        .append(" rows · ")
        .append(
            verdict.startMs() == verdict.endMs()
                ? "events have come as far as "
                : Instant.ofEpochMilli(verdict.startMs()) + " to ")
        .append(Instant.ofEpochMilli(verdict.endMs()))
        .append(" · schema version ")
        .append(verdict.schemaVersion())
        .append(" · judged ")
        .append(Instant.ofEpochMilli(verdict.decidedAtMs()))
        .append("</p></header><main>");
    findings(verdict);
    if (skew != null) {
      page.append(SkewSection.html(skew));
    }
    String volumes = VolumePlot.of(view.around(), verdict.span());
    if (!volumes.isEmpty()) {
      page.append("<h2>Rows per span</h2>").append(volumes);
    }
    columns(verdict);
    return page.append("</main></body></html>\n").toString();
  }

  private void findings(DataVerdict verdict) {
    if (verdict.anomalies().isEmpty() && verdict.rows() == 0) {
      page.append(
          verdict.startMs() == verdict.endMs()
              ? "<p class='clean'>Rows come again.</p>"
              : "<p class='clean'>No row came, and at this time that is usual: the spans of the"
                  + " same time before were empty, too, or the stream is thin.</p>");
      return;
    }
    if (verdict.anomalies().isEmpty()) {
      page.append(
          "<p class='clean'>Nothing was found: the span keeps to its schema, its volume and "
              + "its distributions are usual.</p>");
      return;
    }
    page.append("<h2>")
        .append(verdict.anomalies().size())
        .append(verdict.anomalies().size() == 1 ? " finding" : " findings")
        .append("</h2><table class='findings'><tr><th>severity</th><th>column</th><th>what</th>")
        .append("<th>observed</th><th>expected</th></tr>");
    verdict.anomalies().stream()
        .sorted(Comparator.comparing(DataVerdict.Anomaly::severity))
        .forEach(
            each ->
                page.append("<tr class='")
                    .append(each.severity().toLowerCase(Locale.ROOT))
                    .append("'><td>")
                    .append(text(each.severity()))
                    .append("</td><td>")
                    .append(link(each.column()))
                    .append("</td><td>")
                    .append(text(each.message()))
                    .append("<br/><code>")
                    .append(text(each.kind()))
                    .append("</code>")
                    .append(remedy(each))
                    .append("</td><td>")
                    .append(text(each.observed()))
                    .append(rows(each))
                    .append("</td><td>")
                    .append(text(each.expected()))
                    .append("</td></tr>"));
    page.append("</table>");
  }

  private static String remedy(DataVerdict.Anomaly anomaly) {
    String fix = anomaly.fix();
    return fix == null ? "" : "<br/><small>" + text(fix) + "</small>";
  }

  private static String rows(DataVerdict.Anomaly anomaly) {
    Double share = anomaly.share();
    String text = share == null ? "" : percent(share) + " of them";
    List<String> examples = anomaly.examples();
    if (examples != null && !examples.isEmpty()) {
      text +=
          (text.isEmpty() ? "" : ", ")
              + "such as partition/offset "
              + text(String.join(", ", examples));
    }
    return text.isEmpty() ? "" : "<br/><small>" + text + "</small>";
  }

  private static String link(@Nullable String column) {
    return column == null
        ? "the span"
        : "<a href='#c-" + anchor(column) + "'>" + text(column) + "</a>";
  }

  private static String anchor(String column) {
    return Integer.toHexString(column.hashCode());
  }

  private void columns(DataVerdict verdict) {
    DatasetProfile statistics = view.statistics();
    if (verdict.rows() == 0) {
      page.append("<p class='none'>No row came, so there are no columns to show.</p>");
      return;
    }
    if (statistics == null) {
      page.append(
          "<p class='none'>The statistics of this span are no longer kept; its figures are "
              + "in the verdict.</p>");
      return;
    }
    DatasetProfile reference = view.reference();
    page.append("<h2>Columns</h2><p class='legend'><i class='key-now'></i> this span");
    if (reference != null) {
      page.append(" <i class='key-then'></i> the ")
          .append(view.referenceSpans())
          .append(view.referenceSpans() == 1 ? " good span" : " good spans")
          .append(" before (")
          .append(count(reference.rows()))
          .append(" rows)");
    }
    page.append("</p><div class='columns'>");
    List<Map.Entry<String, ColumnProfile>> all = new ArrayList<>(statistics.columns().entrySet());
    all.sort(
        Comparator.comparingInt(
                (Map.Entry<String, ColumnProfile> each) -> rank(verdict, each.getKey()))
            .thenComparing(Map.Entry.comparingByKey()));
    for (Map.Entry<String, ColumnProfile> each :
        all.subList(0, Math.min(MAX_COLUMNS, all.size()))) {
      column(
          each.getKey(),
          each.getValue(),
          reference == null ? null : reference.columns().get(each.getKey()));
    }
    page.append("</div>");
    if (all.size() > MAX_COLUMNS) {
      page.append("<p class='none'>")
          .append(all.size() - MAX_COLUMNS)
          .append(" more columns are not drawn.</p>");
    }
    if (statistics.droppedValues() > 0) {
      page.append("<p class='none'>")
          .append(count(statistics.droppedValues()))
          .append(" values of columns beyond the limit were counted only.</p>");
    }
  }

  /** Errors first, then warnings, then the rest. */
  private static int rank(DataVerdict verdict, String column) {
    return verdict.anomalies().stream()
        .filter(each -> column.equals(each.column()))
        .mapToInt(each -> each.severity().equals("ERROR") ? 0 : 1)
        .min()
        .orElse(2);
  }

  private void column(String name, ColumnProfile column, @Nullable ColumnProfile reference) {
    ProfileSummary s = column.summary();
    page.append("<section id='c-")
        .append(anchor(name))
        .append("'><h3>")
        .append(text(name))
        .append(" <small>")
        .append(type(name, s))
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
      row("against before", comparison(name, column, reference));
    }
    page.append("</table></section>");
  }

  private String type(String name, ProfileSummary summary) {
    SpanSchema schema = view.schema();
    ColumnSchema expected = schema == null ? null : schema.columns().get(name);
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

  /** Moments move on and names renew themselves: that they differ is no news. */
  private String comparison(String name, ColumnProfile column, ColumnProfile reference) {
    SpanSchema schema = view.schema();
    ColumnSchema expected = schema == null ? null : schema.columns().get(name);
    if (expected != null && expected.type() == ColumnSchema.Type.TIME) {
      return "not compared: moments move on";
    }
    boolean renewed =
        expected != null
            && expected.type() == ColumnSchema.Type.STRING
            && expected.domain() == null;
    return switch (ColumnDrift.compare(reference, column, LEVEL)) {
      case DriftVerdict.Drifted d when renewed ->
          "new values are its nature: distance " + number(d.effect());
      case DriftVerdict.Drifted d ->
          "<b>differs</b>: distance " + number(d.effect()) + ", p " + p(d.pValue());
      case DriftVerdict.Stable s ->
          "alike: distance " + number(s.effect()) + ", p " + p(s.pValue());
      case DriftVerdict.Inconclusive i -> "cannot tell: " + text(i.reason());
    };
  }

  private static String p(double value) {
    return value < 1e-4 ? "&lt; 0.0001" : "= " + number(value);
  }

  private void row(String name, String value) {
    page.append("<tr><th>").append(name).append("</th><td>").append(value).append("</td></tr>");
  }

  private static final String STYLE =
      """
      :root{--ink:#1c2530;--soft:#66727f;--line:#dfe4e9;--paper:#fff;--now:#4a80c4;--then:#d9822b;
      --bad:#c0392b;--good:#2e8b57;--warn:#b7791f}
      @media(prefers-color-scheme:dark){:root{--ink:#e6eaee;--soft:#98a4b0;--line:#323c46;
      --paper:#161c22;--now:#5f97dd;--then:#f0a050;--bad:#e8705f;--good:#58b783;--warn:#e0b050}}
      body{font:14px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper);
      max-width:1080px;margin:0 auto;padding:16px 20px}
      h1{font-size:22px;margin:0}h1 small,h3 small{color:var(--soft);font-weight:400}
      h1 b{font-size:14px;padding:2px 9px;border-radius:10px;color:#fff;vertical-align:3px}
      b.good{background:var(--good)}b.bad{background:var(--bad)}
      header p,.legend,.none{color:var(--soft);margin:4px 0}
      h2{font-size:16px;margin:22px 0 8px}h3{font-size:14px;margin:0 0 6px;overflow-wrap:anywhere}
      table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:4px 8px 4px 0;
      vertical-align:top;overflow-wrap:anywhere}.findings th,.findings td{border-bottom:1px solid var(--line)}
      th{font-weight:500;color:var(--soft)}.error td:first-child{color:var(--bad);font-weight:600}
      .warning td:first-child{color:var(--warn);font-weight:600}code{color:var(--soft);font-size:11px}
      td small{color:var(--soft)}
      .findings th{white-space:nowrap}.findings td:nth-child(-n+2){overflow-wrap:break-word}
      .clean{color:var(--good)}.columns{display:grid;gap:16px;
      grid-template-columns:repeat(auto-fill,minmax(min(330px,100%),1fr))}
      section{border:1px solid var(--line);border-radius:8px;padding:12px}
      .figures{margin-top:8px;font-size:12px}.figures th{width:42%}.figures td,.figures th{padding:1px 6px 1px 0}
      svg{width:100%;height:auto;display:block;overflow:visible}svg text{font-size:11px;fill:var(--soft)}
      rect.now{fill:var(--now)}rect.bad{fill:var(--bad)}rect.here{stroke:var(--ink);stroke-width:1.5}
      path.then{fill:none;stroke:var(--then);stroke-width:1.8}
      .legend i{display:inline-block;width:14px;height:10px;margin:0 3px 0 10px}
      .key-now{background:var(--now)}.key-then{border-top:2px solid var(--then);height:4px!important}
      a{color:var(--now)}
      """;
}
