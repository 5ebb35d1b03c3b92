// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.report;

import static io.millrace.validator.report.Html.count;

import io.millrace.common.contract.DataVerdict;
import java.time.Instant;
import java.util.List;

/** Rows of a span among those around it; each bar leads to its own report. */
final class VolumePlot {
  private static final double WIDTH = 840;
  private static final double HEIGHT = 120;
  private static final double FLOOR = 100;

  /** A span without rows is seen and can be clicked all the same. */
  private static final double EMPTY_HEIGHT = 4;

  private VolumePlot() {}

  /** Empty where there is nothing to compare with. */
  static String of(List<DataVerdict> around, String span) {
    if (around.size() < 2) {
      return "";
    }
    double top = around.stream().mapToLong(DataVerdict::rows).max().orElse(1);
    double step = WIDTH / around.size();
    Svg svg = new Svg("volumes", "rows per span", WIDTH, HEIGHT);
    for (int i = 0; i < around.size(); i++) {
      DataVerdict each = around.get(i);
      double least = each.rows() == 0 ? EMPTY_HEIGHT : 1;
      double height = top == 0 ? least : Math.max(least, each.rows() / top * (FLOOR - 4));
      String kind =
          (each.status() == DataVerdict.Status.BAD ? "bad" : "now")
              + (each.span().equals(span) ? " here" : "");
      svg.link(
          "../" + each.span() + "/report",
          kind,
          new Svg.Box(i * step, FLOOR - height, Math.max(1, step - 1), height),
          title(each));
    }
    svg.label(0, HEIGHT - 5, "start", moment(around.getFirst()), null);
    svg.label(WIDTH, HEIGHT - 5, "end", moment(around.getLast()), null);
    return svg.markup();
  }

  private static String title(DataVerdict verdict) {
    return verdict.span()
        + (verdict.rows() == 0 ? " to " + Instant.ofEpochMilli(verdict.endMs()) : "")
        + ": "
        + count(verdict.rows())
        + " rows, "
        + verdict.status();
  }

  private static String moment(DataVerdict verdict) {
    return Instant.ofEpochMilli(verdict.startMs()).toString().replace(":00Z", "Z");
  }
}
