// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.monitor.performance.Outcome;
import io.millrace.monitor.performance.RecentOutcomes;
import io.millrace.stats.detector.Change;
import org.jspecify.annotations.Nullable;

/**
 * Whether a version has become worse at what it predicts, by two watches: windows of outcomes
 * against its first one ({@link ConceptDrift}, a level per window), and all outcomes as one stream
 * ({@link OutcomeStream}, a level per version). The windows are quicker, and find what comes so
 * slowly that a detector takes it for its past; what the stream says holds however long it is.
 *
 * <p>What the stream calls changed is looked at once a quarter of a window of outcomes since then
 * shows its size; where the detector cannot date it, once a window has passed since the call, for
 * the stretch that looks worst would be chosen for looking so. It is a drift where quality has
 * fallen, not by chance, by the least that {@link ConceptDrift} asks, and out of season; else it is
 * recorded. It is one until all but {@value #BACK} of that least is back. A change before the first
 * window is full is part of what the version is held against. Not thread-safe.
 */
public final class ConceptWatch {
  private static final int QUARTER = 4;

  /** Share of what matters below which quality is back. */
  private static final double BACK = 0.5;

  private final int windowRows;
  private final ConceptDrift windows;
  private final @Nullable OutcomeStream stream;

  /** Outcomes since a change that is still to be looked at; 0 where there is none. */
  private long rowsSinceChange;

  private int rowsNeeded;
  private boolean better;
  private @Nullable DriftFinding lasting;
  private long rowsSinceDrift;

  /**
   * @param falseAlarmLevel probability of a false alarm per window, and of one ever by the stream
   * @param stream what watches the stream; null for nothing
   */
  public ConceptWatch(int windowRows, double falseAlarmLevel, @Nullable OutcomeStream stream) {
    this.windowRows = windowRows;
    this.windows = new ConceptDrift(windowRows, falseAlarmLevel);
    this.stream = stream;
  }

  /**
   * Takes an outcome.
   *
   * @param recent the last outcomes, this one among them
   * @return what was found, if it was time to look
   */
  public @Nullable DriftFinding look(Outcome outcome, RecentOutcomes recent) {
    DriftFinding byWindow = windows.look(recent);
    if (stream == null) {
      return byWindow;
    }
    DriftFinding byStream = look(stream, outcome, recent);
    ConceptDrift.Figures first = windows.first();
    if (byWindow == null || first == null) {
      return byStream;
    }
    if (byStream != null && (byStream.drifted() || !byWindow.drifted())) {
      return byStream;
    }
    lasting = lasting == null ? null : lasting(lasting, first, recent);
    return byWindow.drifted() || lasting == null ? byWindow : lasting;
  }

  private @Nullable DriftFinding look(
      OutcomeStream watched, Outcome outcome, RecentOutcomes recent) {
    rowsSinceChange += rowsSinceChange > 0 ? 1 : 0;
    rowsSinceDrift++;
    // One that cries at every other outcome would never be looked at if each began anew.
    if (watched.changed(outcome) && rowsSinceChange == 0) {
      Change change = watched.change().orElse(null);
      better = change != null && !change.rose();
      rowsSinceChange = change == null ? 1 : change.valuesAfter();
      rowsNeeded = change == null ? windowRows : windowRows / QUARTER;
    }
    ConceptDrift.Figures first = windows.first();
    if (rowsSinceChange == 0 || rowsSinceChange < rowsNeeded || first == null) {
      return null;
    }
    long rows = rowsSinceChange;
    rowsSinceChange = 0;
    return judge(watched.detector(), rows, recent, first);
  }

  private DriftFinding judge(
      String detector, long rows, RecentOutcomes recent, ConceptDrift.Figures first) {
    int known = (int) Math.min(rows, recent.size());
    ConceptDrift.Figures now = ConceptDrift.Figures.of(recent.last(known));
    DriftFinding size = ConceptDrift.size(first, now, detector, 1);
    boolean costs = windows.costs(first, now) && !better;
    DriftFinding finding =
        costs
            ? size.since(recent.last(known).getFirst().momentMs(), onset(rows, recent))
            : size.quiet();
    DriftFinding judged = windows.seasons().judge(finding, first, now);
    if (judged.drifted()) {
      lasting = judged;
      rowsSinceDrift = rows;
    } else if (!size.drifted()) {
      lasting = null;
    }
    return judged;
  }

  /** A drift as the outcomes since show it now; null where quality is back. */
  private @Nullable DriftFinding lasting(
      DriftFinding drift, ConceptDrift.Figures first, RecentOutcomes recent) {
    int rows = (int) Math.min(rowsSinceDrift, windowRows);
    DriftFinding size =
        ConceptDrift.size(first, ConceptDrift.Figures.of(recent.last(rows)), drift.test(), BACK);
    return size.drifted() ? size.since(drift.windowStartMs(), drift.onset()) : null;
  }

  /**
   * As narrow as the detector's starting points lie, which is a quarter of the way back; null where
   * the outcomes of then are forgotten.
   */
  private static DriftFinding.@Nullable Onset onset(long rows, RecentOutcomes recent) {
    long margin = rows / QUARTER;
    if (rows + margin > recent.size()) {
      return null;
    }
    return new DriftFinding.Onset(
        recent.last((int) (rows + margin)).getFirst().momentMs(),
        recent.last((int) (rows - margin)).getFirst().momentMs());
  }
}
