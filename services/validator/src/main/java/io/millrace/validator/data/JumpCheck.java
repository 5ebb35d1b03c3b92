// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.stats.forecast.Forecast;
import io.millrace.stats.forecast.RateOfChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Has the number of rows jumped by a factor? A history that goes up and down has a wide band,
 * within which a sudden multiple is lost; the rate of change sees it. A day has its rhythm and a
 * week, too, so that a jump counts only where it is one from the good span before, from the same
 * time of the day before and from the same time of the week before, as far as spans are shorter
 * than these; where one of them is not known yet, nothing is said. Where an application asks for a
 * factor a jump is an ERROR, otherwise a WARNING.
 */
final class JumpCheck {
  /** The factor where nobody asked. */
  static final double DEFAULT_FACTOR = 4;

  private static final long DAY_MS = 86_400_000;
  private static final long WEEK_MS = 7 * DAY_MS;

  private JumpCheck() {}

  static void check(
      EventFacts facts, long startMs, long rows, EventHistory history, Findings findings) {
    Double asked = facts.asked().jump();
    if (!(facts.plan() instanceof SpanPlan.EventTime plan)) {
      return;
    }
    double factor = asked == null ? DEFAULT_FACTOR : asked;
    RateOfChange rate = new RateOfChange(1 / factor, factor);
    double[] before = history.series(startMs, plan.lengthMs(), EventHistory.Volume::rows);
    List<String> from = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    boolean up = true;
    boolean down = true;
    for (int lag : lags(plan)) {
      Optional<Forecast> usual = rate.next(every(before, lag));
      if (usual.isEmpty()) {
        return;
      }
      up &= rows > usual.get().high();
      down &= rows < usual.get().low();
      least = Math.min(least, usual.get().expected());
      from.add(Shares.number(usual.get().expected()));
    }
    if (!up && !down) {
      return;
    }
    // A handful of rows doubles by chance, and what is far off by the spread is told already.
    boolean small = Math.max(least, (double) rows) < VolumeCheck.LEAST_MEDIAN;
    boolean told =
        findings.told(
                up ? AnomalyKind.DATASET_HIGH_NUM_EXAMPLES : AnomalyKind.DATASET_LOW_NUM_EXAMPLES)
            || findings.told(
                up
                    ? AnomalyKind.COMPARATOR_HIGH_NUM_EXAMPLES
                    : AnomalyKind.COMPARATOR_LOW_NUM_EXAMPLES);
    if (asked == null && (small || told)) {
      return;
    }
    findings.add(
        asked != null,
        null,
        up ? AnomalyKind.COMPARATOR_HIGH_NUM_EXAMPLES : AnomalyKind.COMPARATOR_LOW_NUM_EXAMPLES,
        rows + " rows after " + String.join(", ", from),
        "%s to %s times those of the span before, and of its time on the day and week before"
            .formatted(Shares.number(1 / factor), Shares.number(factor)),
        "the number of rows has jumped",
        Findings.Rows.UNKNOWN);
  }

  /** How many spans back each is that a span is held against. */
  private static int[] lags(SpanPlan.EventTime plan) {
    List<Integer> lags = new ArrayList<>(List.of(1));
    for (long period : new long[] {DAY_MS, WEEK_MS}) {
      if (plan.lengthMs() < period) {
        lags.add((int) Math.max(1, Math.round((double) period / plan.lengthMs())));
      }
    }
    return lags.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Every so many values, backwards from the value that should follow. */
  private static double[] every(double[] values, int step) {
    double[] every = new double[values.length / step];
    for (int i = 0; i < every.length; i++) {
      every[every.length - 1 - i] = values[values.length - (i + 1) * step];
    }
    return every;
  }
}
