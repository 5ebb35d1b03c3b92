// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.Interval;
import io.millrace.common.definition.ValidationDefinition.SpanRules;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Is it unusual that nothing came? Judged span by span against the spans at the same time of day
 * and on the same day of the week, so that nights and closed days are silent from their third time
 * on. An ERROR needs a known week, spans of its like that held rows, and a volume that does not
 * reach nothing by chance; what cannot be told yet is a WARNING.
 */
final class EmptyCheck {
  /** Spans of a gap that are looked at; a longer one goes on alike. */
  static final int MOST_SPANS = 1_000;

  /** Empty spans of its like from which emptiness is a habit, if they are half of those known. */
  static final int HABIT = 2;

  /** Spans of its like that are looked at: so many days back, and so many weeks. */
  static final int DAYS = 7;

  static final int WEEKS = 4;

  /** Earlier gaps from which a thin stream is known to be empty at any time. */
  static final int CHANCES = 3;

  /** How many times as long as the longest of them another may be. */
  static final long CHANCE_FACTOR = 2;

  private static final long DAY_MS = 86_400_000;
  private static final long WEEK_MS = 7 * DAY_MS;

  private EmptyCheck() {}

  private enum Finding {
    USUAL,
    UNKNOWN,
    UNUSUAL,
    COLLAPSED
  }

  /**
   * Judges a stretch of event time without any row.
   *
   * @param fromMs start of its first span
   * @param toMs end of its last span
   * @param history without this stretch
   */
  static void check(
      EventFacts facts,
      SpanPlan.EventTime plan,
      long fromMs,
      long toMs,
      EventHistory history,
      Findings findings) {
    long spans = (toMs - fromMs) / plan.lengthMs();
    int[] counts = new int[Finding.values().length];
    Finding worst = Finding.USUAL;
    long worstAt = fromMs;
    for (long i = 0; i < Math.min(spans, MOST_SPANS); i++) {
      long start = fromMs + i * plan.lengthMs();
      Finding found = of(plan, start, new Interval(fromMs, toMs), history);
      counts[found.ordinal()]++;
      if (found.compareTo(worst) > 0) {
        worst = found;
        worstAt = start;
      }
    }
    if (worst == Finding.USUAL) {
      return;
    }
    int telling = counts[Finding.UNUSUAL.ordinal()] + counts[Finding.COLLAPSED.ordinal()];
    String observed =
        "no row in %d %s, %s to %s"
            .formatted(
                spans,
                spans == 1 ? "span" : "spans",
                Instant.ofEpochMilli(fromMs),
                Instant.ofEpochMilli(toMs));
    if (worst == Finding.UNKNOWN) {
      findings.warning(
          null,
          AnomalyKind.NO_DATA_IN_SPAN,
          observed,
          "not known: a week of spans, or a second one like it, has to be seen",
          "no rows came; whether that is usual at this time cannot be told yet");
    } else {
      findings.add(
          worst == Finding.COLLAPSED,
          null,
          AnomalyKind.NO_DATA_IN_SPAN,
          observed + (spans > telling ? ", %d of them not usually empty".formatted(telling) : ""),
          "rows, a median of %s in spans like that of %s"
              .formatted(
                  Shares.number(EventHistory.median(history.rowsLike(worstAt, plan))),
                  Instant.ofEpochMilli(worstAt)),
          "no rows came at a time at which they usually come",
          Findings.Rows.UNKNOWN);
    }
    asked(facts.asked(), findings);
  }

  private static void asked(SpanRules asked, Findings findings) {
    Long least = asked.minRows();
    Integer hours = asked.hours();
    if ((least != null && least > 0) || hours != null) {
      findings.error(
          null,
          AnomalyKind.DATASET_LOW_NUM_EXAMPLES,
          "0 rows",
          least != null ? "at least " + least : "rows in at least " + hours + " parts of a span",
          "fewer rows than asked for");
    }
  }

  private static Finding of(
      SpanPlan.EventTime plan, long start, Interval gap, EventHistory history) {
    boolean known = true;
    for (long period : periods(plan)) {
      int depth = period == DAY_MS ? DAYS : WEEKS;
      int empty = 0;
      int seen = 0;
      for (int back = 1; back <= depth; back++) {
        long alike = plan.start(start - back * period);
        switch (history.stateOf(alike)) {
          case EMPTY -> {
            empty++;
            seen++;
          }
          case ROWS -> seen += alike < gap.fromMs() ? 1 : 0;
          case UNKNOWN -> {
            // Before anything was seen, or within a jump of the clock.
          }
        }
      }
      if (empty >= HABIT && 2 * empty >= seen) {
        return Finding.USUAL;
      }
      known &= seen > 0 && 2 * empty <= seen;
    }
    if (thin(plan, start, gap.toMs() - gap.fromMs(), history)) {
      return Finding.USUAL;
    }
    if (!known || history.volumes().size() < VolumeCheck.LEAST_SPANS) {
      return Finding.UNKNOWN;
    }
    Findings volume = new Findings();
    VolumeCheck.check(0, start, plan, history, volume);
    boolean collapsed =
        volume.all().stream().anyMatch(each -> each.severity().equals(Findings.ERROR));
    return collapsed ? Finding.COLLAPSED : Finding.UNUSUAL;
  }

  /** What a rhythm may have: days for shorter spans, weeks for spans up to days. */
  private static List<Long> periods(SpanPlan.EventTime plan) {
    List<Long> periods = new ArrayList<>();
    if (plan.lengthMs() < DAY_MS) {
      periods.add(DAY_MS);
    }
    periods.add(Math.max(plan.lengthMs(), WEEK_MS));
    return periods;
  }

  /** Few rows a span, and as long a quiet has come by chance before. */
  private static boolean thin(
      SpanPlan.EventTime plan, long start, long lengthMs, EventHistory history) {
    if (history.volumes().isEmpty()
        || EventHistory.median(history.rowsLike(start, plan)) >= VolumeCheck.LEAST_MEDIAN) {
      return false;
    }
    List<Long> lengths = history.gapLengths();
    return lengths.size() >= CHANCES
        && lengthMs <= CHANCE_FACTOR * lengths.stream().mapToLong(Long::longValue).max().orElse(0);
  }
}
