// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.translate.Batchifier;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.TranslatorContext;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** Fully connected networks by DJL on PyTorch. */
public final class MlpEngine implements ScorerEngine {
  /** The algorithm's name. */
  public static final String NAME = "mlp";

  private static final int MAX_PREDICTORS = 8;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String weightsFile() {
    return "weights.mlp";
  }

  @Override
  public Scorer load(byte[] bytes, int width, Device device) {
    MlpWeights weights = MlpWeights.fromBytes(bytes);
    if (weights.width() != width) {
      throw new IllegalArgumentException(
          "the network has %d inputs, not %d".formatted(weights.width(), width));
    }
    MlpNetwork.engine();
    Model model = Model.newInstance("mlp", MlpNetwork.device(device), "PyTorch");
    try {
      Block block = MlpNetwork.block(weights.hidden());
      block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, width));
      MlpNetwork.write(weights, block);
      block.freezeParameters(true);
      model.setBlock(block);
      MlpScorer scorer = new MlpScorer(model, weights.link(), width);
      scorer.score(new float[width], 1);
      return scorer;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * A DJL predictor is for one thread at a time, so there is a pool of them; a caller waits where
   * all are busy, which bounds the memory of intermediate arrays.
   */
  private static final class MlpScorer extends GuardedScorer {
    private final Model model;
    private final BlockingQueue<Predictor<float[], double[]>> predictors;

    MlpScorer(Model model, Link link, int width) {
      super(width);
      this.model = model;
      int count = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAX_PREDICTORS);
      predictors = new ArrayBlockingQueue<>(count);
      for (int i = 0; i < count; i++) {
        predictors.add(model.newPredictor(new RowsTranslator(link, width)));
      }
    }

    @Override
    double[] compute(float[] batch, int rows) {
      try {
        Predictor<float[], double[]> predictor = predictors.take();
        try {
          return predictor.predict(batch);
        } finally {
          predictors.add(predictor);
        }
      } catch (TranslateException e) {
        throw new IllegalStateException("PyTorch: " + e.getMessage(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for a predictor", e);
      }
    }

    @Override
    void free() {
      predictors.forEach(Predictor::close);
      model.close();
    }
  }

  /** A batch of rows to one array and back; DJL frees both with the call. */
  private static final class RowsTranslator implements NoBatchifyTranslator<float[], double[]> {
    private final Link link;
    private final int width;

    RowsTranslator(Link link, int width) {
      this.link = link;
      this.width = width;
    }

    @Override
    public NDList processInput(TranslatorContext context, float[] batch) {
      float[] clean = batch.clone();
      for (int i = 0; i < clean.length; i++) {
        if (Float.isNaN(clean[i])) {
          clean[i] = 0; // as in the linear model: a missing value adds nothing
        }
      }
      NDManager manager = context.getNDManager();
      return new NDList(manager.create(clean, new Shape(clean.length / width, width)));
    }

    @Override
    public double[] processOutput(TranslatorContext context, NDList output) {
      float[] values = output.singletonOrThrow().toFloatArray();
      double[] scores = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        scores[i] = link.apply(values[i]);
      }
      return scores;
    }

    @Override
    public @org.jspecify.annotations.Nullable Batchifier getBatchifier() {
      return null;
    }
  }
}
