// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.util.stream.DoubleStream;

/**
 * Is the number of rows of an event-time span believable? Judged on a logarithmic scale, against
 * spans at the same time of day or on the same day of the week where there are some, so that a
 * daily rhythm does not alarm. An ERROR needs both: far outside the usual spread, and well below
 * the smallest good span of its like and the spans just before it (trade dies away before a
 * holiday). Growth is never an error.
 */
final class VolumeCheck {
  /** Good spans before anything is said. */
  static final int LEAST_SPANS = 5;

  /** Robust standard deviations of the logarithm. */
  static final double FAR = 4;

  /** Least standard deviation of the logarithm: volumes within ±25 % are never unusual. */
  static final double LEAST_SPREAD = 0.25;

  /** Share of the smallest good span of its like below which a span has collapsed. */
  static final double COLLAPSED = 0.5;

  /** The same where there are no spans of its like, only others. */
  static final double COLLAPSED_UNLIKE = 0.25;

  /** Spans just before it, half of the smallest of which a collapsed span must be below, too. */
  private static final int RECENT = 5;

  /** Smaller spans are too small to have a usual volume. */
  static final double LEAST_MEDIAN = 50;

  private static final double MAD_TO_SIGMA = 1.4826;

  private VolumeCheck() {}

  static void check(
      long rows, long startMs, SpanPlan plan, EventHistory history, Findings findings) {
    if (!(plan instanceof SpanPlan.EventTime) || history.volumes().size() < LEAST_SPANS) {
      return;
    }
    double[] usual = history.rowsLike(startMs, plan);
    double median = EventHistory.median(usual);
    if (median < LEAST_MEDIAN) {
      return;
    }
    double centre = Math.log(median);
    double[] deviations =
        DoubleStream.of(usual).map(each -> Math.abs(Math.log(each) - centre)).toArray();
    double spread = Math.max(LEAST_SPREAD, MAD_TO_SIGMA * EventHistory.median(deviations));
    double z = (Math.log((double) Math.max(rows, 1)) - centre) / spread;
    if (Math.abs(z) < FAR) {
      return;
    }
    double least = DoubleStream.of(usual).min().orElse(0);
    double most = DoubleStream.of(usual).max().orElse(0);
    double recent =
        history.recent(RECENT).stream().mapToDouble(EventHistory.GoodSpan::rows).min().orElse(0);
    boolean alike = usual.length < history.volumes().size();
    String observed = rows + " rows, " + Shares.number(z) + " deviations of the logarithm";
    String expected =
        "median %s of %d spans, %s to %s"
            .formatted(
                Shares.number(median), usual.length, Shares.number(least), Shares.number(most));
    if (z > 0) {
      findings.warning(
          null,
          AnomalyKind.DATASET_HIGH_NUM_EXAMPLES,
          observed,
          expected,
          "far more rows than usual");
    } else if (rows < (alike ? COLLAPSED : COLLAPSED_UNLIKE) * least && rows < COLLAPSED * recent) {
      findings.error(
          null, AnomalyKind.DATASET_LOW_NUM_EXAMPLES, observed, expected, "the volume collapsed");
    } else {
      findings.warning(
          null,
          AnomalyKind.DATASET_LOW_NUM_EXAMPLES,
          observed,
          expected,
          "far fewer rows than usual");
    }
  }
}
