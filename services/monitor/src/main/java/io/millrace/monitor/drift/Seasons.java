// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether what a detector finds comes and goes with the time of day or week. The one rule for all
 * of them: a window that is far from its reference is in season where it is like the last one that
 * was far about the same time of day, or of week (within three hours, or the length of a window),
 * up to {@value #PERIODS_BACK} of them ago, <em>and</em> between the two lies a window that was
 * normal and at most {@value #RETURNED} as far out. What came and stayed has nothing normal behind
 * it and never becomes its own precedent; a drift at the edge of what can be told, now found and
 * now missed, has been nowhere near normal in between. Only windows that were far are precedents,
 * so that a stream without seasons hides no drift behind the noise of its past; and only the last
 * one is, so that a drift on top of a season need not differ from many, and one that has begun is
 * not taken for what was before it.
 *
 * <p>What like means is the detector's: its own test, with the earlier window in the reference's
 * place, and no further out than that. A season's first time cannot be known to be one.
 *
 * <p>Windows of at least a period tell nothing of its phases. Of far windows one an hour is kept,
 * and of the normal ones between two of them the most normal: at most {@value #MOST_WINDOWS}, which
 * are eight days at the least. Not thread-safe.
 *
 * @param <W> what is remembered of a window; immutable
 */
final class Seasons<W> {
  /** Windows that are kept: eight days of an hour in and an hour out of season. */
  static final int MOST_WINDOWS = 400;

  private static final long HOUR_MS = 3_600_000;
  private static final long DAY_MS = 24 * HOUR_MS;
  private static final long[] PERIODS = {DAY_MS, 7 * DAY_MS};
  private static final int PERIODS_BACK = 8;

  /**
   * How far out a window may be that is a return to normal. What is found at z standard errors,
   * about 3, is missed by chance at z − 1.6 in one window of many, which is more than this share.
   */
  private static final double RETURNED = 0.4;

  /** Seasons begin a little earlier or later from day to day. */
  private static final long REACH_MS = 3 * HOUR_MS;

  private final Likeness<W> like;
  private final List<Past<W>> windows = new ArrayList<>();

  /** How a detector compares its windows. */
  @FunctionalInterface
  interface Likeness<W> {
    /**
     * Whether a window is as an earlier one was, or on the way to it: the window in which a season
     * begins or ends is a mixture of both sides.
     *
     * @param reference what the detector holds both against
     */
    boolean noFurther(W reference, W before, W now);
  }

  /**
   * A window of before.
   *
   * @param distance from normal, where 1 is far if it is significant
   */
  private record Past<W>(long middleMs, W window, boolean far, double distance) {}

  Seasons(Likeness<W> like) {
    this.like = like;
  }

  /**
   * Takes what was found in a window, and what there is to remember of it.
   *
   * @param reference what the window was held against
   * @return the finding; where it drifted in season, the same as one that did not and says so
   */
  DriftFinding judge(DriftFinding finding, W reference, W window) {
    DriftFinding judged = ask(finding, reference, window);
    remember(finding, window);
    return judged;
  }

  /** The same without remembering it: a detector may look at several windows at once. */
  DriftFinding ask(DriftFinding finding, W reference, W window) {
    Long before = finding.drifted() ? likeBefore(finding, reference, window) : null;
    return before == null ? finding : finding.inSeason(before);
  }

  /** Takes what was found in a window without asking. */
  void remember(DriftFinding finding, W window) {
    remember(
        new Past<>(
            middle(finding.windowStartMs(), finding.windowEndMs()),
            window,
            finding.drifted(),
            distance(finding)));
  }

  private static double distance(DriftFinding finding) {
    return finding.statistic() / finding.threshold();
  }

  private static long middle(long fromMs, long toMs) {
    return fromMs + (toMs - fromMs) / 2;
  }

  private void remember(Past<W> window) {
    if (window.far()) {
      Past<W> last = lastFar();
      if (last != null && Math.abs(window.middleMs() - last.middleMs()) < HOUR_MS) {
        return;
      }
    } else if (!windows.isEmpty() && !windows.getLast().far()) {
      if (window.distance() >= windows.getLast().distance()) {
        return;
      }
      windows.removeLast();
    }
    windows.addLast(window);
    if (windows.size() > MOST_WINDOWS) {
      windows.removeFirst();
    }
  }

  /** The last or the last but one: normal ones between two are one. */
  private @Nullable Past<W> lastFar() {
    for (Past<W> each : windows.reversed()) {
      if (each.far()) {
        return each;
      }
    }
    return null;
  }

  private @Nullable Long likeBefore(DriftFinding finding, W reference, W now) {
    for (long periodMs : PERIODS) {
      Past<W> before = precedent(finding, periodMs);
      if (before != null && like.noFurther(reference, before.window(), now)) {
        return before.middleMs();
      }
    }
    return null;
  }

  /** The last far window at this phase; null where there is none or nothing normal since. */
  private @Nullable Past<W> precedent(DriftFinding now, long periodMs) {
    long middleMs = middle(now.windowStartMs(), now.windowEndMs());
    long lengthMs = now.windowEndMs() - now.windowStartMs();
    double normal = RETURNED * distance(now);
    if (lengthMs >= periodMs) {
      return null;
    }
    boolean normalSince = false;
    Past<W> nearest = null;
    long periods = 0;
    long nearestOffMs = Math.clamp(lengthMs + HOUR_MS, REACH_MS, periodMs / 4) + 1;
    for (Past<W> each : windows.reversed()) {
      if (!each.far()) {
        normalSince |= each.distance() <= normal;
        continue;
      }
      long back = Math.round((middleMs - each.middleMs()) / (double) periodMs);
      long offMs = Math.abs(middleMs - each.middleMs() - back * periodMs);
      boolean samePhase = back >= 1 && back <= PERIODS_BACK && offMs < nearestOffMs;
      if (samePhase && !normalSince) {
        return null;
      }
      if (samePhase && (nearest == null || back == periods)) {
        nearest = each;
        periods = back;
        nearestOffMs = offMs;
      }
    }
    return nearest;
  }
}
