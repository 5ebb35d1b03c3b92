// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.monitor.performance.Outcome;
import io.millrace.stats.test.Proportions;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether the share of positive labels has moved, window after window, against the version's first
 * window: z test of two proportions, and a change of at least {@value #RELATIVE_LEAST} of the
 * reference share. A share that comes and goes with the time of day or week is no drift ({@link
 * Seasons}). Not thread-safe.
 */
public final class LabelShare {
  /** Least relative change that is told. */
  public static final double RELATIVE_LEAST = 0.3;

  /** Subject of its findings. */
  static final String SUBJECT = "label";

  private final int windowRows;
  private final double falseAlarmLevel;
  private @Nullable Share reference;
  private final Seasons<Share> seasons = new Seasons<>(this::noFurther);
  private int rows;
  private int positives;
  private long firstMs = Long.MAX_VALUE;
  private long lastMs = Long.MIN_VALUE;

  public LabelShare(int windowRows, double falseAlarmLevel) {
    this.windowRows = windowRows;
    this.falseAlarmLevel = falseAlarmLevel;
  }

  /** Takes an outcome; a finding when a window is full, else null. */
  public @Nullable DriftFinding add(Outcome outcome) {
    rows++;
    positives += outcome.positive() ? 1 : 0;
    firstMs = Math.min(firstMs, outcome.momentMs());
    lastMs = Math.max(lastMs, outcome.momentMs());
    if (rows < windowRows) {
      return null;
    }
    Share now = new Share(positives, rows);
    DriftFinding finding = null;
    if (reference == null) {
      reference = now;
    } else {
      finding = seasons.judge(judge(reference, now), reference, now);
    }
    rows = 0;
    positives = 0;
    firstMs = Long.MAX_VALUE;
    lastMs = Long.MIN_VALUE;
    return finding;
  }

  /** The labels of a window. */
  private record Share(long positives, long rows) {
    private double value() {
      return (double) positives / rows;
    }

    /** Relative to before; the share itself where there were none before. */
    private double changeSince(Share before) {
      double change = Math.abs(value() - before.value());
      return before.positives == 0 ? change : change / before.value();
    }

    private double pValue(Share before) {
      return Proportions.zTest(before.positives, before.rows, positives, rows).pValue();
    }
  }

  private boolean changed(Share before, Share now) {
    return now.pValue(before) <= falseAlarmLevel && now.changeSince(before) >= RELATIVE_LEAST;
  }

  private boolean noFurther(Share first, Share before, Share now) {
    boolean outwards = (now.value() - before.value()) * (now.value() - first.value()) > 0;
    return !outwards || !changed(before, now);
  }

  private DriftFinding judge(Share first, Share now) {
    return new DriftFinding(
        SUBJECT,
        Kind.LABEL,
        "z_proportions",
        now.changeSince(first),
        RELATIVE_LEAST,
        now.pValue(first),
        String.format(Locale.ROOT, "positive share %.4f → %.4f", first.value(), now.value()),
        false,
        changed(first, now),
        firstMs,
        lastMs,
        rows);
  }
}
