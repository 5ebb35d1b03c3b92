// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A fully connected network with rectified-linear hidden layers and one output. The file format is
 * ours (big-endian: magic, link, layers with their sizes, weights and biases, CRC-32), so that it
 * depends on no framework's version and equal weights are equal bytes.
 *
 * @param link applied to the output
 * @param layers from the input on; the last one has one output
 */
public record MlpWeights(Link link, List<Layer> layers) {
  private static final int MAGIC = 0x4d4c5031; // "MLP1"
  private static final int MAX_LAYERS = 16;
  private static final int MAX_UNITS = 1 << 16;

  public MlpWeights {
    layers = List.copyOf(layers);
    if (layers.isEmpty() || layers.size() > MAX_LAYERS || layers.getLast().out() != 1) {
      throw new IllegalArgumentException("a network needs 1 to 16 layers that end in one output");
    }
    for (int i = 1; i < layers.size(); i++) {
      if (layers.get(i).in() != layers.get(i - 1).out()) {
        throw new IllegalArgumentException("layer " + i + " does not fit the one before it");
      }
    }
  }

  /**
   * One layer: {@code out} sums of {@code in} inputs.
   *
   * @param weights {@code out × in}, row by row
   * @param biases {@code out}
   */
  @SuppressWarnings("ArrayRecordComponent") // compared as bytes only
  public record Layer(int in, int out, float[] weights, float[] biases) {
    public Layer {
      if (in < 1 || out < 1 || weights.length != in * out || biases.length != out) {
        throw new IllegalArgumentException(
            "a layer of %d × %d has %d weights and %d biases"
                .formatted(in, out, weights.length, biases.length));
      }
    }
  }

  /** Columns per row. */
  public int width() {
    return layers.getFirst().in();
  }

  /** Sizes of the hidden layers. */
  public int[] hidden() {
    return layers.stream().limit(layers.size() - 1L).mapToInt(Layer::out).toArray();
  }

  public byte[] toBytes() {
    int size = 4 + 4 + 4 + 4;
    for (Layer layer : layers) {
      size += 8 + 4 * (layer.weights().length + layer.biases().length);
    }
    ByteBuffer buffer = ByteBuffer.allocate(size);
    buffer.putInt(MAGIC).putInt(link.ordinal()).putInt(layers.size());
    for (Layer layer : layers) {
      buffer.putInt(layer.in()).putInt(layer.out());
      for (float weight : layer.weights()) {
        buffer.putFloat(weight);
      }
      for (float bias : layer.biases()) {
        buffer.putFloat(bias);
      }
    }
    buffer.putInt(crc(buffer.array(), buffer.position()));
    return buffer.array();
  }

  /**
   * Reads {@link #toBytes}.
   *
   * @throws IllegalArgumentException where the bytes are something else, truncated or damaged
   */
  public static MlpWeights fromBytes(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    try {
      if (buffer.getInt() != MAGIC) {
        throw new IllegalArgumentException("not network weights: wrong magic number");
      }
      if (buffer.getInt(bytes.length - 4) != crc(bytes, bytes.length - 4)) {
        throw new IllegalArgumentException("network weights are truncated or damaged");
      }
      int link = buffer.getInt();
      int count = buffer.getInt();
      if (link < 0 || link >= Link.values().length || count < 1 || count > MAX_LAYERS) {
        throw new IllegalArgumentException("network weights have an unknown form");
      }
      List<Layer> layers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int in = buffer.getInt();
        int out = buffer.getInt();
        if (in < 1
            || in > MAX_UNITS
            || out < 1
            || out > MAX_UNITS
            || 4L * in * out > buffer.remaining()) {
          throw new IllegalArgumentException("network weights are truncated");
        }
        layers.add(new Layer(in, out, floats(buffer, in * out), floats(buffer, out)));
      }
      if (buffer.remaining() != 4) {
        throw new IllegalArgumentException("network weights have an unknown form");
      }
      return new MlpWeights(Link.values()[link], layers);
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("network weights are truncated", e);
    }
  }

  private static float[] floats(ByteBuffer buffer, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = buffer.getFloat();
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException("a network weight is not finite");
      }
    }
    return values;
  }

  private static int crc(byte[] bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
