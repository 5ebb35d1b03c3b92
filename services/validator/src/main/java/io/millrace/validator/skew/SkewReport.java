// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.skew;

import io.millrace.common.contract.DataVerdict.Anomaly;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far what is served is from what a model is trained on.
 *
 * @param pairing always {@code training-serving}: what was compared with what
 * @param datasetId the training rows
 * @param trainingRows how many they are
 * @param servedRows vectors looked at
 * @param joined vectors whose prediction is among the training rows
 * @param skewed whether anything is wrong: an ERROR of the schema, a value or a distribution
 * @param schema schema skew, under TFDV's names; example rows are of {@code <app>.predictions}
 * @param features feature skew, the worst first
 * @param mismatchedRows joined vectors with any value that differs
 * @param distributions distribution skew by input, the furthest first
 */
public record SkewReport(
    String pairing,
    String app,
    String datasetId,
    long trainingRows,
    long servedRows,
    long joined,
    boolean skewed,
    List<Anomaly> schema,
    List<FeatureSkew> features,
    long mismatchedRows,
    List<DistributionSkew> distributions,
    List<String> notes) {
  public SkewReport {
    schema = List.copyOf(schema);
    features = List.copyOf(features);
    distributions = List.copyOf(distributions);
    notes = List.copyOf(notes);
  }

  /**
   * One input, value by value over the joined rows.
   *
   * @param compared rows with a value on either side
   * @param differing rows whose values differ
   * @param onlyTrained of those, rows with a value in training only
   * @param onlyServed of those, rows with a value in serving only
   * @param largestDifference of two numbers; 0 without any
   * @param differences some of them; {@code predictions} names them all up to its limit
   * @param predictions ids of the differing rows, sorted, at most 1,000
   */
  public record FeatureSkew(
      String feature,
      long compared,
      long differing,
      long onlyTrained,
      long onlyServed,
      double largestDifference,
      List<Difference> differences,
      List<String> predictions) {
    public FeatureSkew {
      differences = List.copyOf(differences);
      predictions = List.copyOf(predictions);
    }
  }

  /** One value that differs; null where one side has none. */
  public record Difference(
      String predictionId, @Nullable Object trained, @Nullable Object served) {}

  /**
   * One input as a whole.
   *
   * @param drifted whether the difference is significant and large
   * @param distance Jensen-Shannon distance, 0 to 1
   * @param pValue null where the test could not tell
   * @param outside share of the served numbers beyond the largest (positive) or below the smallest
   *     (negative) of the training rows
   */
  public record DistributionSkew(
      String feature,
      String test,
      boolean drifted,
      @Nullable Double distance,
      @Nullable Double pValue,
      @Nullable Double outside) {}
}
