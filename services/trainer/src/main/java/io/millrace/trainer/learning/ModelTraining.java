// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import io.millrace.common.contract.ReferenceProfile;
import io.millrace.datasets.ColumnType;
import io.millrace.features.transform.Preprocessing;
import io.millrace.models.ModelInput;
import io.millrace.models.engine.Device;
import io.millrace.models.engine.Engines;
import io.millrace.models.engine.Scorer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * From rows to a fitted and evaluated model. Search and fitting see training rows only; the
 * evaluation rows are read once, at the end, with the final weights.
 */
public final class ModelTraining {
  /** What the columns with the keys of entities begin with. */
  private static final String ENTITY = "entity.";

  private static final int MIN_PART_ROWS = 20;

  private final InstantSource clock;
  private final long maxCells;

  /**
   * @param maxCells most values of a training matrix; memory is four bytes for each
   */
  public ModelTraining(InstantSource clock, long maxCells) {
    this.clock = clock;
    this.maxCells = maxCells;
  }

  /**
   * What was made.
   *
   * @param weights for the engine of the plan's algorithm
   * @param parameters of the final fit, with {@code steps}
   * @param trials the search, best first
   * @param evaluations {@code model}, {@code majority}, and {@code heuristic.<name>}
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Result(
      Preprocessing preprocessing,
      byte[] weights,
      Map<String, Double> parameters,
      List<RandomSearch.Trial> trials,
      Map<String, Evaluation> evaluations,
      ReferenceProfile profile) {}

  /**
   * Trains.
   *
   * @param heuristics name → rule
   * @param columns the dataset's columns, for the rules
   * @throws UntrainableException where the rows allow no model
   */
  public Result train(
      TrainingPlan plan,
      TrainingData data,
      Map<String, String> heuristics,
      Map<String, ColumnType> columns,
      RandomSearch.TrialListener listener)
      throws InterruptedException {
    TrainingData.Part train = data.train();
    int fitRows = train.size() - (int) Math.round(train.size() * RandomSearch.VALIDATION_SHARE);
    requireRows(plan.task(), data, fitRows);

    List<RandomSearch.Trial> trials = search(plan, train, fitRows, listener);
    RandomSearch.Trial best = trials.getFirst();
    Preprocessing preprocessing = train.fit(plan.learner().inputForm());
    Matrix rows = matrix(train, preprocessing);
    Learner.Fit fit =
        plan.learner()
            .fit(
                rows,
                null,
                best.steps(),
                plan.task(),
                best.parameters(),
                plan.seed(),
                (step, loss, none) -> {});
    double[] scores = score(plan, fit.weights(), matrix(data.eval(), preprocessing));
    Map<String, Double> parameters = new TreeMap<>(best.parameters());
    parameters.put("steps", (double) best.steps());
    return new Result(
        preprocessing,
        fit.weights(),
        parameters,
        trials,
        evaluate(plan.task(), data, scores, heuristics, columns),
        profile(data, scores));
  }

  private List<RandomSearch.Trial> search(
      TrainingPlan plan, TrainingData.Part train, int fitRows, RandomSearch.TrialListener listener)
      throws InterruptedException {
    TrainingData.Part fitPart = train.head(fitRows);
    // Constants from the fitted part alone, so that validation is as unseen as evaluation will be.
    Preprocessing preprocessing = fitPart.fit(plan.learner().inputForm());
    long deadline = clock.millis() + plan.budget().toMillis();
    return RandomSearch.run(
        plan.learner(),
        matrix(fitPart, preprocessing),
        matrix(train.tail(fitRows), preprocessing),
        plan.task(),
        plan.parameters(),
        plan.trials(),
        plan.seed(),
        () -> clock.millis() >= deadline,
        listener);
  }

  private Matrix matrix(TrainingData.Part part, Preprocessing preprocessing) {
    long cells = (long) part.size() * preprocessing.width();
    if (cells > maxCells) {
      throw new UntrainableException(
          "%d rows of %d columns are more than %d values"
              .formatted(part.size(), preprocessing.width(), maxCells));
    }
    return part.matrix(preprocessing);
  }

