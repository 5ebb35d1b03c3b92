// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the predictions of one span were made of what training rows of the same moments hold, on
 * {@code <app>.verdicts.skew}. Key: {@code <event>/<span>}, that of the span's data verdict. A
 * later one of the same key replaces an earlier one.
 *
 * @param event the deciding event
 * @param startMs event time, inclusive
 * @param endMs event time, exclusive
 * @param datasetId the training rows; null where there were none
 * @param trainingRows how many they are
 * @param servedRows predictions looked at
 * @param joined predictions that are among the training rows
 * @param mismatchedRows of those, how many were made of another value
 * @param status what follows
 * @param reasons what is wrong, the worst first, or why nothing could be said
 * @param features inputs with a value that differs, the worst first
 * @param schema findings about the served rows against the schema of the training rows
 * @param decidedAtMs wall clock
 */
public record SkewJudged(
    String app,
    String event,
    String span,
    long startMs,
    long endMs,
    @Nullable String datasetId,
    long trainingRows,
    long servedRows,
    long joined,
    long mismatchedRows,
    Status status,
    List<String> reasons,
    List<Feature> features,
    List<DataVerdict.Anomaly> schema,
    long decidedAtMs)
    implements SpanVerdict {
  public SkewJudged {
    reasons = List.copyOf(reasons);
    features = List.copyOf(features);
    schema = List.copyOf(schema);
  }

  /** The same without reasons and findings, which are large, for those who keep many. */
  public SkewJudged bare() {
    return new SkewJudged(
        app,
        event,
        span,
        startMs,
        endMs,
        datasetId,
        trainingRows,
        servedRows,
        joined,
        mismatchedRows,
        status,
        List.of(),
        List.of(),
        List.of(),
        decidedAtMs);
  }

  /** What became of a comparison. */
  public enum Status {
    ALIKE,
    SKEWED,
    /** Too few rows on either side to say. */
    INCONCLUSIVE
  }

  /**
   * One input, value by value.
   *
   * @param compared rows with a value on either side
   * @param differing rows whose values differ
   * @param largestDifference of two numbers; 0 without any
   * @param predictions some of the differing rows
   */
  public record Feature(
      String name,
      long compared,
      long differing,
      double largestDifference,
      List<String> predictions) {
    public Feature {
      predictions = List.copyOf(predictions);
    }
  }
}
