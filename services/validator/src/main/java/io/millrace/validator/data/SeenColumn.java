// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.ColumnRules.TimeFormat;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.stats.profile.HeavyHitter;
import io.millrace.stats.profile.ProfileSummary;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the rows that were seen say of a column, in the terms of a schema. Whether that becomes the
 * schema is for {@link SchemaLearning} to say.
 *
 * @param profile of all rows seen
 * @param marks of the newest of them
 */
record SeenColumn(ColumnProfile profile, ColumnMarks marks) {
  /** Values that must all be in one format of time for it to be theirs. */
  private static final long LEAST_TIMES = 50;

  private static final double LOW_RANK = 0.01;
  private static final double HIGH_RANK = 0.99;

  /** Widths between the 1 % and the 99 % quantile that a range reaches beyond them. */
  private static final double RANGE_MARGIN = 2;

  /** Both ends inclusive. */
  record Range(double low, double high) {}

  /** Share of rows without a value, 0 to 1. */
  double missing() {
    return profile.rows() == 0 ? 1 : (double) profile.missing() / profile.rows();
  }

  ColumnSchema.Type type() {
    return switch (profile.kind()) {
      case NUMERIC ->
          profile.summary().integral() == profile.numbers()
              ? ColumnSchema.Type.INT
              : ColumnSchema.Type.FLOAT;
      case CATEGORICAL -> ColumnSchema.Type.STRING;
      case BOOLEAN -> ColumnSchema.Type.BOOL;
      case EMPTY -> ColumnSchema.Type.UNKNOWN;
      case MIXED, OTHER -> ColumnSchema.Type.MIXED;
    };
  }

  /** Class of value → share of the values. */
  Map<String, Double> typeShares() {
    Map<String, Double> shares = new TreeMap<>();
    profile
        .composition()
        .forEach(
            (type, count) -> {
              if (count > 0 && !type.equals("missing")) {
                shares.put(type, (double) count / profile.values());
              }
            });
    return shares;
  }

  /**
   * The one format of time that all values are in. Numbers are moments only where the application
   * says so: any large number looks like one.
   *
   * @param type what the values are taken for
   */
  @Nullable TimeFormat format(ColumnSchema.Type type) {
    if (type != ColumnSchema.Type.STRING && type != ColumnSchema.Type.TIME) {
      return null;
    }
    TimeMarks times = marks.times();
    for (TimeFormat each : TimeFormat.values()) {
      if (times.values() >= LEAST_TIMES && times.fitting(each) == times.values()) {
        return each;
      }
    }
    return null;
  }

  /** The number of values that every row has; null where it varies or nothing was seen. */
  @Nullable Integer shape() {
    ProfileSummary summary = profile.summary();
    Integer least = summary.minValency();
    return least != null && least.equals(summary.maxValency()) ? least : null;
  }

  /** All strings, sorted; null where they are too many or not all known. */
  @Nullable List<String> domain() {
    if (profile.heavyHitterError() > 0 || profile.distinct() > ColumnSchema.MAX_DOMAIN + 0.5) {
      return null;
    }
    List<HeavyHitter> values = profile.heavyHitters(ColumnSchema.MAX_DOMAIN + 1);
    return values.isEmpty() || values.size() > ColumnSchema.MAX_DOMAIN
        ? null
        : values.stream().map(HeavyHitter::value).sorted().toList();
  }

  /**
   * Where nearly all numbers are; null without any. Quantiles rather than extremes, which grow with
   * the amount of honest data.
   */
  @Nullable Range bulk() {
    return bulk(profile.cdf());
  }

  private static @Nullable Range bulk(EmpiricalCdf cdf) {
    return cdf.count() == 0 ? null : new Range(cdf.quantile(LOW_RANK), cdf.quantile(HIGH_RANK));
  }

  /** Where numbers may be, with a wide margin around nearly all of them; null without any. */
  @Nullable Range range() {
    EmpiricalCdf cdf = profile.cdf();
    Range bulk = bulk(cdf);
    if (bulk == null) {
      return null;
    }
    double middle = cdf.quantile(0.5);
    double width =
        Math.max(bulk.high() - bulk.low(), Math.max(Math.abs(middle) / 2, Double.MIN_NORMAL));
    double low = bulk.low() - RANGE_MARGIN * width;
    double high = bulk.high() + RANGE_MARGIN * width;
    // A column without any negative number is a quantity: below 0 is outside.
    return new Range(
        profile.min() >= 0 ? Math.max(0, low) : low, profile.max() <= 0 ? Math.min(0, high) : high);
  }
}
