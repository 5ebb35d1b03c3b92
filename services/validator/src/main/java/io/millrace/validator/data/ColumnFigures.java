// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.stats.test.Dispersion;
import org.jspecify.annotations.Nullable;

/**
 * The few figures of one column in one good span that later spans are held against.
 *
 * @param values values seen
 * @param missingShare share of rows without a value
 * @param numbers finite numbers seen; the quantiles are 0 without any
 * @param p05 5 % quantile
 * @param p50 median
 * @param p95 95 % quantile
 * @param gap Kolmogorov-Smirnov gap to the reference window of that time; −1 where there was none
 * @param effect Jensen-Shannon distance to it; −1 where there was none
 * @param min smallest number; absent without numbers, and in what was kept before there was this
 * @param max largest number; likewise
 * @param apart how far its values lay from the reference window, for independent rows; absent where
 *     that could not be told, and in what was kept before there was this
 * @param classesApart the same of what is missing and of the types; likewise
 */
public record ColumnFigures(
    long values,
    double missingShare,
    long numbers,
    double p05,
    double p50,
    double p95,
    double gap,
    double effect,
    @Nullable Double min,
    @Nullable Double max,
    @Nullable Dispersion apart,
    @Nullable Dispersion classesApart) {

  static ColumnFigures of(ColumnProfile column, Change change) {
    EmpiricalCdf cdf = column.cdf();
    boolean any = cdf.count() > 0;
    return new ColumnFigures(
        column.values(),
        column.rows() == 0 ? 0 : (double) column.missing() / column.rows(),
        column.numbers(),
        any ? cdf.quantile(0.05) : 0,
        any ? cdf.quantile(0.5) : 0,
        any ? cdf.quantile(0.95) : 0,
        change.gap(),
        change.effect(),
        any ? (Double) column.min() : null,
        any ? (Double) column.max() : null,
        known(change.apart()),
        known(change.classesApart()));
  }

  private static @Nullable Dispersion known(Dispersion apart) {
    return apart.freedom() == 0 ? null : apart;
  }

  /** Distance of a column to its reference window; −1 where it could not be told. */
  record Change(double gap, double effect, Dispersion apart, Dispersion classesApart) {
    static final Change UNKNOWN = new Change(-1, -1, Dispersion.NONE, Dispersion.NONE);
  }
}
