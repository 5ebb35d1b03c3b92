// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/** Quantiles, see {@link KllSketch}. */
final class QuantilePartial extends RefPartial<KllSketch> {
  QuantilePartial(int condition, int input) {
    super("quantile", KllSketch.class, condition, input);
  }

  double quantile(Tiles tiles, int slot, double q) {
    KllSketch sketch = summary(tiles, slot);
    return sketch == null ? Double.NaN : sketch.quantile(q);
  }

  @Override
  long mostRefBytes() {
    return KllSketch.mostBytes();
  }

  @Override
  void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
    double value = inputs.numbers[input];
    if (!Double.isNaN(value)) {
      open(tiles, slot).add(value);
    }
  }

  @Override
  KllSketch create() {
    return new KllSketch();
  }

  @Override
  void merge(KllSketch into, KllSketch from) {
    into.addAll(from);
  }

  @Override
  void write(KllSketch summary, ByteWriter out) {
    summary.write(out);
  }

  @Override
  KllSketch read(ByteReader in) {
    return KllSketch.read(in);
  }
}
