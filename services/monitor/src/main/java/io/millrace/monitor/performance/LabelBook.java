// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.performance;

import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.stats.profile.ColumnProfile;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The labels of an application as such: how they are balanced, where they came from, how long they
 * take, and how many negatives were premature, that is called negative because the window had
 * closed and positive by an event that came later. Bounded. Not thread-safe.
 */
public final class LabelBook {
  private static final double POSITIVE = 0.5;
  private static final double MS_PER_SECOND = 1_000;

  private final EnumMap<Provenance, Long> byProvenance = new EnumMap<>(Provenance.class);
  private final ColumnProfile delayS = new ColumnProfile();
  private long moments;
  private long positives;
  private long implicitNegatives;
  private long premature;

  /** Takes a label. */
  public void labelled(OutcomeLabelled label) {
    byProvenance.merge(label.provenance(), 1L, Long::sum);
    boolean positive = label.value() >= POSITIVE;
    if (label.revision() == 1) {
      moments++;
      positives += positive ? 1 : 0;
      implicitNegatives += label.provenance() == Provenance.IMPLICIT_NEGATIVE ? 1 : 0;
    } else if (label.provenance() == Provenance.CORRECTION && positive) {
      premature++;
      positives++;
    }
    if (positive) {
      delayS.update((label.labelledAtMs() - label.momentMs()) / MS_PER_SECOND);
    }
  }

  /** What people see. */
  public Report report() {
    Map<String, Long> counts = new TreeMap<>();
    byProvenance.forEach((provenance, count) -> counts.put(provenance.name(), count));
    long negatives = moments - positives;
    long rarer = Math.min(positives, negatives);
    return new Report(
        moments,
        positives,
        negatives,
        moments == 0 ? null : (Double) ((double) positives / moments),
        rarer == 0 ? null : (Double) ((double) Math.max(positives, negatives) / rarer),
        counts,
        implicitNegatives,
        premature,
        implicitNegatives == 0 ? null : (Double) ((double) premature / implicitNegatives),
        delay(0.5),
        delay(0.95),
        delay(0.99));
  }

  private @Nullable Double delay(double rank) {
    return delayS.numbers() == 0 ? null : (Double) delayS.quantile(rank);
  }

  /**
   * The labels so far; a figure that cannot be told is null.
   *
   * @param moments labelled moments
   * @param positives of them, as far as is known now
   * @param positiveShare of all
   * @param imbalance how many of the commoner class for one of the rarer
   * @param byProvenance how they came about; a correction counts beside what it corrects
   * @param implicitNegatives negative because the window closed
   * @param premature of them, positive after all
   * @param prematureNegativeRate their share of the implicit negatives
   * @param delayP50S seconds from the moment to the event that made it positive, median
   * @param delayP95S a label window of so long catches 95 % of those that came
   * @param delayP99S likewise 99 %
   */
  public record Report(
      long moments,
      long positives,
      long negatives,
      @Nullable Double positiveShare,
      @Nullable Double imbalance,
      Map<String, Long> byProvenance,
      long implicitNegatives,
      long premature,
      @Nullable Double prematureNegativeRate,
      @Nullable Double delayP50S,
      @Nullable Double delayP95S,
      @Nullable Double delayP99S) {}
}
