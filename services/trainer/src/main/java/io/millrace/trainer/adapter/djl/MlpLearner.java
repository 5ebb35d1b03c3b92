// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.optimizer.Adam;
import ai.djl.training.tracker.Tracker;
import io.millrace.models.engine.Device;
import io.millrace.models.engine.Link;
import io.millrace.models.engine.MlpEngine;
import io.millrace.models.engine.MlpNetwork;
import io.millrace.models.engine.MlpWeights;
import io.millrace.trainer.learning.EarlyStop;
import io.millrace.trainer.learning.Hyperparameter;
import io.millrace.trainer.learning.InputForm;
import io.millrace.trainer.learning.Learner;
import io.millrace.trainer.learning.Matrix;
import io.millrace.trainer.learning.ParameterSpace;
import io.millrace.trainer.learning.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A fully connected network, by Adam (Kingma and Ba, 2015) with He initialisation (He et al.,
 * 2015). Initial weights and the order of rows come from the seed through Java's generator, there
 * is no dropout, and operations use one thread: on one machine equal rows give equal weights;
 * another processor may sum in another order.
 */
public final class MlpLearner implements Learner {
  private static final ParameterSpace SPACE =
      new ParameterSpace(
          List.of(
              Hyperparameter.fixed("epochs", 20, 1, 1_000),
              Hyperparameter.fixed("early_stopping", 3, 1, 100),
              Hyperparameter.fixed("batch", 256, 8, 65_536),
              Hyperparameter.count("units", 64, 1, 4_096, 16, 96),
              Hyperparameter.count("layers", 2, 1, 8, 1, 3),
              Hyperparameter.scale("learning_rate", 1e-3, 1e-6, 1, 3e-4, 5e-3),
              Hyperparameter.scale("weight_decay", 1e-5, 0, 1, 1e-6, 1e-3)));

  private final Device device;

  public MlpLearner(Device device) {
    this.device = device;
  }

  @Override
  public String algorithm() {
    return MlpEngine.NAME;
  }

  @Override
  public InputForm inputForm() {
    return InputForm.STANDARDISED;
  }

  @Override
  public ParameterSpace space() {
    return SPACE;
  }

  @Override
  public int steps(Map<String, Double> parameters) {
    return parameters.getOrDefault("epochs", 20.0).intValue();
  }

  @Override
  public Map<String, String> environment() {
    return Map.of("pytorch", MlpNetwork.engine().getVersion(), "djl", Engine.getDjlVersion());
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
    Engine engine = MlpNetwork.engine();
    SplittableRandom random = new SplittableRandom(seed);
    int[] hidden = hidden(parameters);
    Link link = task == Task.BINARY ? Link.LOGISTIC : Link.IDENTITY;
    int batch = parameters.getOrDefault("batch", 256.0).intValue();
    EarlyStop stop =
        new EarlyStop(
            parameters.getOrDefault("early_stopping", 3.0).intValue(), validation != null);
    try (NDManager manager = NDManager.newBaseManager(MlpNetwork.device(device), "PyTorch")) {
      Block block = MlpNetwork.block(hidden);
      block.initialize(manager, DataType.FLOAT32, new Shape(1, train.width()));
      MlpNetwork.write(initial(link, train.width(), hidden, random), block);
      List<Parameter> parameterList = new ArrayList<>(block.getParameters().values());
      parameterList.forEach(each -> each.getArray().setRequiresGradient(true));
      ParameterStore store = new ParameterStore(manager, false);
      Adam adam =
          Adam.builder()
              .optLearningRateTracker(
                  Tracker.fixed(parameters.getOrDefault("learning_rate", 1e-3).floatValue()))
              .optWeightDecays(parameters.getOrDefault("weight_decay", 0.0).floatValue())
              .build();
      int[] order = order(train.rows());
      for (int epoch = 1; epoch <= steps; epoch++) {
        shuffle(order, random);
        double loss = 0;
        for (int from = 0; from < order.length; from += batch) {
          if (Thread.interrupted()) {
            throw new InterruptedException("stopped in epoch " + epoch);
          }
          int to = Math.min(order.length, from + batch);
          try (NDManager scope = manager.newSubManager()) {
            Batch rows = Batch.of(scope, train, order, from, to);
            try (GradientCollector collector = engine.newGradientCollector()) {
              NDArray value = loss(task, block.forward(store, new NDList(rows.x()), true), rows);
              collector.backward(value);
              loss += value.getFloat() * (to - from);
            }
            for (int i = 0; i < parameterList.size(); i++) {
              NDArray weights = parameterList.get(i).getArray();
              try (NDArray gradient = weights.getGradient()) {
                gradient.attach(scope);
                adam.update(Integer.toString(i), weights, gradient);
                gradient.muli(0);
              }
            }
          }
        }
        double validationLoss =
            validation == null ? Double.NaN : loss(manager, block, store, task, validation);
        boolean done = stop.after(epoch, loss / order.length, validationLoss);
        listener.step(epoch, loss / order.length, validationLoss);
        if (done) {
          break;
        }
      }
      return new Fit(MlpNetwork.read(link, block).toBytes(), stop.bestStep(), stop.bestLoss());
    }
  }

