// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Figures for people: a table for the terminal, and one for a Markdown page. */
final class ResultTable {
  private static final List<String> HEADINGS =
      List.of("case", "metric", "value", "unit", "beside", "runs");

  /** Columns with numbers, which stand at the right. */
  private static final List<Boolean> RIGHT = List.of(false, false, true, false, false, true);

  private ResultTable() {}

  static List<String> plain(List<Measurement> measurements) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADINGS);
    measurements.forEach(each -> rows.add(cells(each)));
    int[] widths = new int[HEADINGS.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String padding = " ".repeat(widths[i] - row.get(i).length());
        line.append(i == 0 ? "" : "  ")
            .append(RIGHT.get(i) ? padding + row.get(i) : row.get(i) + padding);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  static List<String> markdown(List<Measurement> measurements) {
    List<String> lines = new ArrayList<>();
    lines.add("| " + String.join(" | ", HEADINGS) + " |");
    StringBuilder rule = new StringBuilder("|");
    RIGHT.forEach(right -> rule.append(right ? "---:|" : "---|"));
    lines.add(rule.toString());
    measurements.forEach(each -> lines.add("| " + String.join(" | ", cells(each)) + " |"));
    return lines;
  }

  private static List<String> cells(Measurement each) {
    return List.of(
        each.subject(),
        each.metric(),
        number(each.value()),
        each.unit(),
        each.beside() == null
            ? ""
            : each.beside().name() + " " + number(each.beside().value()) + ratio(each),
        Integer.toString(each.runs()));
  }

  private static String ratio(Measurement each) {
    return each.beside() == null || each.beside().value() == 0
        ? ""
        : String.format(Locale.ROOT, " (×%.3g)", each.value() / each.beside().value());
  }

  /** Grouped above a thousand, else as many decimals as tell something. */
  static String number(double value) {
    double size = Math.abs(value);
    if (value == Math.rint(value) && size < 1e15) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return String.format(
        Locale.ROOT,
        size >= 1000 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 0.1 ? "%.3f" : "%.3g",
        value);
  }
}
