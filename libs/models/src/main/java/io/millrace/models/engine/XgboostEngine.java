// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

import java.io.IOException;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * Gradient-boosted trees by XGBoost. Scores with the in-place prediction, which is safe for
 * concurrent callers and makes no native matrix per call; each call uses the calling thread only.
 */
public final class XgboostEngine implements ScorerEngine {
  /** The algorithm's name. */
  public static final String NAME = "xgboost";

  /** How weights are written: XGBoost's own JSON, which its reader checks as it goes. */
  public static final String FORMAT = "json";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String weightsFile() {
    return "weights.xgboost.json";
  }

  @Override
  public Scorer load(byte[] weights, int width, Device device) {
    if (weights.length < 2 || weights[0] != '{' || weights[weights.length - 1] != '}') {
      throw new IllegalArgumentException(
          "not an XGBoost model: no JSON object, or a truncated one");
    }
    Booster booster;
    try {
      booster = XGBoost.loadModel(weights);
    } catch (XGBoostError | IOException e) {
      throw new IllegalArgumentException("not an XGBoost model: " + firstLine(e), e);
    }
    try {
      if (booster.getNumFeature() != width) {
        throw new IllegalArgumentException(
            "the trees use %d columns, not %d".formatted(booster.getNumFeature(), width));
      }
      booster.setParam("nthread", 1);
      XgboostScorer scorer = new XgboostScorer(booster, width);
      scorer.score(new float[width], 1);
      return scorer;
    } catch (XGBoostError e) {
      booster.dispose();
      throw new IllegalArgumentException("not a usable XGBoost model: " + firstLine(e), e);
    } catch (RuntimeException e) {
      booster.dispose();
      throw e;
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static final class XgboostScorer extends GuardedScorer {
    private final Booster booster;

    XgboostScorer(Booster booster, int width) {
      super(width);
      this.booster = booster;
    }

    @Override
    double[] compute(float[] batch, int rows) {
      try {
        float[][] predictions = booster.inplace_predict(batch, rows, width(), Float.NaN);
        double[] scores = new double[rows];
        for (int row = 0; row < rows; row++) {
          scores[row] = predictions[row][0];
        }
        return scores;
      } catch (XGBoostError e) {
        throw new IllegalStateException("XGBoost: " + firstLine(e), e);
      }
    }

    @Override
    void free() {
      booster.dispose();
    }
  }
}