  /** Each further layer has half the units. */
  private static int[] hidden(Map<String, Double> parameters) {
    int layers = parameters.getOrDefault("layers", 2.0).intValue();
    int units = parameters.getOrDefault("units", 64.0).intValue();
    int[] hidden = new int[layers];
    for (int i = 0; i < layers; i++) {
      hidden[i] = Math.max(1, units >> i);
    }
    return hidden;
  }

  private static MlpWeights initial(Link link, int width, int[] hidden, SplittableRandom random) {
    List<MlpWeights.Layer> layers = new ArrayList<>();
    int in = width;
    for (int i = 0; i <= hidden.length; i++) {
      int out = i == hidden.length ? 1 : hidden[i];
      float[] weights = new float[in * out];
      double deviation = Math.sqrt(2.0 / in);
      for (int j = 0; j < weights.length; j++) {
        weights[j] = (float) (random.nextGaussian() * deviation);
      }
      layers.add(new MlpWeights.Layer(in, out, weights, new float[out]));
      in = out;
    }
    return new MlpWeights(link, layers);
  }

  private static int[] order(int rows) {
    int[] order = new int[rows];
    for (int i = 0; i < rows; i++) {
      order[i] = i;
    }
    return order;
  }

  private static void shuffle(int[] order, SplittableRandom random) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
  }

  /** Weighted mean loss; the logarithmic one as max(z, 0) − z·y + ln(1 + e^−|z|). */
  private static NDArray loss(Task task, NDList outputs, Batch rows) {
    NDArray z = outputs.singletonOrThrow();
    NDArray each =
        task == Task.BINARY
            ? z.maximum(0).sub(z.mul(rows.y())).add(z.abs().neg().exp().add(1).log())
            : z.sub(rows.y()).square().div(2);
    return each.mul(rows.weight()).sum().div(rows.weight().sum());
  }

  private static double loss(
      NDManager manager, Block block, ParameterStore store, Task task, Matrix rows) {
    int[] order = order(rows.rows());
    int chunk = 8_192;
    double sum = 0;
    for (int from = 0; from < order.length; from += chunk) {
      int to = Math.min(order.length, from + chunk);
      try (NDManager scope = manager.newSubManager()) {
        Batch part = Batch.of(scope, rows, order, from, to);
        NDList outputs = block.forward(store, new NDList(part.x()), false);
        sum += loss(task, outputs, part).getFloat() * (to - from);
      }
    }
    return sum / order.length;
  }

  /** Rows on the device; a missing value is 0, as in scoring. */
  private record Batch(NDArray x, NDArray y, NDArray weight) {
    static Batch of(NDManager scope, Matrix rows, int[] order, int from, int to) {
      int width = rows.width();
      int count = to - from;
      float[] x = new float[count * width];
      float[] y = new float[count];
      float[] weight = new float[count];
      for (int i = 0; i < count; i++) {
        int row = order[from + i];
        System.arraycopy(rows.values(), row * width, x, i * width, width);
        y[i] = rows.labels()[row];
        weight[i] = rows.weights()[row];
      }
      for (int i = 0; i < x.length; i++) {
        if (Float.isNaN(x[i])) {
          x[i] = 0;
        }
      }
      return new Batch(
          scope.create(x, new Shape(count, width)),
          scope.create(y, new Shape(count, 1)),
          scope.create(weight, new Shape(count, 1)));
    }
  }
}
