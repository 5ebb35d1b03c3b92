// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/** Distinct values, see {@link DistinctSet}. */
final class DistinctPartial extends RefPartial<DistinctSet> {
  private final int bound;

  DistinctPartial(int bound, int condition, int input) {
    super(numbered("distinct", bound), DistinctSet.class, condition, input);
    this.bound = bound;
  }

  double count(Tiles tiles, int slot) {
    DistinctSet set = summary(tiles, slot);
    return set == null ? 0 : set.count();
  }

  @Override
  long mostRefBytes() {
    return DistinctSet.mostBytes(bound);
  }

  @Override
  void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
    Object value = inputs.objects[input];
    if (value != null) {
      open(tiles, slot).add(Hashing.of(value));
    }
  }

  @Override
  DistinctSet create() {
    return new DistinctSet(bound);
  }

  @Override
  void merge(DistinctSet into, DistinctSet from) {
    into.addAll(from);
  }

  @Override
  void write(DistinctSet summary, ByteWriter out) {
    summary.write(out);
  }

  @Override
  DistinctSet read(ByteReader in) {
    return DistinctSet.read(bound, in);
  }
}
