// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.xgboost;

import io.millrace.models.engine.XgboostEngine;
import io.millrace.trainer.learning.EarlyStop;
import io.millrace.trainer.learning.Hyperparameter;
import io.millrace.trainer.learning.InputForm;
import io.millrace.trainer.learning.Learner;
import io.millrace.trainer.learning.Matrix;
import io.millrace.trainer.learning.ParameterSpace;
import io.millrace.trainer.learning.Task;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.jspecify.annotations.Nullable;

/**
 * Gradient-boosted trees by histogram. With one thread equal rows, parameters and seed give equal
 * weights; more threads sum gradients in an order of their own and need not.
 */
public final class XgboostLearner implements Learner {
  private static final Pattern LOSS = Pattern.compile("\\b(train|valid)-\\w+:([-+.\\w]+)");
  private static final int EVALUATE_EVERY = 5;
  private static final ParameterSpace SPACE =
      new ParameterSpace(
          List.of(
              Hyperparameter.fixed("rounds", 300, 1, 10_000),
              Hyperparameter.fixed("early_stopping", 20, 1, 1_000),
              Hyperparameter.scale("eta", 0.1, 1e-4, 1, 0.03, 0.3),
              Hyperparameter.count("max_depth", 5, 1, 20, 2, 8),
              Hyperparameter.scale("min_child_weight", 1, 0, 1e4, 0.5, 30),
              Hyperparameter.share("subsample", 0.8, 0.01, 1, 0.5, 1),
              Hyperparameter.share("colsample_bytree", 0.8, 0.01, 1, 0.4, 1),
              Hyperparameter.scale("lambda", 1, 0, 1e4, 0.1, 30),
              Hyperparameter.share("alpha", 0, 0, 1e4, 0, 0),
              Hyperparameter.share("gamma", 0, 0, 1e4, 0, 0)));

  private final int threads;

  /**
   * @param threads 1 for results that can be repeated bit by bit
   */
  public XgboostLearner(int threads) {
    this.threads = threads;
  }

  @Override
  public String algorithm() {
    return XgboostEngine.NAME;
  }

  @Override
  public InputForm inputForm() {
    return InputForm.RAW;
  }

  @Override
  public ParameterSpace space() {
    return SPACE;
  }

  @Override
  public int steps(Map<String, Double> parameters) {
    return parameters.getOrDefault("rounds", 300.0).intValue();
  }

  @Override
  public Map<String, String> environment() {
    return Map.of("xgboost", version(), "xgboost.threads", Integer.toString(threads));
  }

  @Override
  public Fit fit(
      Matrix train,
      @Nullable Matrix validation,
      int steps,
      Task task,
      Map<String, Double> parameters,
      long seed,
      StepListener listener)
      throws InterruptedException {
    DMatrix trainRows = null;
    DMatrix validationRows = null;
    Booster booster = null;
    try {
      trainRows = rows(train);
      validationRows = validation == null ? null : rows(validation);
      booster = XGBoost.train(trainRows, settings(task, parameters, seed), 0, Map.of(), null, null);
      EarlyStop stop =
          new EarlyStop(
              parameters.getOrDefault("early_stopping", 20.0).intValue(), validation != null);
      for (int step = 1; step <= steps; step++) {
        booster.update(trainRows, step - 1);
        boolean last = step == steps;
        if (validationRows == null && step % EVALUATE_EVERY != 0 && !last) {
          continue;
        }
        double[] losses = losses(booster, trainRows, validationRows, step);
        boolean done = stop.after(step, losses[0], losses[1]);
        listener.step(step, losses[0], losses[1]);
        if (done) {
          break;
        }
      }
      return new Fit(booster.toByteArray(XgboostEngine.FORMAT), stop.bestStep(), stop.bestLoss());
    } catch (XGBoostError e) {
      throw new IllegalStateException(
          "XGBoost: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""), e);
    } finally {
      if (booster != null) {
        booster.dispose();
      }
      if (validationRows != null) {
        validationRows.dispose();
      }
      if (trainRows != null) {
        trainRows.dispose();
      }
    }
  }

  /** The library says it in a resource of its own. */
  private static String version() {
    try (InputStream in = XGBoost.class.getResourceAsStream("/xgboost4j-version.properties")) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "unknown");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the version of XGBoost", e);
    }
  }

  private Map<String, Object> settings(Task task, Map<String, Double> parameters, long seed) {
    Map<String, Object> settings = new HashMap<>();
    parameters.forEach(
        (name, value) -> {
          if (!name.equals("rounds") && !name.equals("early_stopping")) {
            settings.put(name, name.equals("max_depth") ? (Object) value.intValue() : value);
          }
        });
    settings.put("objective", task == Task.BINARY ? "binary:logistic" : "reg:squarederror");
    settings.put("eval_metric", task == Task.BINARY ? "logloss" : "rmse");
    settings.put("tree_method", "hist");
    settings.put("seed", (int) (seed & 0x7fffffff));
    settings.put("nthread", threads);
    settings.put("verbosity", 0);
    return settings;
  }

  private static DMatrix rows(Matrix matrix) throws XGBoostError {
    DMatrix rows = new DMatrix(matrix.values(), matrix.rows(), matrix.width(), Float.NaN);
    try {
      rows.setLabel(matrix.labels());
      rows.setWeight(matrix.weights());
      return rows;
    } catch (XGBoostError e) {
      rows.dispose();
      throw e;
    }
  }

  private static double[] losses(
      Booster booster, DMatrix train, @Nullable DMatrix validation, int step) throws XGBoostError {
    String text =
        validation == null
            ? booster.evalSet(new DMatrix[] {train}, new String[] {"train"}, step)
            : booster.evalSet(
                new DMatrix[] {train, validation}, new String[] {"train", "valid"}, step);
    double[] losses = {Double.NaN, Double.NaN};
    Matcher matcher = LOSS.matcher(text);
    while (matcher.find()) {
      String figure = matcher.group(2);
      losses[matcher.group(1).equals("train") ? 0 : 1] =
          figure.contains("nan") || figure.contains("inf")
              ? Double.NaN
              : Double.parseDouble(figure);
    }
    return losses;
  }
}
