// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.stats.forecast.Forecast;
import io.millrace.stats.forecast.RateOfChange;
import io.millrace.stats.forecast.SteadyMean;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Do rows come later after their events than they did? A feed that is delayed sends as many rows as
 * ever, so that no volume tells it. A WARNING needs all three: beyond mean and deviations of the
 * good spans, beyond a multiple of the last of them (a delay that grows day by day is their rhythm
 * before long), and a time that matters beside the length of a span.
 */
final class DelayCheck {
  /** Deviations of the logarithm of the delay. */
  static final double DEVIATIONS = 5;

  /** How many times the delay of the good span before. */
  static final double FACTOR = 2;

  /** Good spans from which the usual delay is known. */
  static final int LEAST_SPANS = 10;

  /** Rows from which their mean says something. */
  private static final long LEAST_ROWS = 50;

  /** Share of the span that the delay must have grown by. */
  private static final double LEAST_SHARE = 0.05;

  /** The same of spans of a number of rows, which have no length. */
  private static final long LEAST_MS = 60_000;

  private DelayCheck() {}

  static void check(
      SpanPlan plan, SpanStatistics statistics, EventHistory history, Findings findings) {
    Double now = statistics.delayMs();
    if (now == null || statistics.rows() < LEAST_ROWS) {
      return;
    }
    double[] before =
        history.volumes().stream()
            .filter(each -> each.rows() >= LEAST_ROWS)
            .map(EventHistory.Volume::delayMs)
            .filter(Objects::nonNull)
            .mapToDouble(Double::doubleValue)
            .toArray();
    Optional<Forecast> usual = new SteadyMean(DEVIATIONS, LEAST_SPANS).ofCounts().next(before);
    if (usual.isEmpty() || now <= usual.get().high()) {
      return;
    }
    // Of a delay of nothing there is no multiple.
    boolean jumped =
        new RateOfChange(0, FACTOR).next(before).filter(each -> now <= each.high()).isEmpty();
    double least =
        plan instanceof SpanPlan.EventTime time ? LEAST_SHARE * time.lengthMs() : LEAST_MS;
    if (jumped && now - usual.get().expected() >= least) {
      findings.add(
          false,
          null,
          AnomalyKind.ROWS_DELAYED,
          "rows are known " + duration(now) + " after their events, in the geometric mean",
          "at most %s by %d good spans, and at most %s times the last of them"
              .formatted(duration(usual.get().high()), usual.get().basis(), Shares.number(FACTOR)),
          "rows come later than they did",
          Findings.Rows.UNKNOWN);
    }
  }

  private static Duration duration(double millis) {
    return Duration.ofMillis(Math.round(millis));
  }
}
