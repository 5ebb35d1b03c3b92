// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.report;

import static io.millrace.validator.report.Html.at;
import static io.millrace.validator.report.Html.count;
import static io.millrace.validator.report.Html.number;
import static io.millrace.validator.report.Html.percent;
import static io.millrace.validator.report.Html.text;

import io.millrace.common.contract.DataVerdict;
import io.millrace.stats.distance.AlignedBins;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.stats.profile.HeavyHitter;
import io.millrace.stats.test.ColumnBins;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pictures of a column and of the volumes, as SVG inside the page. */
final class Plots {
  private static final double WIDTH = 420;
  private static final double HEIGHT = 120;
  private static final double FLOOR = 100;
  private static final int BINS = 24;
  private static final int MOST_CATEGORIES = 10;
  private static final int DECILES = 10;
  private static final int FEW_VALUES = 20;
  private static final double BAR_LEFT = 150;
  private static final double BAR_STEP = 16;
  private static final double LOG_RATIO = 1_000;

  /** A span without rows is seen and can be clicked all the same. */
  private static final double EMPTY_HEIGHT = 4;

  private Plots() {}

  /** Numbers as a histogram, everything else as bars; the reference as an outline. */
  static String column(ColumnProfile column, @Nullable ColumnProfile reference) {
    if (column.values() == 0) {
      return "<p class='none'>no value to draw</p>";
    }
    ColumnProfile other = reference == null ? new ColumnProfile() : reference;
    boolean numbers = 2 * column.numbers() > column.values() && column.distinct() > FEW_VALUES;
    return numbers ? histogram(column.cdf(), other.cdf()) : categories(column, other);
  }

  private static String histogram(EmpiricalCdf current, EmpiricalCdf reference) {
    double low = current.quantile(0.01);
    double high = current.quantile(0.99);
    if (reference.count() > 0) {
      low = Math.min(low, reference.quantile(0.01));
      high = Math.max(high, reference.quantile(0.99));
    }
    if (!(high > low)) {
      return "<p class='none'>nearly all values are " + number(low) + "</p>";
    }
    boolean log = low > 0 && high / low > LOG_RATIO;
    double[] edges = new double[BINS - 1];
    for (int i = 0; i < edges.length; i++) {
      double share = (i + 1.0) / BINS;
      edges[i] = log ? low * Math.pow(high / low, share) : low * (1 - share) + high * share;
    }
    AlignedBins bins = AlignedBins.ofEdges(reference, current, edges);
    double[] now = shares(bins.current());
    double[] then = shares(bins.reference());
    double top = Math.max(max(now), max(then));
    double step = WIDTH / BINS;
    StringBuilder svg = open("histogram");
    for (int i = 0; i < BINS; i++) {
      double height = now[i] / top * FLOOR;
      svg.append("<rect class='now' x='")
          .append(at(i * step + 0.5))
          .append("' y='")
          .append(at(FLOOR - height))
          .append("' width='")
          .append(at(step - 1))
          .append("' height='")
          .append(at(height))
          .append("'><title>")
          .append(text(range(edges, i)))
          .append(": ")
          .append(percent(now[i]));
      if (reference.count() > 0) {
        svg.append(", before ").append(percent(then[i]));
      }
      svg.append("</title></rect>");
    }
    if (reference.count() > 0) {
      svg.append("<path class='then' d='M0 ").append(at(FLOOR));
      for (int i = 0; i < BINS; i++) {
        svg.append("V")
            .append(at(FLOOR - then[i] / top * FLOOR))
            .append("H")
            .append(at((i + 1) * step));
      }
      svg.append("V").append(at(FLOOR)).append("'/>");
    }
    label(svg, 0, "start", "≤ " + number(edges[0]));
    label(svg, WIDTH / 2, "middle", number(edges[BINS / 2 - 1]) + (log ? " (log scale)" : ""));
    label(svg, WIDTH, "end", "> " + number(edges[BINS - 2]));
    return svg.append("</svg>").toString();
  }

