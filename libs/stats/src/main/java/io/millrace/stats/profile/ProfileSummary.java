// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The readable figures of one column, ready for JSON: a figure that does not exist (the mean of no
 * numbers, an overflowed moment) is null, never NaN. Immutable.
 *
 * @param kind what the column holds
 * @param rows rows observed, missing ones included
 * @param missing rows without a value
 * @param values single values observed: equal to {@code rows − missing} unless rows carry lists
 * @param numbers finite numbers among the values
 * @param nan NaN values
 * @param positiveInfinity +∞ values
 * @param negativeInfinity −∞ values
 * @param strings string values
 * @param booleans boolean values
 * @param trues boolean values that are true
 * @param others values of any other type
 * @param integral finite numbers without a fraction
 * @param zeros finite numbers equal to 0
 * @param negatives finite numbers below 0
 * @param min smallest finite number
 * @param max largest finite number
 * @param mean mean of the finite numbers
 * @param variance their sample variance
 * @param standardDeviation its square root
 * @param skewness population skewness
 * @param kurtosis population excess kurtosis
 * @param quantiles quantiles of the finite numbers by rank, such as {@code "0.25"}
 * @param quantileRankError bound of the error of their ranks, as a share of {@code numbers}
 * @param distinct estimated number of distinct values
 * @param distinctLower its lower bound at two standard errors
 * @param distinctUpper its upper bound at two standard errors
 * @param heavyHitters the most frequent values, most frequent first
 * @param heavyHitterError bound of the error of their counts; 0 when the counts are exact
 * @param emptyStrings strings of length 0
 * @param minLength shortest string in UTF-16 units
 * @param maxLength longest string
 * @param meanLength mean length of the strings
 * @param minValency fewest values in a row that had any
 * @param maxValency most values in a row
 */
public record ProfileSummary(
    ColumnKind kind,
    long rows,
    long missing,
    long values,
    long numbers,
    long nan,
    long positiveInfinity,
    long negativeInfinity,
    long strings,
    long booleans,
    long trues,
    long others,
    long integral,
    long zeros,
    long negatives,
    @Nullable Double min,
    @Nullable Double max,
    @Nullable Double mean,
    @Nullable Double variance,
    @Nullable Double standardDeviation,
    @Nullable Double skewness,
    @Nullable Double kurtosis,
    Map<String, Double> quantiles,
    double quantileRankError,
    double distinct,
    double distinctLower,
    double distinctUpper,
    List<HeavyHitter> heavyHitters,
    long heavyHitterError,
    long emptyStrings,
    @Nullable Integer minLength,
    @Nullable Integer maxLength,
    @Nullable Double meanLength,
    @Nullable Integer minValency,
    @Nullable Integer maxValency) {}
