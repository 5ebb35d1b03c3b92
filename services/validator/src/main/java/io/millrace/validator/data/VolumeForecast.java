// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.definition.ValidationDefinition.SpanRules;
import io.millrace.stats.forecast.Forecast;
import io.millrace.stats.forecast.HoltWinters;
import io.millrace.stats.forecast.SteadyMean;
import java.time.Duration;
import java.util.Optional;

/**
 * What the good spans before let expect of this one: its rows, from trend and season where enough
 * seasons are known (Holt and Winters; a week of days, a day of shorter spans, unless the
 * application says otherwise) or from their mean where it is asked for, and how close to its end
 * the last row comes. Rows outside what an application asked for are an ERROR, otherwise a WARNING.
 */
final class VolumeForecast {
  /** Deviations of the forecast that are unusual where nobody asked. */
  static final double DEFAULT_DEVIATIONS = 4;

  /** The same where a season is asked for without them. */
  static final double ASKED_DEVIATIONS = 3;

  /** Deviations of the logarithm of the time between the last row and the end of the span. */
  static final double STALE_DEVIATIONS = 5;

  /** Good spans from which a mean is taken. */
  private static final int LEAST_SPANS = 5;

  /** Good spans from which the usual end is known. */
  private static final int LEAST_ENDS = 10;

  /** Share of the span that the last row must be from its end to be worth a word. */
  private static final double LEAST_STALE_SHARE = 0.1;

  /** Rows from which the last of them says where a span ended. */
  private static final long LEAST_ROWS = 50;

  private static final long DAY_MS = 86_400_000;
  private static final int DAYS = 7;

  private VolumeForecast() {}

  static void check(
      EventFacts facts,
      long startMs,
      SpanStatistics statistics,
      EventHistory history,
      Findings findings) {
    if (facts.plan() instanceof SpanPlan.EventTime plan) {
      rows(facts.asked(), plan, startMs, statistics.rows(), history, findings);
      end(plan, startMs, statistics, history, findings);
    }
  }

  private static void rows(
      SpanRules asked,
      SpanPlan.EventTime plan,
      long startMs,
      long rows,
      EventHistory history,
      Findings findings) {
    Double deviations = asked.deviations();
    Integer period = asked.season();
    boolean wanted = deviations != null || period != null;
    double sigmas =
        deviations != null ? deviations : wanted ? ASKED_DEVIATIONS : DEFAULT_DEVIATIONS;
    int season = period != null ? period : wanted ? 0 : naturalSeason(plan.lengthMs());
    double[] before = history.series(startMs, plan.lengthMs(), EventHistory.Volume::rows);
    Optional<Forecast> forecast =
        season > 1
            ? new HoltWinters(season, sigmas).ofCounts().next(before)
            : wanted
                ? new SteadyMean(sigmas, LEAST_SPANS).ofCounts().next(before)
                : Optional.empty();
    if (forecast.isEmpty() || forecast.get().contains((double) rows)) {
      return;
    }
    Forecast usual = forecast.get();
    boolean low = rows < usual.expected();
    AnomalyKind kind =
        low ? AnomalyKind.DATASET_LOW_NUM_EXAMPLES : AnomalyKind.DATASET_HIGH_NUM_EXAMPLES;
    if (!wanted && findings.told(kind)) {
      return;
    }
    String method = season > 1 ? "trend and season of " + season + " spans" : "mean";
    findings.add(
        wanted,
        null,
        kind,
        rows + " rows",
        "%s to %s, expected %s, by %s over %d good spans"
            .formatted(
                Shares.number(Math.rint(usual.low())),
                Shares.number(Math.rint(usual.high())),
                Shares.number(Math.rint(usual.expected())),
                method,
                usual.basis()),
        (low ? "fewer" : "more") + " rows than the spans before let expect",
        Findings.Rows.UNKNOWN);
  }

  private static int naturalSeason(long lengthMs) {
    if (lengthMs == DAY_MS) {
      return DAYS;
    }
    return lengthMs < DAY_MS && DAY_MS % lengthMs == 0
        ? (int) Math.min(EventHistory.MAX_VOLUMES, DAY_MS / lengthMs)
        : 0;
  }

  /** A source that fell silent before the end of its span, against how the good spans ended. */
  private static void end(
      SpanPlan.EventTime plan,
      long startMs,
      SpanStatistics statistics,
      EventHistory history,
      Findings findings) {
    if (statistics.rows() < LEAST_ROWS) {
      return;
    }
    long silent = startMs + plan.lengthMs() - 1 - statistics.maxMs();
    if (silent < LEAST_STALE_SHARE * plan.lengthMs()) {
      return;
    }
    double[] ends =
        history.volumes().stream()
            .filter(each -> each.lastMs() != null && each.rows() >= LEAST_ROWS)
            .mapToDouble(
                each -> {
                  Long last = each.lastMs();
                  return last == null ? 0 : each.startMs() + plan.lengthMs() - 1 - last;
                })
            .filter(each -> each >= 0)
            .toArray();
    new SteadyMean(STALE_DEVIATIONS, LEAST_ENDS)
        .ofCounts()
        .next(ends)
        .filter(usual -> silent > usual.high())
        .ifPresent(
            usual ->
                findings.add(
                    false,
                    null,
                    AnomalyKind.STALE_SPAN,
                    "the last row is " + Duration.ofMillis(silent) + " before the end",
                    "at most "
                        + Duration.ofMillis((long) usual.high())
                        + " by the ends of "
                        + usual.basis()
                        + " good spans",
                    "the source fell silent before the end of the span",
                    Findings.Rows.UNKNOWN));
  }
}
