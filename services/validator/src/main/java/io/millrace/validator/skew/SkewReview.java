// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.skew;

import io.millrace.common.contract.ColumnRules;
import io.millrace.common.contract.DataVerdict.Anomaly;
import io.millrace.datasets.Dataset;
import io.millrace.features.view.FeatureText;
import io.millrace.stats.test.DatasetDrift;
import io.millrace.stats.test.DriftPolicy;
import io.millrace.stats.test.DriftVerdict;
import io.millrace.validator.data.SchemaSkew;
import io.millrace.validator.data.SpanStatistics;
import io.millrace.validator.skew.ServedVectors.Vector;
import io.millrace.validator.skew.SkewReport.Difference;
import io.millrace.validator.skew.SkewReport.DistributionSkew;
import io.millrace.validator.skew.SkewReport.FeatureSkew;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares training rows with served vectors: their schema, their values row by row where a
 * prediction is among both, and their distributions. Two values are equal where they are the same
 * text or their difference is within a tolerance of the larger one; a value on one side only
 * differs.
 */
public final class SkewReview {
  /** Served vectors that are looked at, at most. */
  public static final int MOST_VECTORS = 200_000;

  /** Column of the label in a dataset. */
  public static final String LABEL = "label";

  private static final double LEVEL = 0.01;
  private static final int MOST_DIFFERENCES = 10;
  private static final int MOST_PREDICTIONS = 1_000;

  private final List<Dataset> files;
  private final List<String> inputs;
  private final double tolerance;
  private final Map<String, Place> byPrediction = new HashMap<>();
  private final SpanStatistics training = new SpanStatistics();
  private final SpanStatistics serving = new SpanStatistics();
  private long trainingRows;

  private record Place(Dataset file, int row) {
    @Nullable Object value(String column) {
      return file.value(column, row);
    }
  }

  private SkewReview(List<Dataset> files, List<String> inputs, double tolerance) {
    this.files = files;
    this.inputs = inputs.stream().filter(files.getFirst()::has).toList();
    this.tolerance = tolerance;
  }

  /**
   * What to compare by.
   *
   * @param datasetId name of the training rows
   * @param inputs what the model reads
   * @param label column of the label in the training rows
   * @param tolerance largest difference of two numbers, relative to the larger, that is none
   * @param thresholds input → what a person said of its skew
   */
  public record Terms(
      String app,
      String datasetId,
      List<String> inputs,
      String label,
      double tolerance,
      Map<String, ColumnRules.Thresholds> thresholds) {}

  /**
   * Compares.
   *
   * @param files the training rows, at least one file
   */
  public static SkewReport of(Terms terms, List<Dataset> files, List<Vector> served) {
    SkewReview review = new SkewReview(files, terms.inputs(), terms.tolerance());
    review.train(terms.label());
    served.forEach(
        each -> review.serving.add(0, 0, each.features(), SchemaSkew.NO_RULES, each.place()));
    return review.report(terms, served);
  }

  private void train(String label) {
    for (Dataset file : files) {
      boolean named = file.has("prediction_id");
      boolean labelled = file.has(label);
      for (int row = 0; row < file.rows(); row++) {
        Map<String, @Nullable Object> values = new HashMap<>();
        for (String input : inputs) {
          values.put(input, present(file.value(input, row)));
        }
        if (labelled) {
          values.put(label, file.value(label, row));
        }
        training.add(0, 0, values, SchemaSkew.NO_RULES, null);
        trainingRows++;
        if (named && file.value("prediction_id", row) instanceof String id) {
          byPrediction.put(id, new Place(file, row));
        }
      }
    }
  }

  private static @Nullable Object present(@Nullable Object value) {
    return value instanceof Double number && number.isNaN() ? null : value;
  }

