// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.datasets.DatasetException;
import io.millrace.features.expression.ExpressionException;
import io.millrace.models.InvalidPackageException;
import io.millrace.models.LoadedModel;
import io.millrace.models.ModelInput;
import io.millrace.validator.model.Evaluation.Check;
import io.millrace.validator.model.Evaluation.Outcome;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tries a candidate: loads its package with the code that serves it, lets it answer its own
 * example, scores the held-out rows of its dataset and those of the champion beside it, and judges.
 * Whatever is wrong with the candidate ends in a refusal with its reason; what is wrong with a
 * service that is needed is thrown, so that the trial is made again. Thread-safe.
 */
public final class CandidateTrial {
  private static final int BATCH = 4_096;

  private final Packages packages;
  private final HeldOutRows heldOut;
  private final SkewGate skew;
  private final InstantSource clock;

  public CandidateTrial(
      Packages packages, HeldOutRows heldOut, SkewGate skew, InstantSource clock) {
    this.packages = packages;
    this.heldOut = heldOut;
    this.skew = skew;
    this.clock = clock;
  }

  /** Where packages come from. */
  @FunctionalInterface
  public interface Packages {
    /**
     * The package of a version as a file whose digest is the announced one.
     *
     * @throws InvalidPackageException where the trainer has something else, or nothing, for it
     * @throws UnavailableException where the trainer does not answer
     */
    Path fetch(ModelVersionChanged version);
  }

  /** Where datasets come from. */
  @FunctionalInterface
  public interface HeldOutRows {
    /**
     * The dataset's rows, verified against its manifest.
     *
     * @throws DatasetException where there is no such dataset or it is damaged
     * @throws UnavailableException where the feature store does not answer
     */
    EvaluationRows fetch(String app, String datasetId);
  }

  /** Whether a candidate was trained on what predictions are made of. */
  @FunctionalInterface
  public interface SkewGate {
    /**
     * What was found; empty where the application does not ask.
     *
     * @param rows all rows of the dataset
     * @throws UnavailableException where the predictions cannot be read now
     */
    Optional<Check> check(ApplicationDefinition definition, String datasetId, EvaluationRows rows);
  }

  /** A service that is needed does not answer: try again later. */
  public static final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnavailableException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Tries a candidate.
   *
   * @param champion the version that answers requests now; null without one
   * @throws UnavailableException where a service that is needed does not answer
   */
  public Evaluation run(
      ApplicationDefinition definition,
      ModelVersionChanged candidate,
      @Nullable ModelVersionChanged champion) {
    List<Check> checks = new ArrayList<>();
    try (LoadedModel model = LoadedModel.load(packages.fetch(candidate))) {
      double difference = model.verifyInputExample();
      checks.add(
          new Check(
              "infra",
              Outcome.PASSED,
              "loads and answers its %d example rows, largest difference %s"
                  .formatted(model.inputExample().scores().size(), difference)));
      String datasetId = candidate.datasetId();
      if (datasetId == null) {
        throw new DatasetException("the candidate names no dataset");
      }
      EvaluationRows rows = heldOut.fetch(candidate.app(), datasetId);
      ModelJudge.Trial trial = trial(definition, model, rows, champion);
      DataReview.Findings review =
          DataReview.of(
              rows.files(), model.metadata().inputs().stream().map(ModelInput::name).toList());
      checks.addAll(review.checks());
      ClassReport classes = ClassReview.of(rows.manifest(), trial.regression(), trial.scores());
      checks.add(ClassReview.check(classes));
      skew.check(definition, datasetId, rows).ifPresent(checks::add);
      ModelJudge.Findings findings = ModelJudge.judge(definition.gates(), rows, trial, checks);
      Map<String, Double> figures = new TreeMap<>(review.figures());
      figures.putAll(ClassReview.figures(classes));
      figures.putAll(findings.figures());
      return new Evaluation(
          candidate.app(),
          candidate.version(),
          findings.blessed(),
          findings.checks(),
          findings.slices(),
          figures,
          trial.champion() == null || champion == null ? null : champion.version(),
          clock.millis(),
          classes);
    } catch (InvalidPackageException e) {
      return refused(candidate, checks, "infra", "the package " + e.getMessage());
    } catch (DatasetException e) {
      return refused(candidate, checks, "dataset", String.valueOf(e.getMessage()));
    } catch (ExpressionException e) {
      return refused(candidate, checks, "heuristics", String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      return refused(candidate, checks, "signature", String.valueOf(e.getMessage()));
    }
  }

  private Evaluation refused(
      ModelVersionChanged candidate, List<Check> before, String name, String message) {
    List<Check> checks = new ArrayList<>(before);
    checks.add(new Check(name, Outcome.FAILED, message));
    return new Evaluation(
        candidate.app(),
        candidate.version(),
        false,
        checks,
        List.of(),
        Map.of("gate.checks", (double) checks.size()),
        null,
        clock.millis(),
        null);
  }

  private ModelJudge.Trial trial(
      ApplicationDefinition definition,
      LoadedModel model,
      EvaluationRows rows,
      @Nullable ModelVersionChanged champion) {
    double[] scores = scores(model, rows);
    Map<String, double[]> heuristics = new TreeMap<>();
    if (definition.model() != null) {
      definition
          .model()
          .heuristics()
          .forEach((name, rule) -> heuristics.put(name, HeuristicScores.of(rule, rows)));
    }
    boolean regression = "regression".equals(model.metadata().task());
    if (champion == null) {
      String note = "there is no champion yet: gates of change do not apply, thresholds do";
      return new ModelJudge.Trial(regression, scores, null, note, heuristics);
    }
    try (LoadedModel other = LoadedModel.load(packages.fetch(champion))) {
      return new ModelJudge.Trial(regression, scores, scores(other, rows), "", heuristics);
    } catch (InvalidPackageException | IllegalArgumentException e) {
      // Its inputs may be gone from the definition; the candidate is not to blame for that.
      String note =
          "champion %s cannot be scored on these rows: %s"
              .formatted(champion.version(), e.getMessage());
      return new ModelJudge.Trial(regression, scores, null, note, heuristics);
    }
  }

  private static double[] scores(LoadedModel model, EvaluationRows rows) {
    List<ModelInput> inputs = model.metadata().inputs();
    for (ModelInput input : inputs) {
      if (!rows.has(input.name())) {
        throw new IllegalArgumentException("the dataset lacks the input '" + input.name() + "'");
      }
    }
    double[] scores = new double[rows.size()];
    for (int from = 0; from < scores.length; from += BATCH) {
      List<@Nullable Object[]> batch = new ArrayList<>();
      for (int row = from; row < Math.min(scores.length, from + BATCH); row++) {
        @Nullable Object[] values = new Object[inputs.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = rows.value(inputs.get(i).name(), row);
        }
        batch.add(values);
      }
      double[] part = model.score(batch);
      System.arraycopy(part, 0, scores, from, part.length);
    }
    return scores;
  }
}
