// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

/**
 * A frequent value. Its true count is at least {@code lower} and at most {@code upper}; the two are
 * equal, and equal to {@code count}, while the sketch is still exact.
 *
 * @param value the value as text; a string longer than {@value TextSketch#KEPT_CHARS} characters is
 *     its beginning followed by {@code ~#} and a hash of the whole
 * @param count the estimated number of occurrences
 * @param lower a count that the truth does not fall below
 * @param upper a count that the truth does not exceed
 */
public record HeavyHitter(String value, long count, long lower, long upper) {}
