// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How accepted events are judged before anything is trained on them.
 *
 * @param span length of a span in event time ({@code 1d} default, {@code 2h}) or rows ({@code 5000
 *     rows})
 * @param rules name → CEL condition over an event's fields that every row must satisfy
 * @param violationShare share of rows that may break a rule; default 0.01
 * @param events event → what its spans must keep to besides
 * @param skew when served vectors are compared with training rows by themselves; absent means only
 *     when somebody asks
 * @param overrides findings that count for more or less than they would
 */
public record ValidationDefinition(
    @Nullable String span,
    Map<String, String> rules,
    @Nullable Double violationShare,
    Map<String, SpanRules> events,
    @Nullable Skew skew,
    List<Override> overrides) {
  public ValidationDefinition {
    rules = Frozen.map(rules);
    events = Frozen.map(events);
    overrides = Frozen.list(overrides);
  }

  /** Whether skewed spans are kept out of training. */
  public boolean keepsSkewedOut() {
    return skew != null && Boolean.FALSE.equals(skew.trainOnSkewed());
  }

  /** Rules for rows only. */
  public ValidationDefinition(
      @Nullable String span, Map<String, String> rules, @Nullable Double violationShare) {
    this(span, rules, violationShare, Map.of(), null, List.of());
  }

  /**
   * A finding counts for more or less than it would, because a person says so.
   *
   * @param kind of the finding, such as {@code RULE} or {@code UNIT_CHANGE}
   * @param event of which kind of event; absent means any
   * @param column of which column; absent means any
   * @param rule name of the rule, for the kind {@code RULE}; absent means any
   * @param span identifier of the one span that it is about; absent means all
   * @param mostShare only findings that concern at most this share of the rows; absent means any
   * @param severity {@code ERROR}, {@code WARNING} or {@code MUTED}
   * @param by who answers for it
   * @param reason why
   */
  public record Override(
      String kind,
      @Nullable String event,
      @Nullable String column,
      @Nullable String rule,
      @Nullable String span,
      @Nullable Double mostShare,
      String severity,
      String by,
      String reason) {}

  /** Without comparisons of served vectors. */
  public ValidationDefinition(
      @Nullable String span,
      Map<String, String> rules,
      @Nullable Double violationShare,
      Map<String, SpanRules> events) {
    this(span, rules, violationShare, events, null, List.of());
  }

  /**
   * Training rows of the moments of a closed span of the deciding event are built once their labels
   * are known, and compared value by value with what predictions of these moments were made of.
   *
   * @param everySpans after how many spans one is compared; default 1, each
   * @param tolerance largest difference of two numbers, relative to the larger, that is none;
   *     default 0
   * @param mismatchedShare share of the predictions that may be made of another value; default 0.01
   * @param trainOnSkewed whether moments of a span whose predictions were made of other values may
   *     be trained on; default true
   */
  public record Skew(
      @Nullable Integer everySpans,
      @Nullable Double tolerance,
      @Nullable Double mismatchedShare,
      @Nullable Boolean trainOnSkewed) {
    private static final double MISMATCHED_SHARE = 0.01;

    public int every() {
      return everySpans == null ? 1 : everySpans;
    }

    public double relativeTolerance() {
      return tolerance == null ? 0 : tolerance;
    }

    public double shareAllowed() {
      return mismatchedShare == null ? MISMATCHED_SHARE : mismatchedShare;
    }
  }

  /**
   * What the spans of one event must keep to; what is absent is not asked for. A breach makes the
   * span bad.
   *
   * @param environment where its rows belong, such as {@code TRAINING} or {@code SERVING}; columns
   *     that are not in it are not expected
   * @param minRows least rows of a span
   * @param maxRows most rows of a span
   * @param minRatio least rows as a multiple of those of the good span before
   * @param maxRatio most rows as a multiple of those of the good span before
   * @param deviations how many standard deviations the rows of a span may lie from the mean of the
   *     good spans
   * @param season spans of a season, such as 7 of days: rows are forecast from trend and season
   *     (Holt and Winters) and may lie {@code deviations}, by default 3, from it
   * @param hours least parts of a span, of 24 equal ones, that hold rows: 24 refuses a day with an
   *     hour missing
   * @param freshness longest time by wall clock without a row, such as {@code 15m}; absent means
   *     what is usual at the time
   * @param jump factor by which rows may differ at once from those of the good span before, of its
   *     time on the day before and of its time in the week before, above 1
   */
  public record SpanRules(
      @Nullable String environment,
      @Nullable Long minRows,
      @Nullable Long maxRows,
      @Nullable Double minRatio,
      @Nullable Double maxRatio,
      @Nullable Double deviations,
      @Nullable Integer season,
      @Nullable Integer hours,
      @Nullable String freshness,
      @Nullable Double jump) {
    /** Nothing asked for. */
    public static final SpanRules NONE =
        new SpanRules(null, null, null, null, null, null, null, null, null, null);
  }
}
