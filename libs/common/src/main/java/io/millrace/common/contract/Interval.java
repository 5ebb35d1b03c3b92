// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

/**
 * A stretch of event time.
 *
 * @param fromMs inclusive
 * @param toMs exclusive
 */
public record Interval(long fromMs, long toMs) {}
