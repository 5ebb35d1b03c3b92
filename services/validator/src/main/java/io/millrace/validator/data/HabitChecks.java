// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static io.millrace.validator.data.Shares.percent;

import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.HeavyHitter;
import io.millrace.stats.profile.Moments;
import io.millrace.validator.data.TraitPlaces.Trait;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Two suspicions that no schema can name: one value stands for "not known" far more often than in
 * the good spans, and extremes that every good span had are gone, as if clipped. Both are WARNINGs,
 * since either may be honest.
 */
final class HabitChecks {
  /** Least rise of the share of one value. */
  static final double LEAST_RISE = 0.03;

  /** How many times as often as before. */
  static final double RISE_FACTOR = 3;

  /** Different numbers that a measured quantity has at least. */
  static final double LEAST_DISTINCT = 30;

  /** Good spans whose extremes must be known before their lack is told. */
  static final int LEAST_SPANS = 8;

  /** Standard deviations of the logarithm of the length of the tail. */
  static final double SHORT_DEVIATIONS = 5;

  /** Least length of the tail in good spans, as a multiple of the way from the median to 95 %. */
  static final double LEAST_TAIL = 1.5;

  private static final double LEAST_DEVIATION = 0.05;
  private static final int LOOKED_AT = 16;
  private static final double NINES = 9;
  private static final int LONGEST_WORD = 9;
  private static final Set<String> EMPTY_WORDS =
      Set.of("", "-", "?", "n/a", "na", "nan", "none", "null", "unknown", "undefined", "missing");

  private HabitChecks() {}

  static void run(ColumnCase one, ColumnProfile before) {
    sentinel(one, before);
    if (one.expected().type().numeric() && one.column().numbers() > 0) {
      tail(one, "largest", true, each -> upper(each));
      tail(one, "smallest", false, each -> lower(each));
    }
  }

  private static void sentinel(ColumnCase one, ColumnProfile before) {
    if (before.values() == 0) {
      return;
    }
    List<HeavyHitter> old = before.heavyHitters(Integer.MAX_VALUE);
    for (HeavyHitter hitter : one.column().heavyHitters(LOOKED_AT)) {
      if (!standsForNothing(hitter.value(), before)) {
        continue;
      }
      long count =
          old.stream()
              .filter(each -> each.value().equals(hitter.value()))
              .mapToLong(HeavyHitter::upper)
              .findFirst()
              .orElse(before.heavyHitterError());
      double usual = (double) count / before.values();
      double claimed = Shares.atLeast(hitter.lower(), one.column().values());
      if (claimed > usual + LEAST_RISE && claimed > RISE_FACTOR * usual) {
        double share = (double) hitter.lower() / one.column().values();
        one.tell(
            false,
            AnomalyKind.SENTINEL_RISE,
            "'%s' in %s of the values".formatted(hitter.value(), percent(share)),
            "at most " + percent(usual),
            "'" + one.name() + "' has one value so often that it may stand for \"not known\"",
            Findings.Rows.of(share, examples(one, hitter.value())));
      }
    }
  }

  private static List<String> examples(ColumnCase one, String value) {
    List<String> found = one.marks().examples(List.of(value));
    if (!found.isEmpty()) {
      return found;
    }
    // Where there are too many strings to know the places of each.
    return "0".equals(value)
        ? one.marks().examples(Trait.ZERO)
        : isNothing(value) ? one.marks().examples(Trait.NOTHING) : List.of();
  }

  /** Whether a string is one of the words for "no value". */
  static boolean isNothing(String value) {
    return value.length() <= LONGEST_WORD && EMPTY_WORDS.contains(value.toLowerCase(Locale.ROOT));
  }

  /** Zero, minus one, nines and words for nothing, where a column has many other values. */
  private static boolean standsForNothing(String value, ColumnProfile before) {
    if (isNothing(value)) {
      return true;
    }
    if (before.distinct() < LEAST_DISTINCT) {
      return false;
    }
    double number;
    try {
      number = Double.parseDouble(value);
    } catch (NumberFormatException notANumber) {
      return false;
    }
    // Where numbers below zero are usual, minus one is one of them.
    boolean odd = number >= 0 || before.summary().negatives() == 0;
    return number == 0 || (odd && (number == -1 || nines(Math.abs(number))));
  }

  private static boolean nines(double value) {
    for (double nines = 99; nines < 1e9; nines = nines * 10 + NINES) {
      if (value == nines) {
        return true;
      }
    }
    return false;
  }

  private static void tail(
      ColumnCase one, String which, boolean high, ToDoubleFunction<ColumnFigures> length) {
    double now = length.applyAsDouble(ColumnFigures.of(one.column(), ColumnFigures.Change.UNKNOWN));
    List<ColumnFigures> known =
        one.history().columns(one.name()).stream()
            .filter(each -> each.numbers() * 2 >= one.column().numbers())
            .toList();
    Moments lengths = new Moments();
    for (ColumnFigures each : known) {
      double tail = length.applyAsDouble(each);
      if (tail < LEAST_TAIL) {
        return;
      }
      lengths.add(Math.log(tail));
    }
    if (lengths.count() < LEAST_SPANS || !(now > 0)) {
      return;
    }
    double deviation = Math.max(LEAST_DEVIATION, lengths.standardDeviation());
    if (Math.log(now) < lengths.mean() - SHORT_DEVIATIONS * deviation) {
      one.tell(
          false,
          AnomalyKind.OUTLIERS_GONE,
          "the %s value is %s times as far from the median as the %s %% quantile"
              .formatted(which, Shares.number(now), high ? "95" : "5"),
          "about " + Shares.number(Math.exp(lengths.mean())) + " times in the good spans",
          "'" + one.name() + "' has no outliers, where every good span had some",
          new Findings.Rows(null, high ? one.marks().largest() : one.marks().smallest()));
    }
  }

  private static double upper(ColumnFigures figures) {
    Double max = figures.max();
    return max == null ? -1 : ratio(max - figures.p50(), figures.p95() - figures.p50());
  }

  private static double lower(ColumnFigures figures) {
    Double min = figures.min();
    return min == null ? -1 : ratio(figures.p50() - min, figures.p50() - figures.p05());
  }

  private static double ratio(double tail, double body) {
    return body > 0 ? tail / body : -1;
  }
}
