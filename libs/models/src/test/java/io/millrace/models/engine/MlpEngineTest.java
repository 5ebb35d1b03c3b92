// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

import static org.assertj.core.api.Assertions.assertThat;

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
import ai.djl.training.loss.Loss;
import org.junit.jupiter.api.Test;

class MlpEngineTest extends ScorerContract {
  @Override
  ScorerEngine engine() {
    return Engines.of("mlp");
  }

  /** A few dozen steps of gradient descent in PyTorch. */
  @Override
  Trained train(float[] batch, float[] labels) {
    Engine engine = MlpNetwork.engine();
    engine.setRandomSeed(7);
    try (NDManager manager = NDManager.newBaseManager(ai.djl.Device.cpu(), "PyTorch")) {
      Block block = MlpNetwork.block(8, 4);
      block.initialize(manager, DataType.FLOAT32, new Shape(1, WIDTH));
      NDArray x = manager.create(batch, new Shape(labels.length, WIDTH));
      NDArray y = manager.create(labels, new Shape(labels.length, 1));
      ParameterStore store = new ParameterStore(manager, false);
      Loss loss = Loss.sigmoidBinaryCrossEntropyLoss();
      block.getParameters().values().stream()
          .map(Parameter::getArray)
          .forEach(array -> array.setRequiresGradient(true));
      for (int step = 0; step < 40; step++) {
        try (GradientCollector collector = engine.newGradientCollector()) {
          NDList output = block.forward(store, new NDList(x), true);
          collector.backward(loss.evaluate(new NDList(y), output));
        }
        for (Parameter parameter : block.getParameters().values()) {
          NDArray array = parameter.getArray();
          array.subi(array.getGradient().mul(0.5f));
          array.getGradient().muli(0);
        }
      }
      float[] outputs =
          block.forward(store, new NDList(x), false).singletonOrThrow().toFloatArray();
      double[] scores = new double[outputs.length];
      for (int row = 0; row < scores.length; row++) {
        scores[row] = Link.LOGISTIC.apply(outputs[row]);
      }
      return new Trained(MlpNetwork.read(Link.LOGISTIC, block).toBytes(), scores);
    }
  }

  /** Runs where the engine sees an accelerator, and checks the refusal where it sees none. */
  @Test
  void load_gpu_usesItOrSaysThatThereIsNone() {
    float[] batch = batch(500, 1);
    Trained trained = train(batch, labels(batch));
    int gpus = MlpNetwork.engine().getGpuCount();
    if (gpus > 0) {
      try (Scorer scorer = engine().load(trained.weights(), WIDTH, Device.parse("gpu:0"))) {
        assertThat(scorer.score(batch, 500))
            .containsExactly(trained.scores(), org.assertj.core.data.Offset.offset(1e-5));
      }
    } else {
      org.assertj.core.api.Assertions.assertThatIllegalStateException()
          .isThrownBy(() -> engine().load(trained.weights(), WIDTH, Device.parse("gpu:0")))
          .withMessage("millrace.device asks for gpu:0, the engine sees 0");
    }
  }
}
