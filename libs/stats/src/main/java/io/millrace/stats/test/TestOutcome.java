// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

/**
 * What a two-sample test found.
 *
 * @param statistic the test's own statistic
 * @param pValue probability, when nothing changed, of a statistic at least this extreme; in [0, 1]
 * @param referenceCount observations of the reference window that took part
 * @param currentCount observations of the current window that took part
 */
public record TestOutcome(
    double statistic, double pValue, long referenceCount, long currentCount) {}
