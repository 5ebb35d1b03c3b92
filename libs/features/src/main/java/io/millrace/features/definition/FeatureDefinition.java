// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.definition;

import org.jspecify.annotations.Nullable;

/**
 * One feature as declared in an application file.
 *
 * @param aggregate the aggregate's name, for example {@code sum}; unknown names are refused when
 *     the application is applied
 * @param of CEL expression over the event's fields that gives the aggregated value; absent for
 *     {@code count} and {@code time_since_*}. Of a text longer than 1,024 bytes (a category: 128)
 *     its beginning and a hash of the whole are kept
 * @param where CEL condition; only events for which it is true are aggregated, absent means all
 * @param window window as written: {@code 90s}, {@code 7d}, {@code lifetime}, {@code 20 events},
 *     {@code calendar day Europe/London}, {@code session 30m}; absent means lifetime
 * @param by CEL expression that gives a category; the feature is then a bounded map
 * @param q quantile, 0 to 1
 * @param n list length or bound, at least 1
 * @param halfLife half-life of decayed aggregates, for example {@code 6h}
 * @param precision {@code tile} (default) or {@code exact}
 * @param ttl age beyond which the value is reported expired, for example {@code 30d}
 * @param defaultValue number that stands in for a missing value when a model row is built
 * @param description meaning, for the catalogue
 */
public record FeatureDefinition(
    String aggregate,
    @Nullable String of,
    @Nullable String where,
    @Nullable String window,
    @Nullable String by,
    @Nullable Double q,
    @Nullable Integer n,
    @Nullable String halfLife,
    @Nullable String precision,
    @Nullable String ttl,
    @Nullable Double defaultValue,
    @Nullable String description) {

  /** A feature with only the parts that most features have. */
  public static FeatureDefinition of(
      String aggregate, @Nullable String of, @Nullable String window) {
    return new FeatureDefinition(
        aggregate, of, null, window, null, null, null, null, null, null, null, null);
  }
}
