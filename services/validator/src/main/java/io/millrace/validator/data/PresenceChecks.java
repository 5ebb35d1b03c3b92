// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static io.millrace.validator.data.Shares.percent;

import io.millrace.common.contract.ColumnRules;
import io.millrace.stats.profile.Moments;
import io.millrace.stats.profile.ProfileSummary;
import io.millrace.validator.data.TraitPlaces.Trait;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Does a column have as many values as it should: of rows, in a row, and different ones? */
final class PresenceChecks {
  /** Share of rows without a value, above the usual one, from which a column counts as lost. */
  static final double MISSING_MARGIN = 0.1;

  /** The same while the usual share of a column that misses values is known from few spans only. */
  static final double EARLY_MISSING_MARGIN = 0.5;

  /** The same in standard deviations of the share over the good spans, where that is more. */
  static final double MISSING_DEVIATIONS = 4;

  /**
   * Share of rows with lists of another length than all good spans had, from which it is a break.
   */
  static final double SHAPE_SHARE = 0.05;

  /** Least excess that is worth a warning. */
  private static final double WARNING_SHARE = 0.01;

  /** Values that must have been expected in an absent column. */
  private static final double LEAST_EXPECTED = 20;

  private PresenceChecks() {}

  /**
   * A column without any value.
   *
   * @param known whether the rows name the column at all
   */
  static void absent(
      String name, ColumnSchema expected, boolean known, long rows, Findings findings) {
    double present = rows * (1 - expected.maxMissingShare());
    if (present < 1) {
      return;
    }
    boolean error = present >= LEAST_EXPECTED;
    findings.add(
        error,
        name,
        known ? AnomalyKind.FEATURE_TYPE_NOT_PRESENT : AnomalyKind.SCHEMA_MISSING_COLUMN,
        "no value in " + rows + " rows",
        "missing in at most " + percent(expected.maxMissingShare()),
        error ? "column '" + name + "' is gone" : "column '" + name + "' has no value",
        Findings.Rows.of(1, List.of()));
  }

  static void run(ColumnCase one) {
    fraction(one);
    count(one);
    lengths(one);
    unique(one);
  }

  private static void fraction(ColumnCase one) {
    long missing = one.column().missing();
    double claimed = Shares.atLeast(missing, one.column().rows());
    double usual = one.expected().maxMissingShare();
    if (claimed <= usual) {
      return;
    }
    List<ColumnFigures> known = one.history().columns(one.name());
    boolean early = usual > 0 && known.size() < ColumnCase.CONFIRMING_SPANS;
    double margin =
        early
            ? EARLY_MISSING_MARGIN
            : Math.max(MISSING_MARGIN, MISSING_DEVIATIONS * deviation(known));
    boolean error = claimed > usual + margin;
    if (!error && claimed <= usual + WARNING_SHARE) {
      return;
    }
    double share = (double) missing / one.column().rows();
    one.tell(
        error,
        AnomalyKind.FEATURE_TYPE_LOW_FRACTION_PRESENT,
        "missing in " + percent(share) + " of " + one.column().rows() + " rows",
        "missing in at most " + percent(usual),
        error
            ? "'" + one.name() + "' is missing in far more rows than in any good span"
            : "'" + one.name() + "' is missing more often than before",
        Findings.Rows.of(share, one.marks().examples(Trait.MISSING)));
  }

  private static double deviation(List<ColumnFigures> known) {
    Moments shares = new Moments();
    known.forEach(each -> shares.add(each.missingShare()));
    return shares.count() < 2 ? 0 : shares.standardDeviation();
  }

  private static void count(ColumnCase one) {
    Long least = one.expected().rules().minCount();
    long present = one.column().rows() - one.column().missing();
    if (least != null && present < least) {
      one.tell(
          true,
          AnomalyKind.FEATURE_TYPE_LOW_NUMBER_PRESENT,
          present + " rows with a value",
          "at least " + least,
          "'" + one.name() + "' has too few values",
          Findings.Rows.of(
              (double) one.column().missing() / one.column().rows(),
              one.marks().examples(Trait.MISSING)));
    }
  }

