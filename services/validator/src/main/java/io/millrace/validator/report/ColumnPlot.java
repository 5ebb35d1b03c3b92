// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.report;

import static io.millrace.validator.report.Html.at;
import static io.millrace.validator.report.Html.number;
import static io.millrace.validator.report.Html.percent;

import io.millrace.stats.distance.AlignedBins;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.stats.profile.HeavyHitter;
import io.millrace.stats.test.ColumnBins;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The values of a column as a picture. */
final class ColumnPlot {
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

  private ColumnPlot() {}

  /** Numbers as a histogram, everything else as bars; the reference as an outline. */
  static String of(ColumnProfile column, @Nullable ColumnProfile reference) {
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
    Svg svg = new Svg(null, "histogram", WIDTH, HEIGHT);
    boolean compared = reference.count() > 0;
    for (int i = 0; i < BINS; i++) {
      double height = now[i] / top * FLOOR;
      svg.bar(
          "now",
          new Svg.Box(i * step + 0.5, FLOOR - height, step - 1, height),
          range(edges, i)
              + ": "
              + percent(now[i])
              + (compared ? ", before " + percent(then[i]) : ""));
    }
    if (compared) {
      StringBuilder outline = new StringBuilder("M0 ").append(at(FLOOR));
      for (int i = 0; i < BINS; i++) {
        outline.append('V').append(at(FLOOR - then[i] / top * FLOOR));
        outline.append('H').append(at((i + 1) * step));
      }
      svg.line("then", outline.append('V').append(at(FLOOR)).toString(), null);
    }
    double under = HEIGHT - 5;
    svg.label(0, under, "start", "≤ " + number(edges[0]), null);
    String middle = number(edges[BINS / 2 - 1]) + (log ? " (log scale)" : "");
    svg.label(WIDTH / 2, under, "middle", middle, null);
    svg.label(WIDTH, under, "end", "> " + number(edges[BINS - 2]), null);
    return svg.markup();
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
    Svg svg = new Svg(null, "categories", WIDTH, height);
    for (int k = 0; k < shown.size(); k++) {
      Bar bar = shown.get(k);
      double y = k * BAR_STEP;
      row(svg, y, shortened(bar.label), bar.label, bar.now);
      svg.bar("now", new Svg.Box(BAR_LEFT, y + 3, bar.now / top * room, 10), null);
      if (compared && !Double.isNaN(bar.then)) {
        String mark =
            "M" + at(BAR_LEFT + bar.then / top * room) + ' ' + at(y + 1) + 'V' + at(y + 15);
        svg.line("then", mark, "before " + percent(bar.then));
      }
    }
    if (!hidden.isEmpty()) {
      double rest = hidden.stream().mapToDouble(Bar::now).sum();
      String label = hidden.size() > 1 ? hidden.size() + " more" : hidden.getFirst().label;
      row(svg, shown.size() * BAR_STEP, label, "less frequent", rest);
    }
    return svg.markup();
  }

  private static void row(Svg svg, double y, String label, String title, double share) {
    svg.label(BAR_LEFT - 6, y + 12, "end", label, title);
    svg.label(WIDTH, y + 12, "end", percent(share), null);
  }

  private static String shortened(String label) {
    return label.codePointCount(0, label.length()) <= 20
        ? label
        : label.substring(0, label.offsetByCodePoints(0, 19)) + "…";
  }

  private static double[] shares(double[] counts) {
    double sum = Arrays.stream(counts).sum();
    return sum == 0 ? counts : Arrays.stream(counts).map(count -> count / sum).toArray();
  }

  private static double max(double[] values) {
    return Math.max(1e-9, Arrays.stream(values).max().orElse(0));
  }
}
