// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import io.millrace.stats.profile.Moments;

/**
 * Mean normalised discounted cumulative gain of ranked lists on a stream, each list (a request, a
 * session) counting alike; mergeable, constant memory, not thread-safe. Lists without anything
 * relevant have no gain to normalise by: they are counted and left out of the mean.
 */
public final class RankingMetricsAccumulator {
  private final int places;
  private final Moments gains = new Moments();
  private long irrelevant;

  /**
   * For the first places of each list.
   *
   * @param places 1 or more, as k in {@link RankingMetrics#ndcg}
   */
  public RankingMetricsAccumulator(int places) {
    if (places < 1) {
      throw new IllegalArgumentException("places must be at least 1, was " + places);
    }
    this.places = places;
  }

  /** Adds a list: the relevance of its items in the order shown, each at least 0. */
  public void add(double... relevance) {
    double gain = RankingMetrics.ndcg(relevance, places);
    if (Double.isNaN(gain)) {
      irrelevant++;
    } else {
      gains.add(gain);
    }
  }

  /**
   * Adds all that the other has seen.
   *
   * @throws IllegalArgumentException if it looks at another number of places
   */
  public void merge(RankingMetricsAccumulator other) {
    if (other.places != places) {
      throw new IllegalArgumentException("places differ: " + places + " and " + other.places);
    }
    gains.merge(other.gains);
    irrelevant += other.irrelevant;
  }

  /** Lists that the mean is of. */
  public long count() {
    return gains.count();
  }

  /** Lists without anything relevant. */
  public long irrelevant() {
    return irrelevant;
  }

  /** Mean over the lists; NaN when none had anything relevant. */
  public double ndcg() {
    return gains.mean();
  }

  /** Interval of {@link #ndcg()} for independent lists; [0, 1] below two. */
  public Interval interval(double confidence) {
    double error = gains.standardDeviation() / Math.sqrt((double) gains.count());
    return Interval.ofMean(gains.mean(), error, confidence, 0, 1);
  }
}