  private SkewReport report(Terms terms, List<Vector> served) {
    List<String> notes = new ArrayList<>();
    List<Anomaly> schema = List.of();
    List<DistributionSkew> distributions = List.of();
    if (served.size() < SchemaSkew.LEAST_ROWS || trainingRows < SchemaSkew.LEAST_ROWS) {
      notes.add("too few rows to compare schema and distributions");
    } else {
      schema =
          SchemaSkew.check(training, serving, Set.of(terms.label()), terms.thresholds()).stream()
              .filter(each -> each.column() != null)
              .toList();
      distributions = distributions();
    }
    Map<String, Tally> tallies = new HashMap<>();
    inputs.forEach(input -> tallies.put(input, new Tally()));
    Set<String> joined = new HashSet<>();
    Set<String> mismatched = new HashSet<>();
    for (Vector vector : served) {
      Place trained = byPrediction.get(vector.predictionId());
      if (trained != null) {
        joined.add(vector.predictionId());
        if (compare(vector, trained, tallies)) {
          mismatched.add(vector.predictionId());
        }
      }
    }
    if (joined.isEmpty()) {
      notes.add("no served prediction is among the training rows: values were not compared");
    }
    List<FeatureSkew> features =
        tallies.entrySet().stream()
            .map(each -> each.getValue().result(each.getKey()))
            .sorted(
                Comparator.comparingLong(FeatureSkew::differing)
                    .reversed()
                    .thenComparing(FeatureSkew::feature))
            .toList();
    boolean skewed =
        !mismatched.isEmpty()
            || schema.stream().anyMatch(each -> each.severity().equals("ERROR"))
            || distributions.stream().anyMatch(DistributionSkew::drifted);
    return new SkewReport(
        "training-serving",
        terms.app(),
        terms.datasetId(),
        trainingRows,
        served.size(),
        joined.size(),
        skewed,
        schema,
        features,
        mismatched.size(),
        distributions,
        notes);
  }

  private boolean compare(Vector vector, Place trained, Map<String, Tally> tallies) {
    boolean any = false;
    for (String input : inputs) {
      Object then = present(trained.value(input));
      Object now = vector.features().get(input);
      Tally tally = Objects.requireNonNull(tallies.get(input));
      if (then == null && now == null) {
        continue;
      }
      tally.compared++;
      if (!same(then, now)) {
        any = true;
        tally.differs(vector.predictionId(), then, now);
      }
    }
    return any;
  }

  private boolean same(@Nullable Object then, @Nullable Object now) {
    if (then == null || now == null) {
      return false;
    }
    Double a = number(then);
    Double b = number(now);
    if (a == null || b == null) {
      return FeatureText.of(then).equals(FeatureText.of(now));
    }
    return a.equals(b) || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
  }

  private static @Nullable Double number(Object value) {
    return switch (value) {
      case Number number -> number.doubleValue() + 0.0; // −0 is 0
      case Boolean flag -> flag ? 1.0 : 0.0;
      default -> null;
    };
  }

  private List<DistributionSkew> distributions() {
    Map<String, Double> outside = SchemaSkew.outsideTraining(training.profile(), serving.profile());
    DatasetDrift.Report drift =
        DatasetDrift.compare(training.profile(), serving.profile(), LEVEL, DriftPolicy.DEFAULT);
    List<DistributionSkew> found = new ArrayList<>();
    for (String input : inputs) {
      DriftVerdict verdict = drift.verdicts().get(input);
      Double beyond = outside.get(input);
      found.add(
          switch (verdict) {
            case DriftVerdict.Drifted d ->
                new DistributionSkew(input, d.test(), true, d.effect(), d.pValue(), beyond);
            case DriftVerdict.Stable s ->
                new DistributionSkew(input, s.test(), false, s.effect(), s.pValue(), beyond);
            case DriftVerdict.Inconclusive i ->
                new DistributionSkew(input, i.reason(), false, null, null, beyond);
            case null -> new DistributionSkew(input, "no values", false, null, null, beyond);
          });
    }
    found.sort(
        Comparator.comparingDouble(
                (DistributionSkew each) -> each.distance() == null ? -1 : each.distance())
            .reversed());
    return found;
  }

  private static final class Tally {
    private final List<Difference> differences = new ArrayList<>();
    private final List<String> predictions = new ArrayList<>();
    private long compared;
    private long differing;
    private long onlyTrained;
    private long onlyServed;
    private double largest;

    private void differs(String id, @Nullable Object then, @Nullable Object now) {
      differing++;
      onlyTrained += now == null ? 1 : 0;
      onlyServed += then == null ? 1 : 0;
      if (then != null && now != null) {
        Double a = number(then);
        Double b = number(now);
        if (a != null && b != null) {
          largest = Math.max(largest, Math.abs(a - b));
        }
      }
      if (differences.size() < MOST_DIFFERENCES) {
        differences.add(new Difference(id, then, now));
      }
      if (predictions.size() < MOST_PREDICTIONS) {
        predictions.add(id);
      }
    }

    private FeatureSkew result(String feature) {
      return new FeatureSkew(
          feature,
          compared,
          differing,
          onlyTrained,
          onlyServed,
          largest,
          differences,
          predictions.stream().sorted().toList());
    }
  }
}