  private static double[] score(TrainingPlan plan, byte[] weights, Matrix rows) {
    try (Scorer scorer =
        Engines.of(plan.learner().algorithm()).load(weights, rows.width(), Device.configured())) {
      return scorer.score(rows.values(), rows.rows());
    }
  }

  private static void requireRows(Task task, TrainingData data, int fitRows) {
    List<String> reasons = new ArrayList<>();
    TrainingData.Part train = data.train();
    requirePart(reasons, task, "the fitted part of the training rows", train.head(fitRows));
    requirePart(reasons, task, "the validation part of the training rows", train.tail(fitRows));
    requirePart(reasons, task, "the evaluation rows", data.eval());
    if (!reasons.isEmpty()) {
      throw new UntrainableException(reasons.toArray(String[]::new));
    }
  }

  private static void requirePart(
      List<String> reasons, Task task, String name, TrainingData.Part part) {
    double[] labels = part.labels();
    if (labels.length < MIN_PART_ROWS) {
      reasons.add(name + " are " + labels.length + ", at least " + MIN_PART_ROWS + " are needed");
    } else if (Arrays.stream(labels).anyMatch(label -> !Double.isFinite(label))) {
      reasons.add(name + " have a label that is missing or not finite");
    } else if (task == Task.BINARY
        && Arrays.stream(labels).anyMatch(label -> label != 0 && label != 1)) {
      reasons.add(name + " have a label that is neither 0 nor 1");
    } else if (Arrays.stream(labels).distinct().limit(2).count() < 2) {
      reasons.add(name + " have only the label " + labels[0]);
    }
  }

  private static Map<String, Evaluation> evaluate(
      Task task,
      TrainingData data,
      double[] scores,
      Map<String, String> heuristics,
      Map<String, ColumnType> columns) {
    double[] labels = data.eval().labels();
    double[] constant = new double[labels.length];
    Arrays.fill(constant, mean(data.train().labels()));
    Map<String, Evaluation> evaluations = new LinkedHashMap<>();
    Evaluation model = Evaluation.of(task, scores, labels);
    if (task == Task.BINARY) {
      for (String column : columns.keySet()) {
        if (column.startsWith(ENTITY)) {
          String entity = column.substring(ENTITY.length());
          model = model.byEntity(entity, data.eval().texts(column), scores, labels);
        }
      }
    }
    evaluations.put("model", model);
    evaluations.put("majority", Evaluation.of(task, constant, labels));
    heuristics.forEach(
        (name, rule) -> {
          double[] ranks = Heuristics.scores(rule, data.eval(), columns);
          evaluations.put(
              "heuristic." + name,
              task == Task.BINARY
                  ? Evaluation.ofRanking(ranks, labels)
                  : Evaluation.of(task, ranks, labels));
        });
    return evaluations;
  }

  private static ReferenceProfile profile(TrainingData data, double[] scores) {
    Map<String, ReferenceProfile.Column> inputs = new LinkedHashMap<>();
    Map<String, List<Integer>> sample = new LinkedHashMap<>();
    for (ModelInput input : data.inputs()) {
      List<Integer> bins;
      ReferenceProfile.Column column;
      if (input.type() == ModelInput.Type.CATEGORY) {
        @Nullable String[] texts = data.train().texts(input.name());
        column = ReferenceProfile.categorical(texts);
        bins = ReferenceProfile.sampled(column, texts);
      } else {
        double[] numbers = data.train().numbers(input.name());
        column = ReferenceProfile.numeric(numbers);
        bins = ReferenceProfile.sampled(column, numbers);
      }
      inputs.put(input.name(), column);
      if (sample.size() < ReferenceProfile.SAMPLE_INPUTS) {
        sample.put(input.name(), bins);
      }
    }
    return new ReferenceProfile(
        inputs,
        ReferenceProfile.numeric(scores),
        mean(data.train().labels()),
        mean(data.eval().labels()),
        new ReferenceProfile.Sample(sample));
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }
}
