// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static io.millrace.validator.data.Shares.percent;

import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.stats.profile.HeavyHitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A number that used to have one peak has two: two instruments, two units, two populations in one
 * column. The middle {@code 96 %} of the values are cut into {@value #BINS} equal bins; there are
 * two peaks where between two bins, each with a tenth of the values on its side, lies a valley of
 * at most a quarter of the lower peak. The good spans before must have had none. The categories
 * that split the rows alike are named, since one of them may be the instrument: their share has
 * moved, and is that of a peak. A WARNING, since both may be real.
 */
final class PeakCheck {
  /** Numbers below which nothing is told. */
  static final int LEAST_NUMBERS = 200;

  static final int BINS = 24;

  /** Valley over the lower peak, at most. */
  static final double VALLEY_MOST = 0.25;

  /** The same in good spans, at least. */
  static final double VALLEY_BEFORE_LEAST = 0.5;

  private static final double PEAK_SHARE = 0.1;
  private static final double TAIL = 0.02;
  private static final double LEAST_DISTINCT = 30;
  private static final double SHARE_MARGIN = 0.04;
  private static final double SHARE_MOVED = 0.1;
  private static final int MOST_NAMED = 3;

  private PeakCheck() {}

  /**
   * Two peaks.
   *
   * @param depth valley over the lower peak; 1 where there is one peak only
   * @param at the valley
   * @param low share of the values below it
   */
  record Valley(double depth, double at, double low) {}

  static void run(ColumnCase one, ColumnProfile before, DatasetProfile all, DatasetProfile usual) {
    ColumnProfile column = one.column();
    if (!one.expected().type().numeric()
        || Math.min(column.numbers(), before.numbers()) < LEAST_NUMBERS
        || column.distinct() < LEAST_DISTINCT) {
      return;
    }
    Valley now = deepest(column.cdf());
    if (now.depth() > VALLEY_MOST || deepest(before.cdf()).depth() < VALLEY_BEFORE_LEAST) {
      return;
    }
    List<String> named = alike(now, all, usual);
    one.tell(
        false,
        AnomalyKind.TWO_PEAKS,
        "%s of the values around one peak, %s around another, hardly any at %s%s"
            .formatted(
                percent(now.low()),
                percent(1 - now.low()),
                Shares.number(now.at()),
                named.isEmpty() ? "" : "; as many rows have " + String.join(" or ", named)),
        "one peak, as in the good spans before",
        "'" + one.name() + "' may hold two kinds of values, such as of two instruments or units",
        new Findings.Rows(Math.min(now.low(), 1 - now.low()), List.of()));
  }

  /** The deepest valley between two peaks. */
  static Valley deepest(EmpiricalCdf cdf) {
    double from = cdf.quantile(TAIL);
    double to = cdf.quantile(1 - TAIL);
    if (!(to > from)) {
      return new Valley(1, from, 0);
    }
    double[] shares = new double[BINS];
    double[] below = new double[BINS + 1];
    for (int i = 0; i <= BINS; i++) {
      below[i] = cdf.cdf(from + (to - from) * i / BINS);
    }
    for (int i = 0; i < BINS; i++) {
      shares[i] = below[i + 1] - below[i];
    }
    double[] smooth = new double[BINS];
    for (int i = 0; i < BINS; i++) {
      double left = shares[Math.max(0, i - 1)];
      double right = shares[Math.min(BINS - 1, i + 1)];
      smooth[i] = (left + shares[i] + right) / 3;
    }
    Valley deepest = new Valley(1, from, 0);
    for (int i = 1; i < BINS - 1; i++) {
      double middle = from + (to - from) * (i + 0.5) / BINS;
      double low = cdf.cdf(middle);
      if (low < PEAK_SHARE || low > 1 - PEAK_SHARE) {
        continue;
      }
      double left = 0;
      double right = 0;
      for (int j = 0; j < BINS; j++) {
        left = j < i ? Math.max(left, smooth[j]) : left;
        right = j > i ? Math.max(right, smooth[j]) : right;
      }
      double lower = Math.min(left, right);
      double depth = lower == 0 ? 1 : smooth[i] / lower;
      if (depth < deepest.depth()) {
        deepest = new Valley(depth, middle, low);
      }
    }
    return deepest;
  }

  /** Values of other columns that are about as frequent as a peak, and were not before. */
  private static List<String> alike(Valley valley, DatasetProfile all, DatasetProfile usual) {
    List<String> named = new ArrayList<>();
    Map<String, ColumnProfile> before = usual.columns();
    all.columns()
        .forEach(
            (name, column) -> {
              ColumnProfile old = before.get(name);
              if (column.strings() == 0 || old == null) {
                return;
              }
              for (HeavyHitter hitter : column.heavyHitters(MOST_NAMED)) {
                double share = (double) hitter.lower() / column.values();
                boolean peak =
                    Math.abs(share - valley.low()) <= SHARE_MARGIN
                        || Math.abs(share - (1 - valley.low())) <= SHARE_MARGIN;
                if (peak
                    && named.size() < MOST_NAMED
                    && Math.abs(share - shareOf(hitter.value(), old)) >= SHARE_MOVED) {
                  named.add(String.format(Locale.ROOT, "%s '%s'", name, hitter.value()));
                }
              }
            });
    return named;
  }

  private static double shareOf(String value, ColumnProfile column) {
    Optional<HeavyHitter> found =
        column.heavyHitters(Integer.MAX_VALUE).stream()
            .filter(each -> each.value().equals(value))
            .findFirst();
    return found.isEmpty() || column.values() == 0
        ? 0
        : (double) found.get().lower() / column.values();
  }
}
