// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** The network of {@link MlpWeights} as a DJL block, for training and for scoring. */
public final class MlpNetwork {
  private MlpNetwork() {}

  /**
   * DJL's PyTorch engine, offline and with one thread per operation: scores come in small batches
   * from many threads, where more threads per operation only fight each other. Settings given from
   * outside stay.
   */
  public static Engine engine() {
    setDefault("ai.djl.offline", "true");
    setDefault("OPT_OUT_TRACKING", "true");
    setDefault("ai.djl.pytorch.num_threads", "1");
    setDefault("ai.djl.pytorch.num_interop_threads", "1");
    setDefault("ai.djl.pytorch.graph_optimizer", "false");
    return Engine.getEngine("PyTorch");
  }

  /** The DJL device: an accelerator where asked for, or where {@code auto} finds one. */
  public static ai.djl.Device device(Device device) {
    if (device.kind() == Device.Kind.CPU) {
      return ai.djl.Device.cpu();
    }
    int gpus = engine().getGpuCount();
    if (device.kind() == Device.Kind.GPU && device.index() >= gpus) {
      throw new IllegalStateException(
          "millrace.device asks for gpu:%d, the engine sees %d".formatted(device.index(), gpus));
    }
    return gpus == 0 ? ai.djl.Device.cpu() : ai.djl.Device.gpu(device.index());
  }

  /** A network without values. */
  public static Block block(int... hidden) {
    SequentialBlock block = new SequentialBlock();
    for (int units : hidden) {
      block.add(Linear.builder().setUnits(units).build()).add(Activation.reluBlock());
    }
    return block.add(Linear.builder().setUnits(1).build());
  }

  /** Copies weights into an initialised block. */
  public static void write(MlpWeights weights, Block block) {
    List<NDArray> arrays = arrays(block);
    if (arrays.size() != 2 * weights.layers().size()) {
      throw new IllegalArgumentException("the block has other layers than the weights");
    }
    for (int i = 0; i < weights.layers().size(); i++) {
      arrays.get(2 * i).set(FloatBuffer.wrap(weights.layers().get(i).weights()));
      arrays.get(2 * i + 1).set(FloatBuffer.wrap(weights.layers().get(i).biases()));
    }
  }

  /** Copies the weights of an initialised block. */
  public static MlpWeights read(Link link, Block block) {
    List<NDArray> arrays = arrays(block);
    List<MlpWeights.Layer> layers = new ArrayList<>();
    for (int i = 0; i < arrays.size(); i += 2) {
      NDArray weights = arrays.get(i);
      layers.add(
          new MlpWeights.Layer(
              (int) weights.getShape().get(1),
              (int) weights.getShape().get(0),
              weights.toFloatArray(),
              arrays.get(i + 1).toFloatArray()));
    }
    return new MlpWeights(link, layers);
  }

  private static List<NDArray> arrays(Block block) {
    return block.getParameters().values().stream().map(Parameter::getArray).toList();
  }

  private static void setDefault(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }
}