  private static String range(double[] edges, int bin) {
    String from = bin == 0 ? "up" : number(edges[bin - 1]);
    return bin == edges.length ? "above " + from : from + " to " + number(edges[bin]);
  }

  private static String categories(ColumnProfile column, ColumnProfile reference) {
    AlignedBins bins = ColumnBins.of(reference, column, DECILES);
    double[] now = shares(bins.current());
    double[] then = shares(bins.reference());
    List<Bar> bars = new ArrayList<>();
    for (int i = 0; i < bins.size(); i++) {
      bars.add(new Bar(bins.labels().get(i), now[i], then[i]));
    }
    boolean named = bars.stream().anyMatch(bar -> bar.now > 0 && !bar.label.startsWith("…"));
    if (!named) {
      return rare(column);
    }
    bars.sort(Comparator.comparingDouble((Bar bar) -> -Math.max(bar.now, zeroIfNaN(bar.then))));
    List<Bar> shown = new ArrayList<>(bars.subList(0, Math.min(MOST_CATEGORIES, bars.size())));
    List<Bar> hidden = bars.subList(shown.size(), bars.size());
    if (shown.stream().allMatch(Bar::number)) {
      shown.sort(Comparator.comparingDouble(bar -> Double.parseDouble(bar.label)));
    }
    return bars(shown, hidden, reference.values() > 0);
  }

  /** All values are rare (an identifier): the most frequent of this span, compared with nothing. */
  private static String rare(ColumnProfile column) {
    List<Bar> bars = new ArrayList<>();
    double rest = 1;
    for (HeavyHitter hitter : column.heavyHitters(MOST_CATEGORIES)) {
      double share = hitter.count() / (double) column.values();
      rest -= share;
      bars.add(new Bar(hitter.value(), share, Double.NaN));
    }
    return bars(bars, List.of(new Bar("…rest", Math.max(0, rest), Double.NaN)), false);
  }

  /** One category: its share in this span and in the reference, NaN where that is not known. */
  private record Bar(String label, double now, double then) {
    boolean number() {
      return label.matches("-?[0-9][0-9.]*(E-?[0-9]+)?");
    }
  }

  private static double zeroIfNaN(double value) {
    return Double.isNaN(value) ? 0 : value;
  }

  private static String bars(List<Bar> shown, List<Bar> hidden, boolean compared) {
    double top =
        shown.stream().mapToDouble(bar -> Math.max(bar.now, zeroIfNaN(bar.then))).max().orElse(1);
    double room = WIDTH - BAR_LEFT - 60;
    double height = (shown.size() + (hidden.isEmpty() ? 0 : 1)) * BAR_STEP + 4;
    StringBuilder svg =
        new StringBuilder("<svg role='img' aria-label='categories' viewBox='0 0 ")
            .append(at(WIDTH))
            .append(' ')
            .append(at(height))
            .append("'>");
    for (int k = 0; k < shown.size(); k++) {
      Bar bar = shown.get(k);
      double y = k * BAR_STEP;
      row(svg, y, shortened(bar.label), bar.label, bar.now);
      svg.append("<rect class='now' x='")
          .append(at(BAR_LEFT))
          .append("' y='")
          .append(at(y + 3))
          .append("' width='")
          .append(at(bar.now / top * room))
          .append("' height='10'></rect>");
      if (compared && !Double.isNaN(bar.then)) {
        svg.append("<path class='then' d='M")
            .append(at(BAR_LEFT + bar.then / top * room))
            .append(' ')
            .append(at(y + 1))
            .append("V")
            .append(at(y + 15))
            .append("'><title>before ")
            .append(percent(bar.then))
            .append("</title></path>");
      }
    }
    if (!hidden.isEmpty()) {
      double rest = hidden.stream().mapToDouble(Bar::now).sum();
      String label = hidden.size() > 1 ? hidden.size() + " more" : hidden.getFirst().label;
      row(svg, shown.size() * BAR_STEP, label, "less frequent", rest);
    }
    return svg.append("</svg>").toString();
  }

