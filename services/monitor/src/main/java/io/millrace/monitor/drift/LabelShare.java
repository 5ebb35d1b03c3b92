// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.monitor.performance.Outcome;
import io.millrace.stats.test.Proportions;
import io.millrace.stats.test.TestOutcome;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether the share of positive labels has moved, window after window, against the version's first
 * window: z test of two proportions, and a change of at least {@value #RELATIVE_LEAST} of the
 * reference share. Not thread-safe.
 */
public final class LabelShare {
  /** Least relative change that is told. */
  public static final double RELATIVE_LEAST = 0.3;

  /** Subject of its findings. */
  static final String SUBJECT = "label";

  private final int windowRows;
  private final double falseAlarmLevel;
  private long referencePositives = -1;
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
    DriftFinding finding = referencePositives < 0 ? null : judge();
    if (referencePositives < 0) {
      referencePositives = positives;
    }
    rows = 0;
    positives = 0;
    firstMs = Long.MAX_VALUE;
    lastMs = Long.MIN_VALUE;
    return finding;
  }

  private DriftFinding judge() {
    TestOutcome outcome = Proportions.zTest(referencePositives, windowRows, positives, rows);
    double before = (double) referencePositives / windowRows;
    double now = (double) positives / rows;
    double relative = before == 0 ? now : Math.abs(now - before) / before;
    return new DriftFinding(
        SUBJECT,
        Kind.LABEL,
        "z_proportions",
        relative,
        RELATIVE_LEAST,
        outcome.pValue(),
        String.format(Locale.ROOT, "positive share %.4f → %.4f", before, now),
        false,
        outcome.pValue() <= falseAlarmLevel && relative >= RELATIVE_LEAST,
        firstMs,
        lastMs,
        rows);
  }
}