  private static void lengths(ColumnCase one) {
    ColumnRules rules = one.expected().rules();
    Integer least = rules.minValues();
    Integer most = rules.maxValues();
    if (least != null || most != null) {
      limit(
          one,
          AnomalyKind.FEATURE_TYPE_LOW_NUMBER_VALUES,
          least,
          each -> least != null && each < least);
      limit(
          one,
          AnomalyKind.FEATURE_TYPE_HIGH_NUMBER_VALUES,
          most,
          each -> most != null && each > most);
      return;
    }
    Integer shape = one.expected().shape();
    if (shape == null) {
      return;
    }
    long off = rowsWith(one, each -> each != shape);
    if (off > 0) {
      long present = one.column().rows() - one.column().missing();
      one.tell(
          one.confirmed() && Shares.atLeast(off, present) > SHAPE_SHARE,
          AnomalyKind.INVALID_FEATURE_SHAPE,
          off + " of " + present + " rows with another number of values",
          "always " + shape,
          "'" + one.name() + "' always had " + shape + (shape == 1 ? " value" : " values"),
          Findings.Rows.of((double) off / present, one.marks().anyLengthBut(shape)));
    }
  }

  private static void limit(
      ColumnCase one, AnomalyKind kind, @Nullable Integer limit, IntPredicate breaks) {
    boolean high = kind == AnomalyKind.FEATURE_TYPE_HIGH_NUMBER_VALUES;
    long off = rowsWith(one, breaks);
    if (off > 0) {
      long present = one.column().rows() - one.column().missing();
      one.tell(
          true,
          kind,
          off + " of " + present + " rows",
          (high ? "at most " : "at least ") + limit + " values in a row",
          "'" + one.name() + "' has rows with a wrong number of values",
          Findings.Rows.of(
              (double) off / present, high ? one.marks().longest() : one.marks().shortest()));
    }
  }

  /** Rows whose number of values is such; all with a list where the lengths are not known. */
  private static long rowsWith(ColumnCase one, IntPredicate lengths) {
    long present = one.column().rows() - one.column().missing();
    Map<Integer, Long> lists = one.marks().lengths();
    if (lists == null) {
      return present;
    }
    long listed = lists.values().stream().mapToLong(Long::longValue).sum();
    long found =
        lists.entrySet().stream()
            .filter(each -> lengths.test(each.getKey()))
            .mapToLong(Map.Entry::getValue)
            .sum();
    return found + (lengths.test(1) ? present - listed : 0);
  }

  private static String bounds(@Nullable Number least, @Nullable Number most) {
    String above = least == null ? "" : "at least " + least;
    String below = most == null ? "" : "at most " + most;
    return above + (least == null || most == null ? "" : " and ") + below;
  }

  private static void unique(ColumnCase one) {
    Long least = one.expected().rules().minUnique();
    Long most = one.expected().rules().maxUnique();
    if (least == null && most == null) {
      return;
    }
    ProfileSummary summary = one.column().summary();
    if (summary.strings() + summary.numbers() == 0) {
      one.tell(
          true,
          AnomalyKind.FEATURE_TYPE_NO_UNIQUE,
          "no string and no number among " + summary.values() + " values",
          "different values, " + bounds(least, most),
          "'" + one.name() + "' has no values whose difference can be counted",
          Findings.Rows.of(1, one.marks().any()));
      return;
    }
    String observed = "about " + Math.round(summary.distinct()) + " different values";
    String message = "'" + one.name() + "' has a wrong number of different values";
    if (least != null && summary.distinctUpper() < least) {
      one.tell(
          true,
          AnomalyKind.FEATURE_TYPE_LOW_UNIQUE,
          observed,
          bounds(least, null),
          message,
          Findings.Rows.UNKNOWN);
    }
    if (most != null && summary.distinctLower() > most) {
      one.tell(
          true,
          AnomalyKind.FEATURE_TYPE_HIGH_UNIQUE,
          observed,
          bounds(null, most),
          message,
          Findings.Rows.UNKNOWN);
    }
  }
}