  private static void row(StringBuilder svg, double y, String label, String title, double share) {
    svg.append("<text x='")
        .append(at(BAR_LEFT - 6))
        .append("' y='")
        .append(at(y + 12))
        .append("' text-anchor='end'>")
        .append(text(label))
        .append("<title>")
        .append(text(title))
        .append("</title></text><text x='")
        .append(at(WIDTH))
        .append("' y='")
        .append(at(y + 12))
        .append("' text-anchor='end'>")
        .append(percent(share))
        .append("</text>");
  }

  private static String shortened(String label) {
    return label.codePointCount(0, label.length()) <= 20
        ? label
        : label.substring(0, label.offsetByCodePoints(0, 19)) + "…";
  }

  /** Rows of this span among those around it; each bar leads to its own report. */
  static String volumes(List<DataVerdict> around, String span) {
    if (around.size() < 2) {
      return "";
    }
    double top = around.stream().mapToLong(DataVerdict::rows).max().orElse(1);
    double step = WIDTH * 2 / around.size();
    StringBuilder svg =
        new StringBuilder(
                "<svg class='volumes' role='img' aria-label='rows per span' viewBox='0 0 ")
            .append(at(2 * WIDTH))
            .append(' ')
            .append(at(HEIGHT))
            .append("'>");
    for (int i = 0; i < around.size(); i++) {
      DataVerdict each = around.get(i);
      double least = each.rows() == 0 ? EMPTY_HEIGHT : 1;
      double height = top == 0 ? least : Math.max(least, each.rows() / top * (FLOOR - 4));
      String kind =
          (each.status() == DataVerdict.Status.BAD ? "bad" : "now")
              + (each.span().equals(span) ? " here" : "");
      svg.append("<a href='../")
          .append(text(each.span()))
          .append("/report'><rect class='")
          .append(kind)
          .append("' x='")
          .append(at(i * step))
          .append("' y='")
          .append(at(FLOOR - height))
          .append("' width='")
          .append(at(Math.max(1, step - 1)))
          .append("' height='")
          .append(at(height))
          .append("'><title>")
          .append(text(each.span()))
          .append(each.rows() == 0 ? " to " + Instant.ofEpochMilli(each.endMs()) : "")
          .append(": ")
          .append(count(each.rows()))
          .append(" rows, ")
          .append(each.status())
          .append("</title></rect></a>");
    }
    label(svg, 0, "start", moment(around.getFirst()));
    label(svg, 2 * WIDTH, "end", moment(around.getLast()));
    return svg.append("</svg>").toString();
  }

  private static String moment(DataVerdict verdict) {
    return Instant.ofEpochMilli(verdict.startMs()).toString().replace(":00Z", "Z");
  }

  private static StringBuilder open(String label) {
    return new StringBuilder("<svg role='img' aria-label='")
        .append(label)
        .append("' viewBox='0 0 ")
        .append(at(WIDTH))
        .append(' ')
        .append(at(HEIGHT))
        .append("'>");
  }

  private static void label(StringBuilder svg, double x, String anchor, String label) {
    svg.append("<text x='")
        .append(at(x))
        .append("' y='")
        .append(at(HEIGHT - 5))
        .append("' text-anchor='")
        .append(anchor)
        .append("'>")
        .append(text(label))
        .append("</text>");
  }

  private static double[] shares(double[] counts) {
    double sum = Arrays.stream(counts).sum();
    return sum == 0 ? counts : Arrays.stream(counts).map(count -> count / sum).toArray();
  }

  private static double max(double[] values) {
    return Math.max(1e-9, Arrays.stream(values).max().orElse(0));
  }
}
