// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What people say of a column besides the values it takes. The names are those of TensorFlow
 * Metadata's {@code schema.proto}; what is absent is not said. Immutable.
 *
 * @param stage where the column is in its life; absent means {@code PRODUCTION}
 * @param inEnvironment environments that it belongs to, besides those of the schema
 * @param notInEnvironment environments that it does not belong to, such as {@code SERVING} for a
 *     label
 * @param minCount least rows with a value in a span
 * @param minValues least values of a row that has any
 * @param maxValues most values of a row
 * @param minUnique least distinct values in a span
 * @param maxUnique most distinct values in a span
 * @param disallowNan whether NaN is an error
 * @param disallowInf whether an infinite number is an error
 * @param drift how far a span may be from the good spans before it
 * @param skew how far served rows may be from training rows
 * @param pattern regular expression (RE2) that every string must match as a whole; empty for none
 * @param timeFormat the format of its moments, days or times of day
 */
public record ColumnRules(
    @Nullable Stage stage,
    @Nullable List<String> inEnvironment,
    @Nullable List<String> notInEnvironment,
    @Nullable Long minCount,
    @Nullable Integer minValues,
    @Nullable Integer maxValues,
    @Nullable Long minUnique,
    @Nullable Long maxUnique,
    @Nullable Boolean disallowNan,
    @Nullable Boolean disallowInf,
    @Nullable Thresholds drift,
    @Nullable Thresholds skew,
    @Nullable String pattern,
    @Nullable TimeFormat timeFormat) {
  /** Nothing said. */
  public static final ColumnRules NONE =
      new ColumnRules(
          null, null, null, null, null, null, null, null, null, null, null, null, null, null);

  public ColumnRules {
    inEnvironment = inEnvironment == null ? null : List.copyOf(inEnvironment);
    notInEnvironment = notInEnvironment == null ? null : List.copyOf(notInEnvironment);
  }

  /** Where a column is in its life. */
  public enum Stage {
    /** To come. */
    PLANNED,
    /** Being tried. */
    ALPHA,
    /** Used by some. */
    BETA,
    /** Used. */
    PRODUCTION,
    /** On its way out. */
    DEPRECATED,
    /** For looking only. */
    DEBUG_ONLY;

    /** Whether what is wrong with a column in this stage is worth an anomaly. */
    public boolean alarms() {
      return this == BETA || this == PRODUCTION;
    }
  }

  /** How a moment, a day or a time of day is written. */
  public enum TimeFormat {
    /** {@code 2026-03-01}. */
    DATE,
    /** {@code 2026-03-01T07:00[:00[.123]]} or with a space, without an offset. */
    DATE_TIME,
    /** The same with {@code Z} or an offset such as {@code +01:00}. */
    INSTANT,
    /** {@code 07:00[:00[.123]]}. */
    TIME_OF_DAY,
    /** Whole seconds since 1970, from 1973 to 2286. */
    UNIX_SECONDS,
    /** Whole milliseconds since 1970, from 1973 to 2286. */
    UNIX_MILLIS,
    /** Any: takes back what was said or learned. */
    ANY;

    /** Whether it is a number rather than a string. */
    public boolean isNumber() {
      return this == UNIX_SECONDS || this == UNIX_MILLIS;
    }
  }

  /**
   * Largest distances; what is absent is not compared.
   *
   * @param infinityNorm largest difference of the share of one value, 0 to 1
   * @param jensenShannonDivergence to the base 2, 0 to 1
   * @param normalizedAbsDifference sum of the absolute differences of counts over all counts
   */
  public record Thresholds(
      @Nullable Double infinityNorm,
      @Nullable Double jensenShannonDivergence,
      @Nullable Double normalizedAbsDifference) {
    @Override
    public String toString() {
      List<String> parts = new ArrayList<>();
      say(parts, "infinityNorm", infinityNorm);
      say(parts, "jensenShannonDivergence", jensenShannonDivergence);
      say(parts, "normalizedAbsDifference", normalizedAbsDifference);
      return "{" + String.join(", ", parts) + "}";
    }
  }

  /** Only said of environments that a column does not belong to. */
  public static ColumnRules notIn(List<String> environments) {
    return new ColumnRules(
        null, null, environments, null, null, null, null, null, null, null, null, null, null, null);
  }

  /** With what is newly said in place of what was. */
  public ColumnRules with(ColumnRules said) {
    return new ColumnRules(
        either(said.stage, stage),
        either(said.inEnvironment, inEnvironment),
        either(said.notInEnvironment, notInEnvironment),
        either(said.minCount, minCount),
        either(said.minValues, minValues),
        either(said.maxValues, maxValues),
        either(said.minUnique, minUnique),
        either(said.maxUnique, maxUnique),
        either(said.disallowNan, disallowNan),
        either(said.disallowInf, disallowInf),
        either(said.drift, drift),
        either(said.skew, skew),
        either(said.pattern, pattern),
        either(said.timeFormat, timeFormat));
  }

  private static <T> @Nullable T either(@Nullable T said, @Nullable T before) {
    return said == null ? before : said;
  }

  /** Whether what is wrong with the column is worth an anomaly. */
  public boolean alarms() {
    return stage == null || stage.alarms();
  }

  /**
   * Whether a column belongs to an environment.
   *
   * @param environment null for all columns, whatever they say
   * @param defaults environments of columns that say nothing; empty for every one
   */
  public boolean in(@Nullable String environment, List<String> defaults) {
    if (environment == null) {
      return true;
    }
    if (notInEnvironment != null && notInEnvironment.contains(environment)) {
      return false;
    }
    return defaults.isEmpty()
        || defaults.contains(environment)
        || (inEnvironment != null && inEnvironment.contains(environment));
  }

  /** What is said, for people, such as {@code stage BETA}; empty where nothing is. */
  public List<String> said() {
    List<String> parts = new ArrayList<>();
    say(parts, "stage", stage);
    say(parts, "inEnvironment", inEnvironment);
    say(parts, "notInEnvironment", notInEnvironment);
    say(parts, "minCount", minCount);
    say(parts, "minValues", minValues);
    say(parts, "maxValues", maxValues);
    say(parts, "minUnique", minUnique);
    say(parts, "maxUnique", maxUnique);
    say(parts, "disallowNan", disallowNan);
    say(parts, "disallowInf", disallowInf);
    say(parts, "drift", drift);
    say(parts, "skew", skew);
    say(parts, "pattern", pattern == null || pattern.isEmpty() ? null : pattern);
    say(parts, "timeFormat", timeFormat);
    return parts;
  }

  private static void say(List<String> parts, String name, @Nullable Object value) {
    if (value != null) {
      parts.add(name + " " + value);
    }
  }
}
