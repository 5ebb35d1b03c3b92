// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

import java.util.Map;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;

class XgboostEngineTest extends ScorerContract {
  @Override
  ScorerEngine engine() {
    return Engines.of("xgboost");
  }

  @Override
  Trained train(float[] batch, float[] labels) throws Exception {
    DMatrix matrix = new DMatrix(batch, labels.length, WIDTH, Float.NaN);
    try {
      matrix.setLabel(labels);
      Booster booster =
          XGBoost.train(
              matrix,
              Map.of("objective", "binary:logistic", "max_depth", 3, "nthread", 1),
              20,
              Map.of(),
              null,
              null);
      try {
        float[][] predictions = booster.predict(matrix);
        double[] scores = new double[predictions.length];
        for (int row = 0; row < scores.length; row++) {
          scores[row] = predictions[row][0];
        }
        return new Trained(booster.toByteArray(XgboostEngine.FORMAT), scores);
      } finally {
        booster.dispose();
      }
    } finally {
      matrix.dispose();
    }
  }
}
