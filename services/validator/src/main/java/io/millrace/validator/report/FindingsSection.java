// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.report;

import static io.millrace.validator.report.Html.percent;
import static io.millrace.validator.report.Html.text;

import io.millrace.common.contract.DataVerdict;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The findings of a span, each with its evidence and what may be done about it. */
final class FindingsSection {
  private FindingsSection() {}

  /** What was found, the errors first, or that nothing was. */
  static String html(DataVerdict verdict) {
    if (verdict.anomalies().isEmpty() && verdict.rows() == 0) {
      return verdict.startMs() == verdict.endMs()
          ? "<p class='clean'>Rows come again.</p>"
          : "<p class='clean'>No row came, and at this time that is usual: the spans of the"
              + " same time before were empty, too, or the stream is thin.</p>";
    }
    if (verdict.anomalies().isEmpty()) {
      return "<p class='clean'>Nothing was found: the span keeps to its schema, its volume and "
          + "its distributions are usual.</p>";
    }
    StringBuilder page = new StringBuilder(1_024);
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
    return page.append("</table>").toString();
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
        : "<a href='#c-" + ColumnSection.anchor(column) + "'>" + text(column) + "</a>";
  }
}
