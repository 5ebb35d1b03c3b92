// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.performance;

import io.millrace.common.contract.PredictionServed;
import io.millrace.stats.metric.BinaryEstimates;
import io.millrace.stats.metric.BinaryMetricsAccumulator;
import io.millrace.stats.metric.Estimate;
import io.millrace.stats.profile.ColumnProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One model version: volumes, latency, scores, outcomes, and the course of its quality. Memory is
 * bounded by the window and the number of points kept. Not thread-safe.
 */
public final class VersionPerformance {
  private static final int POINTS_MAX = 500;
  private static final double POSITIVE = 0.5;

  private final String version;
  private final int windowRows;
  private final ColumnProfile latencyMs = new ColumnProfile();
  private final ColumnProfile scores = new ColumnProfile();
  private final BinaryMetricsAccumulator total = new BinaryMetricsAccumulator();
  private final RecentOutcomes recent;
  private final List<RecentOutcomes.Quality> points = new ArrayList<>();
  private long predictions;
  private long predictedPositives;
  private long fallbacks;
  private long outcomes;
  private long corrections;
  private int sincePoint;
  private Map<String, Estimate> estimates = Map.of();
  private long estimated = -1;

  /**
   * @param windowRows rows of the current window; four of them are remembered
   */
  public VersionPerformance(String version, int windowRows) {
    this.version = version;
    this.windowRows = windowRows;
    this.recent = new RecentOutcomes(4 * windowRows);
  }

  public void predicted(PredictionServed prediction) {
    predictions++;
    if (prediction.fallback() != null) {
      fallbacks++;
    }
    latencyMs.update(prediction.latencyMs());
    scores.update(prediction.score());
    predictedPositives += prediction.score() >= POSITIVE ? 1 : 0;
  }

  /** Takes an outcome; every quarter of a window a point of the course is kept. */
  public void outcome(Outcome outcome) {
    outcomes++;
    recent.add(outcome);
    total.add(Math.clamp(outcome.score(), 0, 1), outcome.positive());
    sincePoint++;
    if (sincePoint >= windowRows / 4) {
      sincePoint = 0;
      points.add(RecentOutcomes.quality(recent.last(windowRows / 2)));
      if (points.size() > POINTS_MAX) {
        points.removeFirst();
      }
    }
  }

  public void corrected(Outcome outcome) {
    corrections++;
    recent.correct(outcome);
  }

  public RecentOutcomes recent() {
    return recent;
  }

  public long outcomes() {
    return outcomes;
  }

  public long predictions() {
    return predictions;
  }

  /** What people see. */
  public Summary summary() {
    return new Summary(
        version,
        predictions,
        predictedPositives,
        scores.numbers() == 0 ? Double.NaN : scores.moments().mean(),
        fallbacks,
        outcomes,
        corrections,
        quantile(latencyMs, 0.5),
        quantile(latencyMs, 0.99),
        quantile(scores, 0.5),
        quantile(scores, 0.9),
        total.positives() == 0 || total.positives() == total.weight() ? Double.NaN : total.auc(),
        RecentOutcomes.quality(recent.last(windowRows)),
        estimates(),
        List.copyOf(points));
  }

  /** Whoever looks twice at the same outcomes does not pay for the bootstrap twice. */
  private Map<String, Estimate> estimates() {
    if (estimated != outcomes + corrections) {
      estimates = RecentOutcomes.estimates(recent.last(windowRows));
      estimated = outcomes + corrections;
    }
    return estimates;
  }

  private static double quantile(ColumnProfile profile, double rank) {
    return profile.numbers() == 0 ? Double.NaN : profile.quantile(rank);
  }

  /**
   * @param predictedPositives predictions of a score of at least 0.5
   * @param scoreMean mean score: the share of class 1 that a calibrated model expects
   * @param latencyMsP50 from acceptance to answer
   * @param aucSinceStart over all outcomes, from 1,000 score bins
   * @param current the last window
   * @param estimates the figures of the last window by name, each with its 95 % interval for
   *     independent rows, see {@link BinaryEstimates}
   * @param course one point per quarter of a window
   */
  public record Summary(
      String version,
      long predictions,
      long predictedPositives,
      double scoreMean,
      long fallbacks,
      long outcomes,
      long corrections,
      double latencyMsP50,
      double latencyMsP99,
      double scoreP50,
      double scoreP90,
      double aucSinceStart,
      RecentOutcomes.Quality current,
      Map<String, Estimate> estimates,
      List<RecentOutcomes.Quality> course) {}
}
