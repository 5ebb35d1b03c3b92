// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.report;

import static io.millrace.validator.report.Html.count;
import static io.millrace.validator.report.Html.text;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.SkewJudged;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
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
        .append(ReportStyle.CSS)
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
    page.append(FindingsSection.html(verdict));
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
      String name = each.getKey();
      page.append(
          ColumnSection.html(
              view,
              name,
              each.getValue(),
              reference == null ? null : reference.columns().get(name)));
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
}
