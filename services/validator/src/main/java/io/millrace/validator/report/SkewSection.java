// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.report;

import static io.millrace.validator.report.Html.count;
import static io.millrace.validator.report.Html.number;
import static io.millrace.validator.report.Html.text;

import io.millrace.common.contract.SkewJudged;
import java.util.Locale;

/** What a span's predictions were made of, beside what training has of the same moments. */
final class SkewSection {
  private SkewSection() {}

  static String html(SkewJudged skew) {
    StringBuilder out = new StringBuilder(1_024);
    out.append("<h2>Training and serving: <span class='")
        .append(skew.status() == SkewJudged.Status.SKEWED ? "bad" : "good")
        .append("'>")
        .append(skew.status().name().toLowerCase(Locale.ROOT))
        .append("</span></h2><p>")
        .append(count(skew.joined()))
        .append(" of ")
        .append(count(skew.servedRows()))
        .append(" predictions are among the ")
        .append(count(skew.trainingRows()))
        .append(" training rows of these moments, ")
        .append(count(skew.mismatchedRows()))
        .append(" of them were made of another value.</p>");
    skew.reasons().forEach(reason -> out.append("<p>").append(text(reason)).append("</p>"));
    if (!skew.features().isEmpty()) {
      out.append("<table class='findings'><tr><th>input</th><th>differs in</th><th>of</th>")
          .append("<th>by at most</th><th>such as prediction</th></tr>");
      skew.features()
          .forEach(
              each ->
                  out.append("<tr><td>")
                      .append(text(each.name()))
                      .append("</td><td>")
                      .append(count(each.differing()))
                      .append("</td><td>")
                      .append(count(each.compared()))
                      .append("</td><td>")
                      .append(number(each.largestDifference()))
                      .append("</td><td>")
                      .append(text(String.join(", ", each.predictions())))
                      .append("</td></tr>"));
      out.append("</table>");
    }
    return out.toString();
  }
}
