// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The aggregates by name, and what each takes. */
enum Aggregate {
  COUNT(Of.OPTIONAL),
  SUM(Of.NUMBER),
  MEAN(Of.NUMBER),
  MIN(Of.NUMBER),
  MAX(Of.NUMBER),
  VARIANCE(Of.NUMBER),
  STD(Of.NUMBER),
  SKEWNESS(Of.NUMBER),
  KURTOSIS(Of.NUMBER),
  FIRST(Of.VALUE),
  LAST(Of.VALUE),
  TIME_SINCE_FIRST(Of.OPTIONAL),
  TIME_SINCE_LAST(Of.OPTIONAL),
  COUNT_DISTINCT(Of.VALUE, 1_000, 100_000),
  APPROX_COUNT_DISTINCT(Of.VALUE),
  QUANTILE(Of.NUMBER),
  MEDIAN(Of.NUMBER),
  RATE(Of.OPTIONAL),
  RATIO(Of.CONDITION),
  FIRST_N(Of.VALUE, 10, 1_000),
  LAST_N(Of.VALUE, 10, 1_000),
  TOP_N(Of.NUMBER, 10, 1_000),
  BOTTOM_N(Of.NUMBER, 10, 1_000),
  MOST_FREQUENT(Of.VALUE, 1, 100),
  HISTOGRAM(Of.VALUE, 100, 1_000),
  ENTROPY(Of.VALUE, 1_000, 10_000),
  DECAYED_SUM(Of.NUMBER),
  DECAYED_MEAN(Of.NUMBER),
  DECAYED_COUNT(Of.OPTIONAL),
  STREAK(Of.CONDITION, 1_000, 10_000);

  /** What {@code of} must be. */
  enum Of {
    /** Nothing, or a value that must not be missing. */
    OPTIONAL,
    NUMBER,
    VALUE,
    CONDITION
  }

  private final Of of;
  private final int defaultN;
  private final int maxN;

  Aggregate(Of of) {
    this(of, 0, 0);
  }

  Aggregate(Of of, int defaultN, int maxN) {
    this.of = of;
    this.defaultN = defaultN;
    this.maxN = maxN;
  }

  Of of() {
    return of;
  }

  /** The bound if none is given; 0 where the aggregate takes none. */
  int defaultN() {
    return defaultN;
  }

  int maxN() {
    return maxN;
  }

  boolean takesHalfLife() {
    return this == DECAYED_SUM || this == DECAYED_MEAN || this == DECAYED_COUNT;
  }

  /** Whether it may be split by category: whether it is a number. */
  boolean isSplittable() {
    return switch (this) {
      case FIRST_N, LAST_N, TOP_N, BOTTOM_N, MOST_FREQUENT, HISTOGRAM -> false;
      default -> true;
    };
  }

  String canonicalName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static @Nullable Aggregate named(@Nullable String name) {
    for (Aggregate aggregate : values()) {
      if (aggregate.canonicalName().equals(name)) {
        return aggregate;
      }
    }
    return null;
  }

  static List<String> names() {
    return Arrays.stream(values()).map(Aggregate::canonicalName).sorted().toList();
  }
}
